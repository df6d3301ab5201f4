import Subprocess

/// A command that a test needs to prepare its world.
package enum TestCommand {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// No configuration of the machine or its user may change what a test sees.
    static let environment: [Environment.Key: String] = [
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C",
        "HOME": "/nonexistent",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "C", "GIT_COMMITTER_EMAIL": "c@example.org",
    ]

    /// Runs it to its end and returns what it printed, without the last line break.
    ///
    /// - Throws: `Failure` with its error output unless it exits with 0.
    @discardableResult
    package static func run(_ name: String, _ arguments: [String], input: [UInt8] = []) async throws -> String {
        let result = try await Subprocess.run(
            .name(name), arguments: Arguments(arguments), environment: .custom(environment), input: .array(input),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            let command = ([name] + arguments).joined(separator: " ")
            throw Failure(description: "\(command): \(result.terminationStatus): \(result.standardError)")
        }
        var text = result.standardOutput
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
