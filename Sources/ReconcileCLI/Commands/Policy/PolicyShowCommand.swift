import ArgumentParser
import Reconciler

/// Everything that holds for one container, where it is written, and whether the kernel enforces it.
struct PolicyShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the effective policy of one container or object.",
        discussion: """
            Limits, what confines it, system calls and network rules: what holds, whether the kernel has it (Enforced, \
            NotSupported, Drifted; - for what does not run), and where it is written. Of an object with several containers \
            each line is of the one that is worst off. What only root can see is NotSupported for others.

            EXAMPLES
              reconcile policy show web-0-1
              reconcile policy show Workload/web --calls

            \(policyExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp("A container, or the object that it is of.", valueName: "container|kind/name"),
        completion: .objects)
    var subject: String

    @Flag(help: "Name every system call as well.")
    var calls = false

    func run() async throws {
        try await answering {
            let format = try PlainFormat(program.output)
            let subject = try await PolicySubject.load(program)
            let object = try subject.object(self.subject)
            let observed = await subject.observe()
            let document = PolicyDocument(
                object, subject.policy(of: object), in: subject.desired, observed,
                subject.containers(of: object, named: self.subject, in: observed))
            switch format {
            case .human: Terminal.print(PolicyRenderer.text(document, listsCalls: calls))
            case .json: Terminal.print(try Terminal.json(document))
            }
            return .success
        }
    }
}
