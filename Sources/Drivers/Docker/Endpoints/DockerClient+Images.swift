import FoundationEssentials
package import Reconciler
import Specs

extension DockerClient {
    /// The image behind a reference; nil when it is not on the host.
    package func image(_ reference: String) async throws(DriverError) -> ImageDetails? {
        do throws(DriverError) {
            return try await get("/images/" + PercentEncoding.encoded(reference, keeping: "/:@") + "/json")
        } catch {
            if error.code == .imageNotFound || error.code == .notFound { return nil }
            throw error
        }
    }

    /// The ids of all images that have a name, by every tag and digest that leads to them.
    package func taggedImages() async throws(DriverError) -> [String: String] {
        let images: [ImageSummary] = try await get("/images/json")
        var ids: [String: String] = [:]
        for image in images {
            for name in (image.tags ?? []) + (image.digests ?? []) where !name.contains("<none>") {
                ids[name] = image.id
            }
        }
        return ids
    }
}

extension DockerClient where Transport: WritingDockerTransport {
    /// Pulls an image and reads the progress to its end: a failure comes as a line of it, under the status 200.
    ///
    /// A pull that failed is safe to repeat, so that none of its failures is `.unknown`.
    ///
    /// - Parameters:
    ///   - progress: told how far it is with all that the engine says.
    ///   - report: the same, each time that `deadlines.pullReport` has passed.
    package func pull(
        _ image: ImageReference, credentials: RegistryCredentials.Answer,
        progress: @escaping @Sendable (PullMeter) -> Void = { _ in },
        report: @escaping @Sendable (PullMeter) -> Void = { _ in }
    ) async throws(DriverError) {
        let place = "POST /images/create"
        do throws(DriverError) {
            let query = [(name: "fromImage", value: image.name), (name: "tag", value: image.tagOrDigest)]
            let target = RequestTarget("/images/create", query: query, version: try await negotiatedVersion())
            let headers = credentials.header.map { [(name: "X-Registry-Auth", value: $0)] } ?? []
            let request = WriteRequest(.post, target, headers: headers, deadline: deadlines.pull)
            let stream = try await onSession { () async throws(DriverError) in
                try await transport.writeStreaming(request)
            }
            try await check(stream, isWrite: true, place: place)
            try await readProgress(of: stream, place: place, progress: progress, report: report)
        } catch {
            throw Self.pullFailure(error, note: credentials.note)
        }
    }

    private func readProgress(
        of stream: DockerStream, place: String, progress: @escaping @Sendable (PullMeter) -> Void,
        report: @escaping @Sendable (PullMeter) -> Void
    ) async throws(DriverError) {
        let failure: String?
        do {
            failure = try await withDeadline(deadlines.pull) {
                var splitter = LineSplitter()
                var failure: String?
                var meter = PullMeter()
                var lastReport = ContinuousClock.now
                for try await chunk in stream.chunks {
                    for line in splitter.lines(adding: chunk).compactMap(Self.progress) {
                        failure = line.error ?? failure
                        meter.add(line)
                    }
                    progress(meter)
                    if ContinuousClock.now - lastReport < deadlines.pullReport { continue }
                    lastReport = ContinuousClock.now
                    report(meter)
                }
                return splitter.remainder().flatMap(Self.progress)?.error ?? failure
            }
        } catch {
            throw DriverError(TransportFailure(error), isWrite: true, place: place)
        }
        guard let failure else { return }
        // Its words decide; 500 says the least.
        throw DriverError(DockerError(status: 500, message: failure, isWrite: true, place: place))
    }

    private static func progress(_ line: Data) -> PullProgress? {
        // Lines that are no progress are no failure either; the image is looked up afterwards.
        try? JSONDecoder().decode(PullProgress.self, from: line)
    }

    private static func pullFailure(_ error: DriverError, note: String?) -> DriverError {
        var error = error
        if error.code == .serverError || error.code == .notFound {
            let isDenied = ["unauthorized", "denied", "no basic auth"].contains { error.message.contains($0) }
            error.code = isDenied ? .unauthorized : .pullFailed
            error.disposition = isDenied ? .terminal : .transient
        }
        if error.disposition == .unknown { error.disposition = .transient }
        if let note, [.unauthorized, .imageNotFound].contains(error.code) { error.message += " (\(note))" }
        return error
    }
}
