import ArgumentParser
import Reconciler
import Specs
import Storage

/// Checks the chain of the audit log.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that every line of the audit log is as it was written.",
        discussion: """
            Each line carries the hash of the one before, over all files. Lines that are missing at the very end, and a log \
            that was written anew, show only against a head that was kept elsewhere: --expect takes one as this command, \
            the status and the metrics print it.

            EXAMPLES
              reconcile audit verify
              reconcile audit verify --file /backup/audit.jsonl --expect 4711:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

            EXIT CODES
              0 as it was written, 1 the log cannot be read, 6 it is not as it was written,
              64 a command line that cannot be understood
            """)

    /// `--state-dir`, `--config` and `--output` are the program's own options, whichever command they stand behind.
    @ParentCommand var program: ReconcileCommand

    @OptionGroup var log: AuditOptions

    @Option(
        help: ArgumentHelp("A line that must be there: its number and the SHA-256 of it.", valueName: "number:hash"),
        transform: Self.head)
    var expect: AuditLog.Head?

    func run() async throws {
        let format = try PlainFormat(program.output)
        let verdict: AuditVerdict
        do {
            verdict = try AuditLog.verify(try log.path(program), expecting: expect)
        } catch {
            Terminal.complain("error: \(error)")
            throw ExitStatus.error
        }
        switch format {
        case .human: Terminal.print(AuditRenderer.text(verdict))
        case .json: Terminal.print(AuditRenderer.json(verdict).text)
        }
        if verdict.finding != nil { throw ExitStatus.altered }
    }

    /// - Throws: `ValidationError` that says what would be right.
    static func head(_ text: String) throws -> AuditLog.Head {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = UInt64(parts[0]), number > 0, parts[1].count == 64,
            parts[1].allSatisfy(\.isHexDigit)
        else {
            throw ValidationError("'\(text)' must be a line's number, ':' and 64 hexadecimal digits")
        }
        return AuditLog.Head(number: number, digest: parts[1].lowercased())
    }
}
