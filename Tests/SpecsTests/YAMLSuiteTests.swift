import Foundation
import Specs
import Testing

@Suite("The YAML test suite passes as far as libyaml does")
struct YAMLSuiteTests {
    @Test("each case passes, or fails as expected", .enabled(if: YAMLSuite.folder != nil, YAMLSuite.absence))
    func events() throws {
        let cases = try YAMLSuite.cases()
        #expect(cases.count == YAMLSuiteExpectations.total)
        #expect(cases.filter(\.isInvalid).count == YAMLSuiteExpectations.invalid)
        for c in cases {
            #expect(c.failure == YAMLSuiteExpectations.kind(of: c.id), "\(c.id)")
        }
        let known = YAMLSuiteExpectations.groups.flatMap(\.ids)
        #expect(Set(known).count == known.count)
        #expect(Set(known).isSubset(of: cases.map(\.id)))
    }

    @Test(
        "our own strictness refuses more, and what it accepts has the events of the suite",
        .enabled(if: YAMLSuite.folder != nil, YAMLSuite.absence))
    func strict() throws {
        for c in try YAMLSuite.cases() {
            let stream = YAMLReader.read(c.file)
            _ = SpecLoader.load([c.file])
            if stream.diagnostics.isEmpty {
                let kind = YAMLSuiteExpectations.kind(of: c.id)
                #expect(kind == nil || kind == .accepted, "\(c.id)")
                #expect(!c.isInvalid || kind == .accepted, "\(c.id)")
            }
            for diagnostic in stream.diagnostics {
                #expect(diagnostic.position.line >= 1 && diagnostic.position.column >= 1, "\(c.id)")
            }
        }
    }

    @Test("no valid case is misread")
    func misread() {
        #expect(!YAMLSuiteExpectations.groups.contains { $0.kind == .misread })
    }

    @Test("the documentation has the table of results; RECORD_GOLDEN=1 writes it")
    func documentation() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/specs/yaml.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let marks = ("<!-- suite -->\n", "\n<!-- /suite -->")
        let begin = try #require(text.range(of: marks.0)?.upperBound)
        let end = try #require(text.range(of: marks.1)?.lowerBound)
        let table = YAMLSuiteExpectations.table
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
            try text.replacingCharacters(in: begin..<end, with: table).write(
                to: page, atomically: true, encoding: .utf8)
            Issue.record("recorded \(page.lastPathComponent); read the difference, then run without RECORD_GOLDEN")
        } else {
            #expect(String(text[begin..<end]) == table)
        }
    }
}
