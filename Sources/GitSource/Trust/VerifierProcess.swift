import FoundationEssentials
import Glibc
import Reconciler

/// Runs the tools that check signatures, each in a process of its own.
struct VerifierProcess {
    struct Result {
        var exitCode: Int32
        var output: String
    }

    private static let outputLimit = 256 << 10

    /// The program that is started as `<executable> run-verifier`.
    var executable: String
    var deadline: ContinuousClock.Instant
    var isCancelled: () -> Bool
    /// What the tools run as; nil for what we are.
    var user: ChildUser?

    /// Where the tool finds a file, by its place among those that are handed over; what is signed is number 0.
    static func path(ofFile number: Int) -> String { "/proc/self/fd/\(ChildProcess.firstFile + Int32(number))" }

    /// - Parameters:
    ///   - signed: what the signature is said to be over, on the tool's standard input.
    ///   - files: the others, from number 1 on.
    /// - Throws: when the tool came to no verdict. That says nothing about the signature.
    func run(
        _ tool: VerifierTool, _ arguments: [String], signed: [UInt8], files: [[UInt8]]
    ) throws(SourceError) -> Result {
        let request = VerifierRequest(tool: tool, arguments: arguments, parent: getpid(), user: user)
        let process = ChildProcess(
            executable: executable, arguments: [VerifierLauncher.command], input: try encode(request),
            files: [signed] + files, outputLimit: Self.outputLimit)
        switch process.run(until: deadline, isCancelled: isCancelled) {
        case .exited(VerifierLauncher.failure, _, let errorText):
            throw SourceError(.unproven, "'\(tool.rawValue)' was not started: \(Redaction().apply(to: errorText))")
        case .exited(let code, let output, _):
            return Result(exitCode: code, output: String(decoding: output, as: UTF8.self))
        case .timedOut, .cancelled:
            throw SourceError(.timedOut, "'\(tool.rawValue)' did not judge the signature in time")
        case .signalled(let signal):
            throw SourceError(.unproven, "'\(tool.rawValue)' died of what it was given (signal \(signal))")
        case .tooMuchOutput: throw SourceError(.unproven, "'\(tool.rawValue)' said more than it should")
        case .notStarted(let number):
            throw SourceError(.unproven, "cannot start '\(executable)': \(SystemError.text(number))")
        }
    }

    private func encode(_ request: VerifierRequest) throws(SourceError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(request))
        } catch {
            throw SourceError(.unproven, "the request to check a signature cannot be written as JSON")
        }
    }
}
