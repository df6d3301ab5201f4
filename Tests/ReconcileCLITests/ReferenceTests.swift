import Foundation
import Specs
import Testing

@testable import ReconcileCLI

@Suite("The reference comes from the definitions")
struct ReferenceTests {
    private static let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/specs")

    private func page(_ path: String) throws -> String {
        try String(contentsOf: Self.docs.appending(path: path), encoding: .utf8)
    }

    @Test("the pages of the kinds are what the definitions say", arguments: KindDefinition.all.map(\.kind))
    func kinds(kind: ResourceKind) throws {
        let definition = try #require(KindDefinition[kind])
        let name = KindPage.fileName(kind.rawValue)
        #expect(try page("reference/\(name)") == KindPage(definition).markdown + "\n", "stale: run scripts/docs")
    }

    @Test("so are the others, and there is no page of something that is gone")
    func pages() throws {
        #expect(try page("reference/README.md") == KindIndex.markdown + "\n", "stale: run scripts/docs")
        #expect(try page("enforcement.md") == EnforcementPage.markdown + "\n", "stale: run scripts/docs")
        #expect(
            try page("schema.json") == JSONSchema.schema(of: KindDefinition.all).text + "\n", "stale: run scripts/docs")
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.docs.appending(path: "reference").path())
        let wanted = ["README.md"] + KindDefinition.all.map { KindPage.fileName($0.kind.rawValue) }
        #expect(names.sorted() == wanted.sorted())
    }

    @Test("the page of the configuration is what the settings say")
    func configuration() throws {
        #expect(try page("../configuration.md") == ConfigurationPage.markdown + "\n", "stale: run scripts/docs")
    }

    @Test("links of the pages lead to headings that are there", arguments: KindDefinition.all.map(\.kind))
    func links(kind: ResourceKind) throws {
        let text = KindPage(try #require(KindDefinition[kind])).markdown
        let headings = Set(
            text.split(separator: "\n").filter { $0.hasPrefix("## ") }.map { $0.dropFirst(3).lowercased() })
        for match in text.matches(of: /\]\(#([a-z]+)\)/) { #expect(headings.contains(String(match.1)), "\(match.1)") }
    }

    @Test("parts that enforce something are explained on the page")
    func parts() {
        let fields = KindDefinition.all.flatMap { $0.fields() } + KindDefinition.metadataFields
        for place in fields {
            let part: String? =
                switch place.enforcement {
                case .by(let part), .partly(let part, _): part
                case .inherited, .notYet: nil
                }
            guard let part else { continue }
            #expect(EnforcementPage.parts.contains { part.hasPrefix($0.name) }, "\(place.path): \(part)")
        }
    }

    @Test("every field of every kind has its row in the table of enforcement")
    func rows() {
        let page = EnforcementPage.markdown
        for kind in KindDefinition.all {
            for place in EnforcementPage.fields(of: kind) { #expect(page.contains("| `\(place.path)` | ")) }
        }
        #expect(!page.contains("|  |"))
    }

    @Test("explanations of kinds and fields fit a terminal", arguments: KindDefinition.all.map(\.kind))
    func width(kind: ResourceKind) throws {
        let definition = try #require(KindDefinition[kind])
        for path in [kind.rawValue] + definition.fields().map({ "\(kind.rawValue).\($0.path)" }) {
            let text = FieldPage(try ReferencePath(path)).text(.plain)
            for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
        }
    }

    @Test("a field says all that is known of it")
    func field() throws {
        let page = FieldPage(try ReferencePath("Autoscaler.behavior.scaleDown.tolerance"))
        #expect(
            page.text(.plain) == """
                Autoscaler.spec.behavior.scaleDown.tolerance

                The ratio that a metric may be off without effect.

                type      number
                default   0.1
                values    0 to 1
                since     0.1
                enforced  control loop
                """)
        #expect(page.document.enforcement == "enforced")
        let later = FieldPage(try ReferencePath("HostPool.interruptible"))
        #expect(later.text(.plain).hasSuffix("enforced  not yet: an object that says this is held"))
        #expect(later.document.enforcement == "notYet")
        #expect(page.document.field?.defaultValue == "0.1")
    }

    @Test("an object says what is in it")
    func object() throws {
        let text = FieldPage(try ReferencePath("workload.strategy")).text(.plain)
        #expect(text.hasPrefix("Workload.spec.strategy\n\n"))
        #expect(text.contains("\n  maxSurge  integer or percentage, default 1\n      Members beyond"))
        #expect(text.contains("\nRules\n  `maxSurge` and `maxUnavailable` are not both 0."))
    }
}
