import ArgumentParser
import Reconciler

/// Everything that holds for one container, where it is written, and whether the kernel enforces it.
struct PolicyShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the effective policy of one container or object.",
        discussion: policyExitCodes)

    @ParentCommand var program: ReconcileCommand

    @Argument(help: ArgumentHelp("A container, or the object that it is of.", valueName: "container|kind/name"))
    var subject: String

    func run() async throws {
        try await answering {
            let format = try PlainFormat(program.output)
            let subject = try await PolicySubject.load(program)
            let object = try subject.object(self.subject)
            let document = PolicyDocument(
                object.id, subject.policy(of: object), in: subject.desired, await subject.facts())
            switch format {
            case .human: Terminal.print(PolicyRenderer.text(document))
            case .json: Terminal.print(try Terminal.json(document))
            }
            return .success
        }
    }
}
