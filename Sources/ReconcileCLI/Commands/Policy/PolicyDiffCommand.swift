import ArgumentParser
import Reconciler
import Specs

/// What the source would change about who may reach whom.
struct PolicyDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what a newer revision changes about policies.",
        discussion: """
            Compares the revision in force on this host with what the source says now: object by object, rule by rule.

            EXAMPLES
              reconcile policy diff --specs .

            \(policyExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    func run() async throws {
        try await answering {
            let format = try PlainFormat(program.output)
            let subject = try await PolicySubject.load(program, fromSource: true)
            let difference = PolicyDifference(
                from: try PolicySubject.inForce(subject.settings), to: subject.desired)
            switch format {
            case .human: Terminal.print(PolicyRenderer.text(difference))
            case .json: Terminal.print(try Terminal.json(difference))
            }
            return difference.objects.isEmpty ? .success : ExitStatus.changes
        }
    }
}
