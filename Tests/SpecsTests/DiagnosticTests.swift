import Foundation
import Specs
import Testing

@Suite("A finding is one safe line")
struct DiagnosticTests {
    private let place = SourcePosition(file: "a.yaml", line: 2, column: 3)

    @Test("a description has everything in its order")
    func description() {
        let first = SourcePosition(file: "b.yaml", line: 1, column: 1)
        let diagnostic = Diagnostic(.duplicateKey, at: place, "duplicate key 'a'", hint: "remove it", related: first)
        #expect(diagnostic.description == "a.yaml:2:3: error: duplicate key 'a', first at b.yaml:1:1 (remove it)")
        #expect(Diagnostic(.warning, .syntax, at: place, "odd").description == "a.yaml:2:3: warning: odd")
    }

    @Test("several places stand in their order, each with its note")
    func related() {
        let places = (1...3).map { SourcePosition(file: "b.yaml", line: $0, column: 1) }
        let diagnostic = Diagnostic(
            .capacityExceeded, at: place, "too many",
            related: [.first(places[0]), .init(places[1], "4 containers"), .init(places[2], "2 containers")])
        #expect(
            diagnostic.description
                == "a.yaml:2:3: error: too many, first at b.yaml:1:1, 4 containers: b.yaml:2:1, 2 containers: b.yaml:3:1"
        )
        #expect(Diagnostic(.syntax, at: place, "m", related: nil).related == [])
    }

    @Test("JSON names a code by its number")
    func json() throws {
        let diagnostic = Diagnostic(.unknownKey, at: place, "m", related: .init(file: "b.yaml", line: 1, column: 1))
        let data = try JSONEncoder().encode(diagnostic)
        #expect(String(decoding: data, as: UTF8.self).contains(#""code":"S104""#))
        #expect(try JSONDecoder().decode(Diagnostic.self, from: data) == diagnostic)
    }

    @Test(
        "quoted text cannot steer a terminal",
        arguments: [
            ("a", "'a'"), ("", "''"), ("a\nb\tc", "'a\\nb\\tc'"), ("\u{1B}[2J", "'\\u{1b}[2J'"),
            ("a\u{202E}b", "'a\\u{202e}b'"), ("ü漢", "'ü漢'"),
            (String(repeating: "x", count: 81), "'" + String(repeating: "x", count: 80) + "…'"),
        ])
    func quoting(text: String, quoted: String) {
        #expect(Diagnostic.quote(text) == quoted)
    }

    @Test("lists read as text")
    func lists() {
        #expect(Diagnostic.list([]) == "")
        #expect(Diagnostic.list(["a"]) == "a")
        #expect(Diagnostic.list(["a", "b"]) == "a or b")
        #expect(Diagnostic.list(["a", "b", "c"], word: "and") == "a, b and c")
        #expect(Diagnostic.list(["a", "b", "c"], limit: 2) == "a, b and 1 more")
    }

    @Test(
        "the nearest name is a hint only when it is near",
        arguments: [
            ("replica", "replicas"), ("relpicas", "replicas"), ("REPLICAS", "replicas"), ("cpu", "cpus"),
            ("evn", "env"),
            ("ram", nil), ("copies", nil), ("x", nil), ("", nil),
        ] as [(String, String?)])
    func nearest(name: String, found: String?) {
        #expect(NearestName.find(name, among: ["cpus", "env", "memory", "replicas"]) == found)
    }
}
