import ArgumentParser
import Foundation
import Reconciler
import Specs
import Storage

/// Prints entries of the audit log.
struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print what was done, by whom, and on whose word.",
        discussion: """
            The oldest comes first. All that is asked for must hold; '*' at the end of a word stands for anything. Neither \
            a daemon nor Docker is needed.

            EXAMPLES
              reconcile audit list --action pause --since 24h
              reconcile audit list --object 'Workload/web*' --last 20 -o json

            EXIT CODES
              0 printed, 1 the log cannot be read, 64 a command line that cannot be understood
            """)

    /// `--state-dir`, `--config` and `--output` are the program's own options, whichever command they stand behind.
    @ParentCommand var program: ReconcileCommand

    @OptionGroup var log: AuditOptions

    @Option(help: ArgumentHelp("A user, 'git', or 'reconcile' for what it decided itself.", valueName: "name"))
    var actor: String?

    @Option(help: ArgumentHelp("Such as pause, create-container or 'remove-*'.", valueName: "word"))
    var action: String?

    @Option(help: ArgumentHelp("Such as Workload/web or 'Workload/web/*'.", valueName: "name"))
    var object: String?

    @Option(help: ArgumentHelp("A commit, of which seven digits are enough.", valueName: "id"))
    var revision: String?

    @Option(
        help: ArgumentHelp("From this moment: 2026-11-21T16:00:00Z, or 24h ago.", valueName: "time"),
        transform: AuditMoment.parse)
    var since: AuditMoment?

    @Option(help: ArgumentHelp("Up to this moment.", valueName: "time"), transform: AuditMoment.parse)
    var until: AuditMoment?

    @Option(help: ArgumentHelp("So many of the newest. (default: 100)", valueName: "count"))
    var last: Int?

    @Flag(help: "All of them.")
    var all = false

    func validate() throws {
        if let last, last < 1 { throw ValidationError("--last '\(last)' must be 1 or more") }
        if last != nil && all { throw ValidationError("--last and --all exclude each other") }
        if let revision, !SourceOptions.isRevision(revision) {
            throw ValidationError("--revision '\(revision)' must be a commit id of 7 to 64 hexadecimal digits")
        }
    }

    func run() async throws {
        let format = try PlainFormat(program.output)
        do {
            let reading = try AuditLog.read(try log.path(program))
            let found = filter.apply(to: reading.records)
            let shown = all ? found : Array(found.suffix(last ?? 100))
            switch format {
            case .human: Terminal.print(AuditRenderer.text(shown, of: found.count))
            case .json: Terminal.print(AuditRenderer.json(shown).text)
            }
            if let place = reading.unreadable.first {
                Terminal.complain(
                    "warning: lines that cannot be read: \(reading.unreadable.count), the first at "
                        + "\(place.file):\(place.line); 'reconcile audit verify' says more")
            }
        } catch {
            Terminal.complain("error: \(error)")
            throw ExitStatus.error
        }
    }

    var filter: AuditFilter {
        let now = Instant(secondsSince1970: Int64(Date().timeIntervalSince1970))
        return AuditFilter(
            actor: actor, action: action, object: object, revision: revision?.lowercased(),
            since: since?.instant(now: now), until: until?.instant(now: now))
    }
}

/// A moment as it is typed: as it is, or so long ago.
enum AuditMoment: Hashable, Sendable {
    case at(Instant)
    case ago(Duration)

    /// - Throws: `ValidationError` that says what would be right.
    static func parse(_ text: String) throws -> AuditMoment {
        // One of the two forms is enough; neither is an error, and said here.
        if let duration = try? Duration.parse(text), duration >= .zero { return .ago(duration) }
        if let instant = try? Instant.parse(text) { return .at(instant) }
        throw ValidationError("'\(text)' must be a moment such as 2026-11-21T16:00:00Z, or a time such as 24h ago")
    }

    func instant(now: Instant) -> Instant {
        switch self {
        case .at(let instant): instant
        case .ago(let duration): Instant(secondsSince1970: now.secondsSince1970 - duration.components.seconds)
        }
    }
}

/// Which entries are asked for; nil is any.
struct AuditFilter: Hashable, Sendable {
    var actor: String?
    var action: String?
    var object: String?
    /// How the id begins.
    var revision: String?
    var since: Instant?
    var until: Instant?

    func apply(to records: [AuditRecord]) -> [AuditRecord] { records.filter { matches($0.entry) } }

    private func matches(_ entry: AuditEntry) -> Bool {
        Self.matches(entry.actor, actor) && Self.matches(entry.action, action) && Self.matches(entry.object, object)
            && (revision.map { entry.revision?.hasPrefix($0) == true } ?? true)
            && (since.map { entry.time >= $0 } ?? true) && (until.map { entry.time <= $0 } ?? true)
    }

    private static func matches(_ text: String, _ wanted: String?) -> Bool {
        guard let wanted else { return true }
        return wanted.hasSuffix("*") ? text.hasPrefix(wanted.dropLast()) : text == wanted
    }
}
