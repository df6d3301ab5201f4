import API
import ArgumentParser
import Reconciler
import Specs

/// Shows one object in full.
struct DescribeCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show one object in full: where it is declared, what runs, and what stands in the way.",
        discussion: """
            EXAMPLES
              reconcile describe Workload/web

            \(questionExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(help: ArgumentHelp("The object.", valueName: "kind/name"), completion: .objects)
    var object: String

    func validate() throws { _ = try id() }

    private func id() throws -> ResourceID {
        guard let id = try ObjectWord.parse(argument: object).id else {
            throw ValidationError("'\(object)' must be KIND/NAME, such as Workload/web; 'reconcile get' lists objects")
        }
        return id
    }

    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws {
        let id = try id()
        let detail = try await client.object(id)
        let pool = id.kind == .warmPool ? try await client.pools().first { $0.pool == id } : nil
        let task = id.kind == .scheduledTask ? try await client.tasks().first { $0.task == id } : nil
        let events = try await client.events(EventQuery(object: id), limit: 10)
        switch format {
        case .human:
            Terminal.print(DetailRenderer.text(detail, pool: pool, task: task, events: events, now: .ofWallClock))
        case .json: Terminal.print(try Terminal.json(Document(object: detail, pool: pool, task: task, events: events)))
        }
    }

    /// For programs; fields are only ever added.
    private struct Document: Encodable {
        var object: ObjectDetail
        /// Only of a WarmPool.
        var pool: PoolStatus?
        /// Only of a ScheduledTask.
        var task: TaskReport?
        var events: [EventDocument]
    }
}
