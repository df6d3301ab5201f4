import Glibc
import Subprocess

/// The built `reconcile`, run as a process of its own.
///
/// No process outlives the call that started it, whatever the body or the program does.
package struct Program: Sendable {
    /// How a run ended.
    package struct Ending: Sendable, CustomStringConvertible {
        /// nil when a signal ended it.
        package let exitCode: Int32?
        package let signal: Int32?
        package let output: String
        package let errors: String

        package var description: String {
            let status = exitCode.map { "exit code \($0)" } ?? "signal \(signal ?? 0)"
            return "\(status)\n--- output\n\(output)\n--- errors\n\(errors)"
        }
    }

    /// What went wrong while the program ran, with what it printed.
    package struct Failure: Error, CustomStringConvertible {
        package let cause: any Error
        package let ending: Ending

        package var description: String { "\(cause)\nthe program: \(ending)" }
    }

    package let path: String
    /// What its environment holds besides what every program needs.
    package let environment: [String: String]
    /// What it is started by: settings of the environment such as `LD_PRELOAD=...`, then a command that becomes it.
    package var launcher: [String] = []

    package init(path: String = BuiltProduct.reconcile, environment: [String: String] = [:]) {
        self.path = path
        self.environment = environment
    }

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - deadline: after this it is killed, which its ending then shows.
    ///   - started: gets the process as soon as there is one.
    package func run(
        _ arguments: [String], deadline: Duration = .seconds(90),
        started: @Sendable (RunningProgram) -> Void = { _ in }
    ) async throws -> Ending {
        try await launch(arguments) { process in
            started(process)
            let watchdog = Task {
                try await Task.sleep(for: deadline)
                process.kill()
            }
            await process.waitUntilEnded()
            watchdog.cancel()
        }.ending
    }

    /// Runs it while the body runs; then it is killed, unless it has ended already.
    ///
    /// - Throws: `Failure` with all that the program printed when the body throws.
    @discardableResult
    package func running<Value: Sendable>(
        _ arguments: [String], _ body: (RunningProgram) async throws -> Value
    ) async throws -> (value: Value, ending: Ending) {
        let (outcome, ending) = try await launch(arguments) { process in
            do { return Result<Value, any Error>.success(try await body(process)) } catch { return .failure(error) }
        }
        switch outcome {
        case .success(let value): return (value, ending)
        case .failure(let error): throw Failure(cause: error, ending: ending)
        }
    }

    private func launch<Value: Sendable>(
        _ arguments: [String], _ body: (RunningProgram) async -> Value
    ) async throws -> (value: Value, ending: Ending) {
        let own = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
        var options = PlatformOptions()
        options.processGroupID = 0
        let result = try await Subprocess.run(
            // By way of env, which takes a path as text and becomes the program itself.
            .name("env"), arguments: Arguments(launcher + [path] + arguments),
            environment: .custom(TestCommand.environment.merging(own) { $1 }),
            platformOptions: options, input: .none, output: .string(limit: 16 << 20), error: .string(limit: 16 << 20)
        ) { execution in
            let process = RunningProgram(program: self, process: execution.processIdentifier.value)
            // Its children too. The group is ours alone, as its leader has not been waited for.
            defer { Glibc.kill(-process.process, SIGKILL) }
            return await body(process)
        }
        let ending: Ending
        switch result.terminationStatus {
        case .exited(let code):
            ending = Ending(exitCode: code, signal: nil, output: result.standardOutput, errors: result.standardError)
        case .signaled(let signal):
            ending = Ending(exitCode: nil, signal: signal, output: result.standardOutput, errors: result.standardError)
        }
        return (result.closureResult, ending)
    }
}
