import API
import ArgumentParser
import Foundation
import Reconciler
import Specs

/// Shows what happened, and what happens.
struct EventsCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happened on this host, oldest first.",
        discussion: """
            With --follow it goes on with what happens, until it is interrupted; -o json then prints one object a line.

            EXAMPLES
              reconcile events Workload/web --severity Warning
              reconcile events --follow

            \(questionExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp("Only of this object and its members.", valueName: "kind/name"), completion: .objects)
    var what: String?

    @Flag(name: .shortAndLong, help: "Go on with what happens.")
    var follow = false

    @Option(help: ArgumentHelp("The same as an option.", valueName: "kind/name"), completion: .objects)
    var object: String?

    @Option(help: ArgumentHelp("Only Normal or Warning.", valueName: "severity"))
    var severity: EventRecord.Severity?

    @Option(help: ArgumentHelp("Only with this reason, such as Started.", valueName: "reason"))
    var reason: String?

    @Option(help: "The newest so many, up to 10000.")
    var limit = 100

    func validate() throws {
        if what != nil && object != nil { throw ValidationError("name the object once: as a word or with --object") }
        _ = try query()
        guard (0...10_000).contains(limit) else { throw ValidationError("--limit must be 0 to 10000") }
    }

    func query() throws -> EventQuery {
        var id: ResourceID?
        if let word = what ?? object {
            id = try ObjectWord.parse(argument: word).id
            if id == nil { throw ValidationError("'\(word)' must be KIND/NAME, such as Workload/web") }
        }
        return EventQuery(object: id, severity: severity, reason: reason)
    }

    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws {
        let query = try query()
        let events = limit == 0 ? [] : try await client.events(query, limit: limit)
        switch (format, follow) {
        case (.human, _): for line in EventTable.lines(events) { Terminal.print(line) }
        case (.json, false): return Terminal.print(try Terminal.json(["items": events]))
        case (.json, true): for event in events { Terminal.print(try Self.line(event)) }
        }
        if !follow {
            if events.isEmpty { Terminal.complain("no events") }
            return
        }
        try await client.follow(query) { event in
            Terminal.print(format == .json ? try Self.line(event) : EventTable.line(event))
        }
        throw ClientFailure.ended
    }

    private static func line(_ event: EventDocument) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(event), as: UTF8.self)
    }
}

extension EventRecord.Severity: ExpressibleByArgument {
    /// In any case.
    package init?(argument: String) {
        guard let severity = Self.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
            return nil
        }
        self = severity
    }
}
