import Foundation
import Specs
import Testing

@testable import ReconcileCLI

@Suite("Explanations of findings")
struct ExplanationTests {
    @Test("the reference page is what the definitions say")
    func page() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "docs/specs/diagnostics.md")
        let page = try String(contentsOf: file, encoding: .utf8)
        #expect(page == ExplanationIndex.markdown + "\n", "stale: run scripts/docs")
    }

    @Test(
        "a code is found by number and by name, in any case", arguments: ["S104", "s104", "unknownKey", "unknownkey"])
    func lookup(topic: String) { #expect(ExplainCommand.code(topic) == .unknownKey) }

    @Test("nothing else is found", arguments: ["", "S", "104", "S999", "replicas"])
    func noLookup(topic: String) { #expect(ExplainCommand.code(topic) == nil) }

    @Test("the list has every code once, and no line is too wide for a terminal")
    func list() {
        let lines = ExplanationIndex.text(.plain).split(separator: "\n")
        for code in Diagnostic.Code.allCases {
            #expect(lines.count { $0.hasPrefix("  \(code.rawValue)  ") } == 1)
        }
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    @Test("an explanation fits a terminal", arguments: Diagnostic.Code.allCases)
    func width(code: Diagnostic.Code) {
        for line in ExplanationPage(code).text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    }

    @Test("a code that no check reports yet says so")
    func reserved() {
        let isReserved = "No check of this version reports it yet."
        for code in Diagnostic.Code.allCases {
            let page = ExplanationPage(code)
            #expect(page.text.contains(isReserved) == Diagnostic.Code.withoutCheck.contains(code))
            #expect(page.document.reported != Diagnostic.Code.withoutCheck.contains(code))
        }
    }

    @Test("the text has its heading, its reason and its examples in this order")
    func text() throws {
        let text = ExplanationPage(.unknownKey).text
        #expect(text.hasPrefix("S104: unknown key (error, unknownKey)\n\n"))
        let wrong = try #require(text.range(of: "Wrong:\n    apiVersion"))
        let right = try #require(text.range(of: "Right:\n    apiVersion"))
        #expect(wrong.upperBound < right.lowerBound)
    }
}
