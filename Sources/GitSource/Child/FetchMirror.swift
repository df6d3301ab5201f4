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
    /// It limits and isolates the whole process for good, so that nothing else may run in it. Under root it becomes a user
    /// of its own, before the server is asked for the first byte.
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
        do throws(FetchFailure) {
            // What only we may read, as the file of an authority below a closed folder, is read before.
            try GitLibrary.prepare(for: request)
        } catch {
            return answer(failed(error, request))
        }
        do throws(Privileges.Failure) {
            try Privileges.drop(becoming: request.user)
        } catch {
            return complain(error.message)
        }
        // After the change of user, which undoes it.
        guard ProcessLimits.tie(to: request.parent, cpuSeconds: request.cpuSeconds) else {
            return complain("the process that asked is gone")
        }
        return answer(fetch(request))
    }

    private static func answer(_ reply: FetchReply) -> Int32 {
        do {
            let output = try JSONEncoder().encode(reply)
            return Descriptor.writeAll(STDOUT_FILENO, Array(output)) ? 0 : 1
        } catch {
            return complain("the answer cannot be written as JSON")
        }
    }

    private static func fetch(_ request: FetchRequest) -> FetchReply {
        do throws(FetchFailure) {
            try GitLibrary.fillHome(for: request)
            return .fetched(try MirrorFetch(request).run())
        } catch {
            return failed(error, request)
        }
    }

    private static func failed(_ failure: FetchFailure, _ request: FetchRequest) -> FetchReply {
        let secrets = [request.credentials.token, request.credentials.basicAuthorization]
        let message = Redaction(secrets: secrets.compactMap(\.self)).apply(to: failure.error.message)
        return .failed(code: failure.error.code, message: message, mirrorMayBeBroken: failure.mirrorMayBeBroken)
    }

    private static func complain(_ message: String) -> Int32 {
        _ = Descriptor.writeAll(STDERR_FILENO, Array("fetch-mirror: \(message)\n".utf8))
        return 1
    }
}
