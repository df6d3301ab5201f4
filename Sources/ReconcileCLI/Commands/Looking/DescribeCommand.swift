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
        let description = try await DescribedObject(of: try id(), from: client)
        switch format {
        case .human: Terminal.print(description.text(now: .ofWallClock))
        case .json: Terminal.print(try Terminal.json(description))
        }
    }
}

/// One object in full, with what happened to it last; for programs, fields are only ever added.
struct DescribedObject: Encodable {
    var object: ObjectDetail
    /// Only of a WarmPool.
    var pool: PoolStatus?
    /// Only of a ScheduledTask.
    var task: TaskReport?
    var events: [EventDocument]

    init(of id: ResourceID, from client: DaemonClient) async throws(ClientFailure) {
        object = try await client.object(id)
        pool = id.kind == .warmPool ? try await client.pools().first { $0.pool == id } : nil
        task = id.kind == .scheduledTask ? try await client.tasks().first { $0.task == id } : nil
        events = try await client.events(EventQuery(object: id), limit: 10)
    }

    func text(now: Instant) -> String {
        DetailRenderer.text(object, pool: pool, task: task, events: events, now: now)
    }
}
