import Specs
import Testing

@Suite("Every bound of a file has its own message")
struct YAMLLimitsTests {
    @Test("bytes")
    func bytes() {
        let text = String(repeating: "#\n", count: 1 << 19)
        #expect(findings(text) == [])
        #expect(
            findings(text + "#") == [
                "web.yaml:1:1: error: file has 1048577 bytes, more than the 1048576 that are read (split it into several files)"
            ])
    }

    @Test("documents")
    func documents() {
        let text = String(repeating: "---\n", count: 256)
        #expect(findings(text) == [])
        #expect(
            findings(text + "---\n") == [
                "web.yaml:257:1: error: more than 256 documents in one file (split it into several files)"
            ])
    }

    @Test("values")
    func values() {
        let limits = YAMLLimits(nodes: 4)
        #expect(read("a: [1, 2]\n", limits) == [])
        #expect(
            read("a: [1, 2, 3]\n", limits) == [
                "f:1:11: error: more than 4 values in one file, aliases counted in full (split it into several files)"
            ])
        #expect(
            read("a: &a [1]\nb: *a\n", limits) == [
                "f:2:4: error: more than 4 values in one file, aliases counted in full (split it into several files)"
            ])
    }

    @Test("nesting, written out or by alias")
    func depth() {
        let finding = "error: more than 64 lists and maps inside each other"
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(read(deep) == [])
        #expect(read("[\(deep)]") == ["f:1:65: \(finding)"])
        let half = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(read("a: &a \(half)\nb: \(half)") == [])
        let wrapped = String(repeating: "[", count: 40) + "*a" + String(repeating: "]", count: 40)
        #expect(read("a: &a \(half)\nb: \(wrapped)") == ["f:2:44: \(finding)"])
    }

    @Test("a revision has a bound of files and one of bytes")
    func revision() {
        let files = (0...SpecLoader.mostFiles).map { SpecFile(path: "\(100_000 + $0).yaml", bytes: []) }
        #expect(SpecLoader.load(Array(files.dropLast())).diagnostics == [])
        #expect(
            SpecLoader.load(files).diagnostics.map(\.description) == [
                "120000.yaml:1:1: error: the revision has 20001 files, more than the 20000 that are read"
            ])
        let bytes = Array(repeating: UInt8(ascii: "\n"), count: 1 << 20)
        let large = (0...64).map { SpecFile(path: "\(10 + $0).yaml", bytes: bytes) }
        #expect(
            SpecLoader.load(large).diagnostics.map(\.description) == [
                "74.yaml:1:1: error: the files up to this one have more than the 67108864 bytes that are read in all"
            ])
    }

    @Test("findings are counted when there are too many to show")
    func manyFindings() {
        let text = (0..<1_500).map { "k\($0): 1\n" }.joined()
        let diagnostics = load(text).diagnostics
        #expect(diagnostics.count == 1_001)
        #expect(diagnostics.last?.message == "at least 502 more findings are not shown")
    }

    @Test("errors are shown before notes when there are too many, and notes refuse nothing")
    func manyNotes() {
        let head = "apiVersion: reconcile.dev/v1\nkind: "
        let pool = head + "HostPool\nmetadata: {name: p}\nspec: {hosts: {name: h}}\n"
        let tasks = (0..<1_200).map { number in
            head + "ScheduledTask\nmetadata: {name: t\(number)}\nspec: {schedule: '@daily', "
                + "template: {image: 'a:1', network: {aliases: [a]}}}\n"
        }
        let texts = [pool] + tasks + [head + "Nothing\n"]
        let files = texts.enumerated().map { SpecFile(path: "\(10_000 + $0).yaml", bytes: Array($1.utf8)) }
        let valid = SpecLoader.load(Array(files.dropLast()))
        #expect(valid.specs?.count == 1_201)
        #expect(valid.diagnostics.count == 1_001)
        #expect(valid.diagnostics.last?.description.contains("info: at least 200 more findings") == true)
        let invalid = SpecLoader.load(files)
        #expect(invalid.specs == nil)
        #expect(invalid.diagnostics.contains { $0.code == .unknownKind })
    }

    struct Hostile: CustomTestStringConvertible, Sendable {
        var head = ""
        var part: String
        var count: Int

        var testDescription: String { "\(count) times \(part.debugDescription)" }
    }

    @Test(
        "hostile text takes little time",
        arguments: [
            Hostile(part: "[", count: 1 << 20), Hostile(part: "{", count: 1 << 20), Hostile(part: "- ", count: 1 << 19),
            Hostile(part: "? ", count: 1 << 19), Hostile(part: "a: ", count: 300_000),
            Hostile(part: "&a ", count: 300_000), Hostile(part: "!a ", count: 300_000),
            Hostile(part: "%TAG !a! b\n", count: 90_000), Hostile(part: "%FOO x\n", count: 100_000),
            Hostile(part: "\"", count: 1 << 20), Hostile(part: "a\n", count: 1 << 19),
            Hostile(part: "a, ", count: 300_000), Hostile(head: "[", part: "a, ", count: 300_000),
            Hostile(head: "[", part: "a: b, ", count: 9_000), Hostile(head: "{", part: "[a]: b, ", count: 100_000),
            Hostile(head: "a: |\n", part: "\n", count: 1_000_000),
            Hostile(head: "a: >\n", part: " x\n", count: 300_000),
            Hostile(head: "a: \"", part: "\\x41", count: 250_000), Hostile(head: "!", part: "a", count: 1_000_000),
            Hostile(head: "a: ", part: "x ", count: 500_000), Hostile(head: "", part: "#\r", count: 500_000),
            Hostile(head: "a: &a [b]\nc: [", part: "*a, ", count: 200_000),
            Hostile(part: "...\n", count: 250_000), Hostile(part: "a\n...\n", count: 150_000),
            Hostile(part: "%YAML 1.2\n", count: 100_000), Hostile(part: "\t", count: 1 << 20),
            Hostile(head: "[", part: "\ta,\n", count: 200_000), Hostile(part: "\"#", count: 500_000),
            Hostile(head: "- |\n", part: "  \"#\n", count: 200_000), Hostile(part: "?a ", count: 300_000),
            Hostile(part: "&a:b ", count: 200_000), Hostile(part: "\t#\n", count: 300_000),
        ])
    func linear(_ hostile: Hostile) {
        // A quarter of what a file may hold: enough to tell what grows with the square of it.
        let text = hostile.head + String(repeating: hostile.part, count: hostile.count / 4)
        let start = ContinuousClock.now
        _ = load(text)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("indentation that grows with every line takes little time")
    func staircase() {
        let text = (0..<1_400).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        let start = ContinuousClock.now
        #expect(read(text) == ["f:65:65: error: more than 64 lists and maps inside each other"])
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    private func read(_ text: String, _ limits: YAMLLimits = YAMLLimits()) -> [String] {
        YAMLReader.read(SpecFile(path: "f", bytes: Array(text.utf8)), limits: limits).diagnostics.map(\.description)
    }
}
