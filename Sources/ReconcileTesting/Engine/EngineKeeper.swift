import FoundationEssentials
import Subprocess

/// The process of `scripts/engine` that owns one engine, and that removes it when this process ends.
///
/// The script watches a pipe of which only this process holds the other end. The kernel closes that end however the
/// process ends, SIGKILL and a crash included.
struct EngineKeeper: Sendable {
    let folder: String
    /// Ends after the engine has been removed; its value is what the script had to complain about.
    private let life: Task<String, any Error>

    static let script: String = {
        var root = URL(filePath: #filePath)
        // Sources/ReconcileTesting/Engine/EngineKeeper.swift
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.appending(path: "scripts/engine").path
    }()

    /// Starts an engine in a new folder, and returns when it answers.
    ///
    /// - Parameter more: further arguments of the script's `start`.
    /// - Throws: `PrivateEngine.Failure` with the script's complaint.
    init(folder: String, options more: [String] = []) async throws {
        self.folder = folder
        let (ready, signal) = AsyncStream<Void>.makeStream()
        life = Task {
            defer { signal.finish() }
            var options = PlatformOptions()
            // An interrupt from the terminal is for the tests; the engine follows them.
            options.createSession = true
            let result = try await Subprocess.run(
                .name("bash"), arguments: Arguments([Self.script, "start", "--dir", folder, "--while-stdin"] + more),
                platformOptions: options, input: .inputWriter, output: .sequence, error: .string(limit: 1 << 16)
            ) { execution in
                // One line when it is ready; the end of the output is the engine's. Until then its input is open.
                for try await _ in execution.standardOutput.strings() { signal.yield() }
                try await execution.standardInputWriter.finish()
            }
            return result.standardError
        }
        for await _ in ready { return }
        throw PrivateEngine.Failure(description: "no engine in '\(folder)': \(try await life.value)")
    }

    /// Has the script carry out one of its verbs on this engine.
    func control(_ verb: String) async throws {
        let result = try await Subprocess.run(
            .name("bash"), arguments: [Self.script, verb, "--dir", folder], output: .discarded,
            error: .string(limit: 1 << 16))
        guard result.terminationStatus.isSuccess else {
            let complaint = result.standardError
            throw PrivateEngine.Failure(description: "cannot \(verb) the engine in '\(folder)': \(complaint)")
        }
    }

    func remove() async throws {
        try await control("remove")
        _ = try await life.value
    }
}
