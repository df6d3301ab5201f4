import FoundationEssentials
import Glibc
package import Reconciler

/// A `reconcile` that runs now.
package struct RunningProgram: Sendable {
    let program: Program
    package let process: Int32

    /// Started as any other program, whatever this one was launched by.
    private var command: Program { Program(path: program.path) }

    /// Asks it to end: SIGTERM.
    package func terminate() { signal(SIGTERM) }

    /// Ends it at this very moment: SIGKILL.
    package func kill() { signal(SIGKILL) }

    package func signal(_ number: Int32) { Glibc.kill(process, number) }

    /// Whether it still runs; false also while nobody has asked for its exit code yet.
    package var isRunning: Bool {
        // The state stands after the name, which is in parentheses and may hold anything.
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else {
            // There is no such process any more.
            return false
        }
        return !text[text.index(after: end)...].hasPrefix(" Z")
    }

    package func waitUntilEnded() async {
        while isRunning && !Task.isCancelled {
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// What `reconcile status` says about the daemon of this state directory; nil when it does not answer.
    package func status(stateDirectory: String) async throws -> HostStatus? {
        let ending = try await command.run(["status", "--state-dir", stateDirectory, "--output", "json"])
        guard ending.exitCode == 0 else { return nil }
        return try JSONDecoder().decode(HostStatus.self, from: Data(ending.output.utf8))
    }

    /// Runs a command such as `pause` against the daemon of this state directory.
    package func tell(_ words: [String], stateDirectory: String) async throws -> Program.Ending {
        try await command.run(words + ["--state-dir", stateDirectory])
    }
}
