import API
import ArgumentParser
import Reconciler
import Specs

/// Suggests limits that fit what containers really use.
struct RecommendCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "recommend",
        abstract: "Suggest limits of memory and CPU that fit what was used, to be pasted into a spec.",
        discussion: """
            The daemon looks every ten seconds and remembers percentiles as long as it runs; the kernel remembers the \
            most memory that a container ever used. Nothing is changed by a suggestion.

            EXAMPLES
              reconcile recommend
              reconcile recommend Workload/web

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
        let list = try await client.recommendations(word?.id == nil ? word?.kind : nil, of: word?.id)
        switch format {
        case .human: Terminal.print(RecommendationRenderer.text(list.items))
        case .json: Terminal.print(try Terminal.json(list))
        }
    }
}
