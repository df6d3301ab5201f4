import Glibc
import Subprocess

/// Makes system calls of a running process fail, by strace, until it is told to end.
package final class FaultInjector: Sendable {
    private let life: Task<Void, any Error>
    private let tracer: Int32

    /// Returns once strace has hold of every thread.
    ///
    /// - Parameters:
    ///   - process: which process; threads that it makes later are traced as well.
    ///   - rule: of `strace --inject`, such as `fsync:error=EIO`.
    package init(process: Int32, _ rule: String) async throws {
        let (started, signal) = AsyncStream<Int32>.makeStream()
        let calls = rule.prefix { $0 != ":" }
        life = Task {
            defer { signal.finish() }
            // Without the session of the tests: an interrupt must reach them first.
            var options = PlatformOptions()
            options.createSession = true
            _ = try await Subprocess.run(
                .name("strace"),
                arguments: [
                    "-f", "-p", String(process), "-e", "trace=\(calls)", "-e", "inject=\(rule)", "-o", "/dev/null",
                ],
                environment: .custom(TestCommand.environment), platformOptions: options, input: .none,
                output: .discarded, error: .sequence
            ) { execution in
                for try await line in execution.standardError.strings() where line.contains("attached") {
                    signal.yield(execution.processIdentifier.value)
                }
            }
        }
        var tracer: Int32?
        for await pid in started {
            tracer = pid
            break
        }
        guard let tracer else {
            try await life.value
            throw TestCommand.Failure(description: "strace did not attach to process \(process)")
        }
        self.tracer = tracer
    }

    /// Lets go of the process, which runs on unharmed.
    package func end() async throws {
        kill(tracer, SIGTERM)
        try await life.value
    }

    /// Its number may belong to somebody else by now; the task knows whether it has ended.
    deinit { life.cancel() }
}
