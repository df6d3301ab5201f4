import Specs
import Testing

@testable import ReconcileCLI

@Suite("A source line is shown with a mark under the place that was meant")
struct SourceExcerptTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let line: Int
        let column: Int
        let shown: [String]

        init(_ name: String, _ text: String, at place: (Int, Int), _ shown: String...) {
            self.init(name, bytes: Array(text.utf8), at: place, shown)
        }

        init(_ name: String, bytes: [UInt8], at place: (Int, Int), _ shown: [String]) {
            testDescription = name
            self.bytes = bytes
            (line, column) = place
            self.shown = shown
        }
    }

    static let cases = [
        Case("a key ends before its colon", "spec:\n  replica: 3\n", at: (2, 3), "  replica: 3", "  ^^^^^^^"),
        Case("a value may hold colons", "image: nginx:1.27", at: (1, 8), "image: nginx:1.27", "       ^^^^^^^^^^"),
        Case("a quoted value ends with its quote", "a: \"b, c\" # d", at: (1, 4), "a: \"b, c\" # d", "   ^^^^^^"),
        Case("an open quote is one mark", "a: 'b, c", at: (1, 4), "a: 'b, c", "   ^"),
        Case("brackets and commas end a word", "[a, bcd]", at: (1, 5), "[a, bcd]", "    ^^^"),
        Case("a bracket is one mark", "a: [1, 2]", at: (1, 4), "a: [1, 2]", "   ^"),
        Case("the end of a line has a mark behind it", "spec:\n", at: (1, 6), "spec:", "     ^"),
        Case("a column behind the end stands at the end", "ab", at: (1, 99), "ab", "  ^"),
        Case("an empty line", "a\n\nb", at: (2, 1), "", "^"),
        Case("CRLF ends a line and is not shown", "a: 1\r\nbcd: 2\r\n", at: (2, 1), "bcd: 2", "^^^"),
        Case("CR alone ends a line, as in YAML", "a: 1\rbcd: 2", at: (2, 1), "bcd: 2", "^^^"),
        Case("a byte order mark takes no column", "\u{FEFF}abc: 1", at: (1, 1), "abc: 1", "^^^"),
        Case("a tab is seen, and reaches to its stop", "a\tb: c", at: (1, 3), "a→  b: c", "    ^"),
        Case("a tab in the indentation is the place", "\tb: c", at: (1, 1), "→   b: c", "^^^^"),
        Case("wide characters take two columns", "日本: x", at: (1, 5), "日本: x", "      ^"),
        Case("a wide word has a wide mark", "a: 日本", at: (1, 4), "a: 日本", "   ^^^^"),
        Case("emoji take two columns", "🎉: x", at: (1, 4), "🎉: x", "    ^"),
        Case("what combines takes none", "e\u{301}: x", at: (1, 5), "e\u{301}: x", "   ^"),
        Case("control characters are made visible", "a: \u{1B}[2J", at: (1, 4), "a: \\u{1b}[2J", "   ^^^^^^"),
        Case("characters of direction too", "a\u{202E}b", at: (1, 2), "a\\u{202e}b", " ^^^^^^^^"),
        Case(
            "bytes that are not UTF-8 are made visible", bytes: Array("caf".utf8) + [0xE9, 0x20, 0x78], at: (1, 4),
            ["caf\\xE9 x", "   ^^^^"]),
        Case("NUL is made visible", bytes: [0x61, 0], at: (1, 2), ["a\\u{0}", " ^^^^^"]),
    ]

    @Test("as it is written", arguments: cases)
    func excerpt(_ c: Case) {
        #expect(shown(c.bytes, c.line, c.column) == c.shown)
    }

    @Test("a line that is not there has no excerpt")
    func missing() {
        #expect(shown(Array("a\nb".utf8), 3, 1) == nil)
        #expect(shown([], 1, 1) == ["", "^"])
        var files = SourceFiles([SpecFile(path: "a.yaml", bytes: [0x61])])
        #expect(files.excerpt(at: SourcePosition(file: "b.yaml", line: 1, column: 1)) == nil)
    }

    @Test("a long line is cut around the place, and the mark stays under it", arguments: [1, 40, 61, 500, 990, 1_000])
    func long(column: Int) throws {
        let line = String(repeating: "x", count: column - 1) + "Y " + String(repeating: "z", count: 1_000 - column)
        let lines = try #require(shown(Array(line.utf8), 1, column))
        #expect(lines[0].count <= SourceExcerpt.widest)
        #expect(lines[0].hasSuffix("…") == (1_000 - column > 60))
        let mark = try #require(lines[1].firstIndex(of: "^")).utf16Offset(in: lines[1])
        #expect(Array(lines[0])[mark] == "Y")
    }

    @Test("wide and combining characters are cut within the width too", arguments: ["漢", "e\u{301}", "\u{1}", "🎉"])
    func longAndWide(character: String) throws {
        let line = String(repeating: character, count: 3_000)
        var files = SourceFiles([SpecFile(path: "a.yaml", bytes: Array(line.utf8))])
        for column in [1, 2, 333, 2_999] {
            let place = SourcePosition(file: "a.yaml", line: 1, column: column)
            let found = files.excerpt(at: place)
            let excerpt = try #require(found)
            #expect(excerpt.indent < SourceExcerpt.widest)
            #expect(!excerpt.text.contains("\u{FFFD}") && !excerpt.text.contains("\\x"), "cut within a character")
        }
    }

    @Test("a thousand places in a line of a megabyte are found in order without counting it a thousand times")
    func order() {
        let line = Array(String(repeating: "key: ", count: 200_000).utf8)
        var files = SourceFiles([SpecFile(path: "a.yaml", bytes: line)])
        let start = ContinuousClock.now
        for column in stride(from: 1, to: 1_000_000, by: 1_000) {
            let excerpt = files.excerpt(at: SourcePosition(file: "a.yaml", line: 1, column: column))
            #expect(excerpt?.text.contains("key") == true)
        }
        // Counting every time takes minutes in a debug build.
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    private func shown(_ bytes: [UInt8], _ line: Int, _ column: Int) -> [String]? {
        var files = SourceFiles([SpecFile(path: "a.yaml", bytes: bytes)])
        return files.excerpt(at: SourcePosition(file: "a.yaml", line: line, column: column)).map { excerpt in
            [
                excerpt.text,
                String(repeating: " ", count: excerpt.indent) + String(repeating: "^", count: excerpt.width),
            ]
        }
    }
}
