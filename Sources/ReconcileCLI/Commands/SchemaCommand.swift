import API
import ArgumentParser
import Specs

/// Prints what editors and checks in CI know the language by.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of the spec language, or of one kind.",
        discussion: """
            For yaml-language-server and for check-jsonschema; see docs/specs/editors.md. Every document that \
            `reconcile validate` takes is valid by it. What depends on other documents, on arithmetic or on the spelling \
            of numbers it cannot know.

            EXAMPLES
              reconcile schema >reconcile.schema.json
              reconcile schema Workload

            EXIT CODES
              0 printed, 64 a command line that cannot be understood
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: "A kind such as Workload; all kinds without it.", completion: .list(ResourceKind.allCases.map(\.rawValue))
    )
    var kind: String?

    @Flag(help: "Print the OpenAPI document of the daemon's API instead.")
    var api = false

    func validate() throws {
        if api && kind != nil { throw ValidationError("--api is about the daemon, and has no kinds") }
        guard let kind, KindDefinition.named(kind) == nil else { return }
        let kinds = KindDefinition.all.map(\.kind.rawValue)
        let hint = NearestName.hint(for: kind, among: kinds) ?? "the kinds are \(Diagnostic.list(kinds, word: "and"))"
        throw ValidationError("there is no kind \(Diagnostic.quote(kind)); \(hint)")
    }

    func run() throws {
        _ = try PlainFormat(program.output)
        if api { return Terminal.print(String(OpenAPIDocument.text.dropLast())) }
        let kinds = kind.flatMap { KindDefinition.named($0) }.map { [$0] } ?? KindDefinition.all
        Terminal.print(JSONSchema.schema(of: kinds).text)
    }
}
