import FoundationEssentials
import Glibc
import Reconciler
import Specs
import Subprocess
import SystemPackage

/// Hooks of this host: programs and addresses that its own configuration names.
///
/// A program gets what it is asked for as arguments or on its standard input, and answers on its standard output; there is never a shell.
struct MetricHooks: Sendable {
    private static let mostOutput = 64 << 10
    /// Somebody buys a machine.
    private static let orderTimeout = Duration.seconds(60)

    private let hooks: [String: String]

    init(_ hooks: [String: String]) { self.hooks = hooks }

    /// The number that a hook answers with, or the one in its JSON.
    func reading(_ source: Autoscaler.ExternalSource) async -> MetricReading {
        await reading(of: source.hook, arguments: [], query: "", pointer: source.pointer, within: source.timeout)
    }

    /// How many jobs wait: a program gets the name of the queue, an address gets it as `queue`.
    func reading(_ source: Autoscaler.QueueSource) async -> MetricReading {
        await reading(
            of: source.hook, arguments: [source.name], query: "queue=\(PercentEncoding.encoded(source.name))",
            pointer: nil,
            within: source.timeout)
    }

    private func reading(
        of name: String, arguments: [String], query: String, pointer: String?, within timeout: Duration
    ) async -> MetricReading {
        guard let hook = hooks[name] else { return .unsupported(Self.unknown(name)) }
        do throws(MetricFailure) {
            let output: [UInt8]
            if Self.isAddress(hook) {
                let separator = hook.contains("?") ? "&" : "?"
                output = try await MetricHTTP.get(hook + (query.isEmpty ? "" : separator + query), within: timeout)
            } else {
                output = try await Self.run(hook, arguments, input: [], within: timeout)
            }
            return .whole(
                try JSONNumber.find(pointer, in: output), at: Instant(secondsSince1970: Int64(Glibc.time(nil))))
        } catch {
            return .failed("hook '\(name)': \(error.message)")
        }
    }

    /// - Returns: why it could not be told.
    func tell(_ name: String, _ order: HostPoolOrder) async -> String? {
        guard let hook = hooks[name] else { return Self.unknown(name) }
        do throws(MetricFailure) {
            guard let body = try? JSONEncoder().encode(order) else { throw MetricFailure("it cannot be written") }
            if Self.isAddress(hook) {
                try await MetricHTTP.post(Array(body), to: hook, within: Self.orderTimeout)
            } else {
                _ = try await Self.run(hook, [], input: Array(body), within: Self.orderTimeout)
            }
            return nil
        } catch {
            return "hook '\(name)': \(error.message)"
        }
    }

    private static func unknown(_ name: String) -> String { "'hooks.\(name)' is not in this host's configuration" }

    private static func isAddress(_ hook: String) -> Bool { hook.hasPrefix("http://") || hook.hasPrefix("https://") }

    /// Ends the program when the time is up, and all that it started.
    private static func run(
        _ program: String, _ arguments: [String], input: [UInt8], within timeout: Duration
    ) async throws(MetricFailure) -> [UInt8] {
        try await MetricFailure.within(timeout) { await output(of: program, arguments, input) }
    }

    private static func output(
        of program: String, _ arguments: [String], _ input: [UInt8]
    ) async -> Result<[UInt8], MetricFailure> {
        // A group of its own, which is killed as a whole: a script leaves what it waits for behind otherwise.
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        do {
            let result = try await Subprocess.run(
                // Never by way of env, which would take a path with a '=' for a variable, and the argument for the program.
                .path(FilePath(program)), arguments: Arguments(arguments),
                environment: .custom(["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"]),
                platformOptions: options, input: .array(input), output: .bytes(limit: mostOutput),
                error: .string(limit: 1 << 12))
            guard result.terminationStatus.isSuccess else {
                let complaint = result.standardError.split(separator: "\n").first.map { ": \($0)" } ?? ""
                return .failure(MetricFailure("it ended with \(result.terminationStatus)\(complaint)"))
            }
            return .success(result.standardOutput)
        } catch {
            return .failure(MetricFailure("'\(program)' cannot be run: \(error)"))
        }
    }
}
