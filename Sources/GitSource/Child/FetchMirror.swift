import CGit2
import FoundationEssentials
import Glibc
import Reconciler

/// The child's side of a fetch: the hidden command `reconcile fetch-mirror`.
package enum FetchMirror {
    /// The name of the command.
    package static let command = "fetch-mirror"

    /// Reads a request from standard input, carries it out and writes one answer to standard output.
    ///
    /// It limits and isolates the whole process for good, so that nothing else may run in it.
    ///
    /// - Returns: the exit status: 0 when there was an answer, an error included.
    package static func run() -> Int32 {
        // Before anything is read: the limits on memory, disk and files need nothing from the request.
        ProcessLimits.apply()
        // A server that hangs up must be an error, not the end.
        signal(SIGPIPE, SIG_IGN)
        guard let input = Descriptor.readAll(STDIN_FILENO, limit: 1 << 20) else {
            return complain("the request cannot be read")
        }
        let request: FetchRequest
        do {
            request = try JSONDecoder().decode(FetchRequest.self, from: Data(input))
        } catch {
            return complain("standard input holds no request: this command is for the daemon alone")
        }
        guard ProcessLimits.tie(to: request.parent, cpuSeconds: request.cpuSeconds) else {
            return complain("the process that asked is gone")
        }
        do {
            let output = try JSONEncoder().encode(answer(request))
            return Descriptor.writeAll(STDOUT_FILENO, Array(output)) ? 0 : 1
        } catch {
            return complain("the answer cannot be written as JSON")
        }
    }

    private static func answer(_ request: FetchRequest) -> FetchReply {
        let secrets = [request.credentials.token, request.credentials.basicAuthorization]
        let redaction = Redaction(secrets: secrets.compactMap(\.self))
        do throws(FetchFailure) {
            try GitLibrary.prepare(for: request)
            return .fetched(try MirrorFetch(request).run())
        } catch {
            return .failed(
                code: error.error.code, message: redaction.apply(to: error.error.message),
                mirrorMayBeBroken: error.mirrorMayBeBroken)
        }
    }

    private static func complain(_ message: String) -> Int32 {
        _ = Descriptor.writeAll(STDERR_FILENO, Array("fetch-mirror: \(message)\n".utf8))
        return 1
    }
}
