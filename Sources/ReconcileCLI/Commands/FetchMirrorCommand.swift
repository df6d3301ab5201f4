import ArgumentParser
import GitSource

/// The child process that fetches: libgit2 knows no deadline, so the parent kills this one at its own.
struct FetchMirrorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch-mirror", abstract: "Fetch a mirror as a child process; not for people.",
        shouldDisplay: false)

    func run() async throws {
        let status = FetchMirror.run()
        if status != 0 { throw ExitCode(status) }
    }
}
