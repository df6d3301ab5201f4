import ArgumentParser
import Glibc
import Specs

/// Says more about a finding than its message can.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain the code of a finding: what it means, why it is reported, and how to put it right.",
        discussion: """
            Without a topic: all codes. -o json is for programs.

            EXIT CODES
              0 explained, 1 there is no such topic
            """)

    /// `--output` and `--color` are the program's own options, whichever command they stand behind.
    @ParentCommand var program: ReconcileCommand

    @Argument(help: "A code such as S104, or its name such as unknownKey.")
    var topic: String?

    @Flag(help: "Print the reference page of all codes, as scripts/docs does.")
    var markdown = false

    func validate() throws {
        if markdown && topic != nil { throw ValidationError("--markdown is the page of all topics") }
    }

    func run() throws {
        let isJSON = try PlainFormat(program.output) == .json
        if markdown { return Terminal.print(ExplanationIndex.markdown) }
        let style = Style(isColored: program.color.isOn(for: STDOUT_FILENO))
        guard let topic else {
            let pages = Diagnostic.Code.allCases.map(ExplanationPage.init)
            return Terminal.print(isJSON ? try Terminal.json(pages.map(\.document)) : ExplanationIndex.text(style))
        }
        guard let code = Self.code(topic) else {
            Terminal.complain("error: there is no code \(Diagnostic.quote(topic)); `reconcile explain` lists all codes")
            throw ExitStatus.error
        }
        let page = ExplanationPage(code)
        Terminal.print(isJSON ? try Terminal.json(page.document) : page.text(style))
    }

    /// By number or by name, in any case.
    static func code(_ topic: String) -> Diagnostic.Code? {
        let wanted = topic.lowercased()
        return Diagnostic.Code.allCases.first { $0.rawValue.lowercased() == wanted || "\($0)".lowercased() == wanted }
    }
}
