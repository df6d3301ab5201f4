import API
import ArgumentParser
import Reconciler
import Specs

/// Lists objects in short.
struct GetCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "List the objects of this host, of one kind, or one of them.",
        discussion: """
            EXAMPLES
              reconcile get
              reconcile get workloads
              reconcile get Workload/web -o json

            \(questionExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp("A kind or an object; all without it.", valueName: "kind[/name]"),
        completion: .kindsAndObjects)
    var what: String?

    func validate() throws { if let what { _ = try ObjectWord.parse(argument: what) } }

    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws {
        let word = try what.map { try ObjectWord.parse(argument: $0) }
        if let id = word?.id {
            let detail = try await client.object(id)
            return Terminal.print(
                format == .json ? try Terminal.json(detail) : ObjectTable.text([HostStatus.ObjectStatus(detail)]))
        }
        let list = try await client.objects(word?.kind)
        switch format {
        case .human: Terminal.print(list.items.isEmpty ? "no objects" : ObjectTable.text(list.items))
        case .json: Terminal.print(try Terminal.json(list))
        }
    }
}

extension HostStatus.ObjectStatus {
    fileprivate init(_ detail: ObjectDetail) {
        self.init(
            id: detail.id, desired: detail.desired, present: detail.present, ready: detail.ready,
            conditions: detail.conditions)
    }
}
