import Specs
import Testing

@Suite("Bytes become YAML nodes, or findings at their place")
struct YAMLReaderTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var text: String
        var findings: [String]

        var testDescription: String { name }

        init(_ name: String, _ text: String, _ findings: String...) {
            self.name = name
            self.text = text
            self.findings = findings
        }
    }

    static let cases = [
        Case("tab", "a:\n\tb: 1\n", "f:2:1: error: tab in the indentation (indent with spaces)"),
        Case("tab after spaces", "a:\n  \tb: 1\n", "f:2:3: error: tab in the indentation (indent with spaces)"),
        Case("NUL", "a: b\nc: d\0e\n", "f:2:5: error: NUL U+0000 is not allowed"),
        Case(
            "escape", "a: \u{1B}[2J\n",
            "f:1:4: error: control character U+001B is not allowed (remove it, or write an escape in a double-quoted string)"
        ),
        Case(
            "bidi", "a: ü\u{202E}\n",
            "f:1:5: error: text direction character U+202E is not allowed (remove it, or write an escape in a double-quoted string)"
        ),
        Case(
            "line separator", "a: b\u{2028}c\n",
            "f:1:5: error: line separator U+2028 is not allowed (remove it, or write an escape in a double-quoted string)"
        ),
        Case("NUL by escape", #"a: "\0""#, "f:1:4: error: a string must not hold NUL"),
        Case("duplicate key", "a: 1\nb: 2\na: 3\n", "f:3:1: error: duplicate key 'a', first at f:1:1"),
        Case("duplicate key behind a quote", "a: 1\n\"a\": 3\n", "f:2:1: error: duplicate key 'a', first at f:1:1"),
        Case(
            "keys that are no strings", "1: a\ntrue: b\nnull: c\n010: d\n",
            "f:1:1: error: key '1' is not a string (put it in quotes)",
            "f:2:1: error: key 'true' is not a string (put it in quotes)",
            "f:3:1: error: key 'null' is not a string (put it in quotes)",
            "f:4:1: error: key '010' is not a string (put it in quotes)"),
        Case("complex key", "? [a, b]\n: 1\n", "f:1:3: error: a key must be a string, not a list or map"),
        Case(
            "merge key", "a: &a {b: 1}\nc:\n  <<: *a\n",
            "f:3:3: error: merge keys are not part of YAML 1.2 (share a template with 'templateRef', or write the fields out)"
        ),
        Case("recursive alias", "a: &a\n  b: *a\n", "f:2:6: error: alias '*a' stands inside the value that it repeats"),
        Case(
            "unknown alias", "a: *b\n", "f:1:4: error: alias '*b' has no anchor '&b' before it in this document"),
        Case(
            "an anchor of another document", "a: &x 1\n---\nb: *x\n",
            "f:3:4: error: alias '*x' has no anchor '&x' before it in this document"),
        Case("unknown tag", "a: !secret b\n", "f:1:4: error: tag '!secret' is not supported (remove it)"),
        Case("wrong tag", "a: !!int b\n", "f:1:4: error: tag '!!int' does not fit this value (remove it)"),
        Case("wrong tag of a list", "a: !!map [b]\n", "f:1:4: error: tag '!!map' does not fit this value (remove it)"),
        Case(
            "YAML 1.1", "%YAML 1.1\n---\na: yes\n",
            "f:1:1: error: only the directive '%YAML 1.2' is supported (remove '%YAML 1.1')"),
        Case(
            "YAML 9.9", "%YAML 9.9\n---\na: 1\n",
            "f:1:1: error: only the directive '%YAML 1.2' is supported (remove '%YAML 9.9')"),
        Case(
            "no version", "%YAML 1.2#x\n---\na: 1\n", "f:1:1: error: only the directive '%YAML 1.2' is supported"),
        Case("a directive of nobody", "%FOO\n---\na: 1\n", "f:1:1: error: only the directive '%YAML 1.2' is supported"),
        Case("two versions", "%YAML 1.2\n%YAML 1.2\n---\na: 1\n", "f:2:1: error: a second %YAML directive"),
        Case(
            "a directive before no document", "%YAML 1.2\na: 1\n", "f:2:1: error: expected '---' after the directives"),
        Case(
            "a directive behind a document", "a: 1\n%YAML 1.2\n---\nb: 1\n",
            "f:2:1: error: expected '...' before the directives"),
        Case(
            "a finding behind an end marker", "a: 1\n...\n# b\nc: 1\nc: 2\n",
            "f:5:1: error: duplicate key 'c', first at f:4:1"),
        Case(
            "syntax behind an end marker", "a: 1\n...\nb: c: d\n",
            "f:3:5: error: mapping values are not allowed in this context (check the indentation, and put a value that holds ': ' in quotes)"
        ),
        Case("tab within brackets", "a: [\n \tb]\n", "f:2:2: error: tab in the indentation (indent with spaces)"),
        Case(
            "tab before a closing bracket", "a: [b\n\t]\n", "f:2:1: error: tab in the indentation (indent with spaces)"),
        Case("word with a question mark", "a: [b, ?c]\n", "f:1:8: error: '?' begins a word (put the word in quotes)"),
        Case("comment behind quotes", "a: \"b\"#c\n", "f:1:7: error: a comment needs a space before its '#'"),
        Case("comment behind brackets", "a: [b]#c\n", "f:1:7: error: a comment needs a space before its '#'"),
        Case(
            "comment behind a block scalar's head", "a: |-#c\n  b\n",
            "f:1:6: error: a comment needs a space before its '#'"),
        Case(
            "name of an anchor", "a: &b:c d\n",
            "f:1:4: error: the name of an anchor has letters, digits, '_' and '-' only"),
        Case("tag directive", "%TAG ! tag:a,b:\n---\na: 1\n", "f:1:1: error: %TAG directives are not supported"),
        Case("no colon", "a: 1\n  b\nc\n", "f:3:1: error: expected ':' after this key (check the indentation)"),
        Case("open quote", "a: \"b\nc: 1\n", "f:1:4: error: quoted string is never closed"),
        Case(
            "colon in a value", "a: b: c\n",
            "f:1:5: error: mapping values are not allowed in this context (check the indentation, and put a value that holds ': ' in quotes)"
        ),
        Case(
            "indicator", "a: @b\n",
            "f:1:4: error: found character that cannot start any token while scanning for the next token (put the value in quotes)"
        ),
        Case(
            "indentation", "a:\n    b: 1\n   c: 2\n",
            "f:3:4: error: did not find expected key while parsing a block mapping that starts on line 1 (check the indentation)"
        ),
    ]

    @Test("what cannot be read says where and why", arguments: cases)
    func findings(_ c: Case) {
        let stream = YAMLReader.read(SpecFile(path: "f", bytes: Array(c.text.utf8)))
        #expect(stream.diagnostics.map(\.description) == c.findings)
    }

    @Test(
        "bytes that are not UTF-8 are named",
        arguments: [
            ([0x61, 0xFF], "f:1:2: error: byte 0xFF is not UTF-8"),
            ([0x0A, 0xC3, 0xBC, 0xC0, 0x80], "f:2:2: error: byte 0xC0 is not UTF-8"),
            ([0xED, 0xA0, 0x80], "f:1:1: error: byte 0xED is not UTF-8"),
            ([0xF4, 0x90, 0x80, 0x80], "f:1:1: error: byte 0xF4 is not UTF-8"),
            ([0xE2, 0x82], "f:1:1: error: byte 0xE2 is not UTF-8"),
            ([0xFE, 0xFF, 0x00, 0x61], "f:1:1: error: byte 0xFE is not UTF-8"),
        ] as [([UInt8], String)])
    func encoding(bytes: [UInt8], finding: String) {
        let stream = YAMLReader.read(SpecFile(path: "f", bytes: bytes))
        #expect(stream.diagnostics.map(\.description) == [finding])
    }

    @Test("a byte order mark and CRLF change nothing, not even places")
    func lineEnds() {
        let plain = "a: 1\nb:\n  c: [ü, x]\n"
        let windows = "\u{FEFF}" + plain.replacing("\n", with: "\r\n")
        #expect(outline(plain) == outline(windows))
        #expect(outline(plain).contains("3:10 x"))
    }

    @Test("every value and key keeps its place, in each document")
    func places() {
        let text = "a: 1\n---\n# note\nb: &x\n  - c\n  - d: *x2\n".replacing("*x2", with: "e")
        #expect(
            outline(text) == ["1:1 {", "1:1 a", "1:4 1", "4:1 {", "4:1 b", "4:4 [", "5:5 c", "6:5 {", "6:5 d", "6:8 e"])
    }

    @Test(
        "documents without content are none", arguments: ["", "# note\n", "---\n---\n...\n", "\n\n", "---\n# a\n---\n"])
    func nothing(text: String) {
        let stream = YAMLReader.read(SpecFile(path: "f", bytes: Array(text.utf8)))
        #expect(stream.documents.isEmpty && stream.diagnostics.isEmpty && stream.isComplete)
    }

    @Test("an alias stands for its anchor's value")
    func aliases() {
        #expect(
            outline("a: &x {b: 1}\nc: *x\n") == [
                "1:1 {", "1:1 a", "1:4 {", "1:8 b", "1:11 1", "2:1 c", "1:4 {", "1:8 b", "1:11 1",
            ])
    }

    @Test("the directive of YAML 1.2, explicit tags of the core schema and anchors change nothing")
    func explicit() {
        let text = "%YAML 1.2\n---\na: !!str 1\nb: !!int 2\nc: !!map {d: &e !!seq [f]}\n"
        #expect(YAMLReader.read(SpecFile(path: "f", bytes: Array(text.utf8))).diagnostics.isEmpty)
    }

    @Test(
        "what would be a trap elsewhere is content in strings and comments",
        arguments: [
            "a: |\n  x\n  \ty\nb: 1\t# note\n", "a: \"b\n  \tc\"\n", "a: [b,\n  \t# c\n  d]\n", "a: [\"?b\", 'c?d']\n",
            "# ?a \"b\"#c\na: b #c\nd: \"e\" #f\n", "a: '\"b\"#c'\n", "a: b&c:d\ne: http://f/?g&h:i\n",
            "a: |\n  [b]#c\n  ?d\n",
            "a: |\n  ...\n  %YAML 9\n", "a: b\n  ...c\n", "a: 100%\n%b: c\n".replacing("%b", with: "b%"),
        ])
    func harmless(text: String) {
        #expect(YAMLReader.read(SpecFile(path: "f", bytes: Array(text.utf8))).diagnostics == [])
    }

    @Test("each `...` ends a document, with or without another marker behind it")
    func endMarkers() {
        let text = "...\n# a\n...\na: 1\n... # b\nc: 2\n...\n%YAML 1.2\n---\nd: 3\n...\n\n"
        #expect(
            outline(text) == ["4:1 {", "4:1 a", "4:4 1", "6:1 {", "6:1 c", "6:4 2", "10:1 {", "10:1 d", "10:4 3"])
    }

    @Test("a last line of spaces is kept as YAML says")
    func lastLine() {
        #expect(outline("a: |+\n  b\n   ") == ["1:1 {", "1:1 a", "1:4 b\n \n"])
    }

    @Test("files can be read on several threads at once")
    func threads() async {
        let text = (0..<500).map { "key\($0): &a\($0) [\"x\", *a\($0)]\n" }.joined()
        let expected = YAMLReader.read(SpecFile(path: "f", bytes: Array(text.utf8))).diagnostics
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    YAMLReader.read(SpecFile(path: "f", bytes: Array(text.utf8))).diagnostics == expected
                }
            }
            for await isSame in group { #expect(isSame) }
        }
    }

    private func outline(_ text: String) -> [String] {
        let stream = YAMLReader.read(SpecFile(path: "f", bytes: Array(text.utf8)))
        #expect(stream.diagnostics.isEmpty)
        return stream.documents.flatMap { outline($0.root) }
    }

    private func outline(_ node: YAMLNode) -> [String] {
        let place = "\(node.position.line):\(node.position.column)"
        switch node.content {
        case .scalar(let scalar): return ["\(place) \(scalar.text)"]
        case .sequence(let items): return ["\(place) ["] + items.flatMap { outline($0) }
        case .mapping(let pairs):
            return ["\(place) {"]
                + pairs.flatMap { ["\($0.keyPosition.line):\($0.keyPosition.column) \($0.key)"] + outline($0.value) }
        }
    }
}
