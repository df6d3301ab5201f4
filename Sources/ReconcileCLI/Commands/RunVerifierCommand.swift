import ArgumentParser
import GitSource

/// The child process that becomes `gpgv` or `ssh-keygen`, with as little as they need.
struct RunVerifierCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-verifier", abstract: "Check one signature as a child process; not for people.",
        shouldDisplay: false)

    func run() async throws {
        throw ExitCode(VerifierLauncher.run())
    }
}
