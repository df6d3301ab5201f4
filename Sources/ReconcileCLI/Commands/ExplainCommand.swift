import ArgumentParser
import Glibc
import Specs

/// Says what a kind, a field or a finding means.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain a kind, one of its fields, or the code of a finding.",
        discussion: """
            A field is named by its path, with or without 'spec': Autoscaler.behavior.scaleDown. A code says what the \
            finding means, why it is reported, and how it is put right. Without a topic: all kinds and codes. -o json is \
            for programs.

            EXAMPLES
              reconcile explain Workload.strategy
              reconcile explain S104

            EXIT CODES
              0 explained, 1 there is no such topic
            """)

    /// `--output` and `--color` are the program's own options, whichever command they stand behind.
    @ParentCommand var program: ReconcileCommand

    @Argument(help: "A path such as Workload.strategy, or a code such as S104 or unknownKey.")
    var topic: String?

    @Flag(help: "Print a reference page, as scripts/docs does: all codes, 'kinds', 'enforcement', or one kind.")
    var markdown = false

    func run() throws {
        let isJSON = try PlainFormat(program.output) == .json
        if markdown { return Terminal.print(try page()) }
        let style = Style(isColored: program.color.isOn(for: STDOUT_FILENO))
        guard let topic else {
            let text = KindIndex.text(style) + "\n\n" + ExplanationIndex.text(style)
            return Terminal.print(isJSON ? try Terminal.json(Topics()) : text)
        }
        if let code = Self.code(topic) {
            let page = ExplanationPage(code)
            return Terminal.print(isJSON ? try Terminal.json(page.document) : page.text(style))
        }
        let page = FieldPage(try place(topic))
        Terminal.print(isJSON ? try Terminal.json(page.document) : page.text(style))
    }

    /// For programs; fields are only ever added within a version.
    private struct Topics: Encodable {
        var version = 1
        var kinds = KindDefinition.all.map { Kind(name: $0.kind.rawValue, summary: $0.spec.load().summary) }
        var codes = Diagnostic.Code.allCases.map { ExplanationPage($0).document }

        struct Kind: Encodable {
            var name: String
            var summary: String
        }
    }

    private func page() throws -> String {
        switch topic {
        case nil: return ExplanationIndex.markdown
        case "kinds": return KindIndex.markdown
        case "enforcement": return EnforcementPage.markdown
        case let topic?:
            guard let kind = KindDefinition.named(topic) else {
                throw ValidationError("--markdown is the page of a kind, of 'kinds', of 'enforcement', or of all codes")
            }
            return KindPage(kind).markdown
        }
    }

    private func place(_ topic: String) throws -> ReferencePath {
        do throws(ReferencePath.Missing) {
            return try ReferencePath(topic)
        } catch {
            let isCode = topic.wholeMatch(of: /[A-Za-z]?[0-9]+/) != nil
            let what = isCode ? "there is no code \(Diagnostic.quote(topic))" : "\(error.message); \(error.hint)"
            Terminal.complain("error: \(what)\n`reconcile explain` lists all kinds and codes")
            throw ExitStatus.error
        }
    }

    /// By number or by name, in any case.
    static func code(_ topic: String) -> Diagnostic.Code? {
        let wanted = topic.lowercased()
        return Diagnostic.Code.allCases.first { $0.rawValue.lowercased() == wanted || "\($0)".lowercased() == wanted }
    }
}
