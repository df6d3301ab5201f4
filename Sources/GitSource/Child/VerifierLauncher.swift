import FoundationEssentials
import Glibc

/// The child's side of checking a signature: the hidden command `reconcile run-verifier`.
///
/// `gpgv` and `ssh-keygen` read bytes that a stranger may have made. Under root they run as a user of their own, and always
/// without capabilities and a way to get any, with limits, and with files that exist in memory alone.
package enum VerifierLauncher {
    /// The name of the command.
    package static let command = "run-verifier"
    /// The exit status when there was nothing to become; neither tool has it.
    static let failure: Int32 = 96
    private static let cpuSeconds = 10

    /// Becomes the tool that the request on standard input names.
    ///
    /// - Returns: `failure`; when all is well it does not return.
    package static func run() -> Int32 {
        ProcessLimits.apply()
        guard let input = Descriptor.readAll(STDIN_FILENO, limit: 64 << 10) else {
            return complain("the request cannot be read")
        }
        let request: VerifierRequest
        do {
            request = try JSONDecoder().decode(VerifierRequest.self, from: Data(input))
        } catch {
            return complain("standard input holds no request: this command is for the daemon alone")
        }
        guard let path = request.tool.path else { return complain("there is no '\(request.tool.rawValue)'") }
        // What is signed comes first among the files, and both tools read it from standard input.
        guard dup2(ChildProcess.firstFile, STDIN_FILENO) == STDIN_FILENO, chdir("/") == 0 else {
            return complain("what is signed was not handed over")
        }
        do throws(Privileges.Failure) {
            try Privileges.drop(becoming: request.user)
        } catch {
            return complain(error.message)
        }
        // After the change of user, which undoes it.
        guard ProcessLimits.tie(to: request.parent, cpuSeconds: cpuSeconds) else {
            return complain("the process that asked is gone")
        }
        var arguments = ([request.tool.rawValue] + request.arguments).map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        execve(path, &arguments, &environment)
        return complain("'\(path)' cannot be started: \(SystemError.text(errno))")
    }

    private static func complain(_ message: String) -> Int32 {
        _ = Descriptor.writeAll(STDERR_FILENO, Array("run-verifier: \(message)\n".utf8))
        return failure
    }
}

/// What the daemon asks of `run-verifier`, in JSON on its standard input; the files stand open beside it.
struct VerifierRequest: Codable, Sendable {
    var tool: VerifierTool
    var arguments: [String]
    /// The process that the tool must not outlive.
    var parent: Int32
    /// What the tool is to run as; nil for what we are.
    var user: ChildUser?
}

/// The programs that check signatures.
enum VerifierTool: String, Codable, Sendable {
    case gpgv
    case sshKeygen = "ssh-keygen"

    private static let folders = ["/usr/bin", "/bin", "/usr/local/bin"]

    /// Where it is on this host; never looked for in `PATH`. nil when it is not there.
    var path: String? {
        Self.folders.map { "\($0)/\(rawValue)" }.first { access($0, X_OK) == 0 }
    }

    /// The Debian package that has it.
    var package: String {
        switch self {
        case .gpgv: "gpgv"
        case .sshKeygen: "openssh-client"
        }
    }
}
