import FoundationEssentials
package import Reconciler

extension DockerClient {
    /// The version to speak: the newest that both sides know. Asked for once per engine, then remembered.
    ///
    /// - Throws: `.apiVersionUnsupported` (terminal) when there is none.
    package func negotiatedVersion() async throws(DriverError) -> APIVersion {
        if let version = session.version { return version }
        let place = "GET /_ping"
        let request = ReadRequest(RequestTarget("/_ping"), deadline: deadlines.read)
        let response = try await transport.read(request)
        guard response.status == 200 else {
            let message = DockerJSON.message(in: response.body)
            let refusal = DockerError(status: response.status, message: message, isWrite: false, place: place)
            throw DriverError(refusal)
        }
        guard let theirs = response.engine.apiVersion.flatMap({ APIVersion($0) }) else {
            let message = "the answer names no API version: this is not a Docker engine"
            throw DriverError(.transient, .badResponse, message, at: place)
        }
        guard theirs >= .oldest else {
            let message = "the engine speaks API \(theirs), and at least \(APIVersion.oldest) is needed (Docker 20.10)"
            throw DriverError(.terminal, .apiVersionUnsupported, message, at: place)
        }
        // Only an engine newer than us can have dropped what we speak.
        if theirs > .newest { try await requireStillSpoken(.newest) }
        let version = min(theirs, .newest)
        session.agree(on: version, with: response.engine)
        return version
    }

    private func requireStillSpoken(_ ours: APIVersion) async throws(DriverError) {
        let place = "GET /version"
        let response = try await transport.read(ReadRequest(RequestTarget("/version"), deadline: deadlines.read))
        let version: SystemVersion = try DockerJSON.decode(response.body, isWrite: false, place: place)
        guard let oldest = version.minAPIVersion.flatMap({ APIVersion($0) }), oldest > ours else { return }
        let message = "the engine speaks API \(oldest) and later, and at most \(ours) is known here"
        throw DriverError(.terminal, .apiVersionUnsupported, message, at: place)
    }

    /// Who the engine is and what it has; remembered until the engine may be another one, since it costs 4 ms.
    package func engineFacts() async throws(DriverError) -> EngineFacts {
        let version = try await negotiatedVersion()
        if let facts = session.facts { return facts }
        let info: SystemInfo = try await get("/info", deadline: deadlines.list)
        var facts = EngineFacts(
            apiVersion: version.description, version: info.serverVersion ?? "", cpus: info.cpus ?? 0,
            memory: info.memory ?? 0, limitsSwap: info.swapLimit ?? true, dataRoot: info.dataRoot,
            unsupported: info.unsupportedLimits)
        facts.runtimes = info.runtimes?.keys.sorted() ?? []
        if let options = info.securityOptions {
            let features = EngineInfo.features(in: options)
            (facts.hasSeccomp, facts.hasAppArmor) = (features.contains("seccomp"), features.contains("apparmor"))
        }
        session.facts = facts
        return facts
    }

    /// What happens to containers with this label, from now on. Ends with the connection.
    package func containerEvents(label: String) async throws(DriverError) -> AsyncStream<EngineEvent> {
        let filters = try DockerJSON.encode(["type": ["container"], "label": [label]], "GET /events")
        let query = [(name: "filters", value: String(decoding: filters, as: UTF8.self))]
        let target = RequestTarget("/events", query: query, version: try await negotiatedVersion())
        let request = ReadRequest(target, deadline: deadlines.read)
        let stream = try await onSession { () async throws(DriverError) in try await transport.stream(request) }
        try await check(stream, isWrite: false, place: "GET /events")
        let session = session
        return AsyncStream(bufferingPolicy: .bufferingNewest(4096)) { continuation in
            let reader = Task {
                var splitter = LineSplitter()
                do {
                    for try await chunk in stream.chunks {
                        for line in splitter.lines(adding: chunk) {
                            // A line that is no event is no hint; the resync finds what it was about.
                            guard let event = try? JSONDecoder().decode(EngineEvent.self, from: line) else { continue }
                            continuation.yield(event)
                        }
                    }
                } catch {
                    // How the stream ended makes no difference: the caller looks at everything and listens again.
                }
                session.forget()
                continuation.finish()
            }
            continuation.onTermination = { _ in reader.cancel() }
        }
    }

    /// Refuses an answer that is an error, whose body is its message.
    func check(_ stream: DockerStream, isWrite: Bool, place: String) async throws(DriverError) {
        var body = Data()
        if stream.status >= 300 {
            do {
                for try await chunk in stream.chunks where body.count < BodyLimit.error { body.append(chunk) }
            } catch {
                // The status says enough.
            }
        }
        try check(
            DockerResponse(status: stream.status, engine: stream.engine, body: body), isWrite: isWrite, place: place)
    }
}
