package import Reconciler
import Subprocess

/// Runs the programs of the packet filter: each call one process, text on its standard input, and never a shell.
package struct FirewallCommand: Hashable, Sendable {
    /// What stands in front of every call: nothing, or what enters the network namespace of the engine.
    package let prefix: [String]

    package init(prefix: [String] = []) { self.prefix = prefix }

    /// What a program printed.
    package struct Output: Hashable, Sendable {
        package var text: String
        package var complaint: String
        package var isSuccess: Bool
    }

    /// The same for every call, so that nothing of ours depends on who started us.
    static let variables: [Subprocess.Environment.Key: String] = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
    ]

    /// The longest listing that is read: a table of some hundred thousand elements.
    private static let mostOutput = 64 << 20

    /// - Throws: `DriverError` when there is no such program; what it says itself is in the answer.
    package func run(_ arguments: [String], input: String = "") async throws(DriverError) -> Output {
        let words = prefix + arguments
        do {
            let result = try await Subprocess.run(
                .name(words[0]), arguments: Arguments(Array(words.dropFirst())),
                environment: .custom(Self.variables),
                input: .string(input), output: .string(limit: Self.mostOutput), error: .string(limit: 1 << 16))
            return Output(
                text: result.standardOutput, complaint: result.standardError,
                isSuccess: result.terminationStatus.isSuccess)
        } catch {
            throw DriverError(
                .terminal, .serverError, "'\(words[0])' cannot be run: \(error)", at: arguments.first ?? words[0])
        }
    }

    /// The same, where anything but success is an error of the program.
    package func succeed(_ arguments: [String], input: String = "") async throws(DriverError) -> String {
        let output = try await run(arguments, input: input)
        guard output.isSuccess else { throw DriverError(refusal: output.complaint, at: arguments) }
        return output.text
    }
}

extension DriverError {
    /// Sorts what the kernel said through a program: only what is full, or not allowed, needs a person.
    init(refusal complaint: String, at command: [String]) {
        let lines = complaint.split(separator: "\n").filter { !$0.isEmpty }
        let first =
            lines.first { $0.contains("rror") || $0.contains("not permitted") } ?? lines.first ?? "no reason given"
        let place = command.joined(separator: " ")
        if complaint.contains("Too many open files in system") {
            // That is how the kernel calls a set that is full (ENFILE).
            self.init(.transient, .noSpace, "a set of the packet filter is full: \(first)", at: place)
        } else if complaint.contains("Operation not permitted") {
            self.init(
                .transient, .unauthorized, "the packet filter may not be changed: CAP_NET_ADMIN is missing", at: place)
        } else {
            self.init(.transient, .serverError, String(first), at: place)
        }
    }
}
