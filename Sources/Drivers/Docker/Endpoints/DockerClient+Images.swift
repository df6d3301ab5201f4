import FoundationEssentials
package import Reconciler

extension DockerClient {
    /// The image behind a reference; nil when it is not on the host.
    package func image(_ reference: String) async throws(DriverError) -> ImageDetails? {
        do throws(DriverError) {
            return try await get("/images/" + RequestTarget.encoded(reference, keeping: "/:@") + "/json")
        } catch {
            if error.code == .imageNotFound || error.code == .notFound { return nil }
            throw error
        }
    }
}

extension DockerClient where Transport: WritingDockerTransport {
    /// Pulls an image and reads the progress to its end: a failure comes as a line of it, under the status 200.
    ///
    /// A pull that failed is safe to repeat, so that none of its failures is `.unknown`.
    package func pull(_ image: ImageReference, credentials: RegistryCredentials.Answer) async throws(DriverError) {
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
            try await readProgress(of: stream, place: place)
        } catch {
            throw Self.pullFailure(error, note: credentials.note)
        }
    }

    private func readProgress(of stream: DockerStream, place: String) async throws(DriverError) {
        let failure: String?
        do {
            failure = try await withDeadline(deadlines.pull) {
                var splitter = LineSplitter()
                var failure: String?
                for try await chunk in stream.chunks {
                    for line in splitter.lines(adding: chunk) { failure = Self.failure(in: line) ?? failure }
                }
                return splitter.remainder().flatMap(Self.failure) ?? failure
            }
        } catch {
            throw DriverError(TransportFailure(error), isWrite: true, place: place)
        }
        guard let failure else { return }
        // Its words decide; 500 says the least.
        throw DriverError(DockerError(status: 500, message: failure, isWrite: true, place: place))
    }

    private static func failure(in line: Data) -> String? {
        // Lines that are no progress are no failure either; the image is looked up afterwards.
        (try? JSONDecoder().decode(PullProgress.self, from: line))?.error
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
