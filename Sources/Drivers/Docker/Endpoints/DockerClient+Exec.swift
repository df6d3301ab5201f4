package import FoundationEssentials
package import Reconciler
import Specs

/// How a command in a container ended.
package struct ExecResult: Hashable, Sendable {
    /// The engine's name for this run of the command.
    package var id: String
    /// nil when it was still running at the deadline.
    package var exitCode: Int?
    /// The first bytes of what it wrote to standard output and standard error. May hold secrets.
    package var output: Data
}

extension DockerClient where Transport: WritingDockerTransport {
    /// Runs a command in a running container without a terminal and waits for its end.
    ///
    /// The engine cannot end a command that has begun: one that outlives the deadline goes on.
    package func exec(
        _ command: [String], in id: String, deadline: Duration, keeping limit: Int = 64 << 10
    ) async throws(DriverError) -> ExecResult {
        let created = try await send(
            .post, "\(Self.path(id))/exec", body: ExecCreation(command: command), returning: ExecCreated.self)
        let path = Self.path(exec: created.id)
        let place = "POST \(path)/start"
        let start = try await startExec(at: path, place: place)
        do {
            return try await withDeadline(deadline) {
                var parser = FrameParser(keeping: limit)
                for try await chunk in start.chunks { parser.add(chunk) }
                return ExecResult(id: created.id, exitCode: try await exitCode(ofExecAt: path), output: parser.output)
            }
        } catch is DeadlineExceeded {
            return ExecResult(id: created.id, exitCode: nil, output: Data())
        } catch let error as DriverError {
            throw error
        } catch {
            throw DriverError(TransportFailure(error), isWrite: true, place: place)
        }
    }

    /// Whether a command is still running; one that the engine has forgotten is not.
    package func isRunning(exec id: String) async throws(DriverError) -> Bool {
        do throws(DriverError) {
            let details: ExecDetails = try await get("\(Self.path(exec: id))/json")
            return details.isRunning
        } catch {
            if error.code == .notFound { return false }
            throw error
        }
    }

    /// The process of a command, as the engine counts; nil once it has ended.
    func process(ofExec id: String) async throws(DriverError) -> Int32? {
        let details: ExecDetails = try await get("\(Self.path(exec: id))/json")
        return details.isRunning ? details.pid : nil
    }

    private static func path(exec id: String) -> String { "/exec/" + PercentEncoding.encoded(id) }

    private func startExec(at path: String, place: String) async throws(DriverError) -> DockerStream {
        let target = RequestTarget("\(path)/start", version: try await negotiatedVersion())
        let body = try DockerJSON.encode(ExecStart(), place)
        let request = WriteRequest(.post, target, body: body, deadline: deadlines.write)
        let stream = try await onSession { () async throws(DriverError) in
            try await transport.writeStreaming(request)
        }
        try await check(stream, isWrite: true, place: place)
        return stream
    }

    /// The output can end before the engine has noted the exit, and before a command that closed it has ended.
    private func exitCode(ofExecAt path: String) async throws -> Int? {
        while true {
            let details: ExecDetails = try await get("\(path)/json")
            if !details.isRunning { return details.exitCode }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
