import Foundation
import Glibc
import Specs
import Testing

@testable import ReconcileCLI

@Suite("Findings in every format")
struct FormatTests {
    private static let first = SourcePosition(file: "specs/a.yaml", line: 1, column: 1)
    private static let place = SourcePosition(file: "specs/b c,d:e%.yaml", line: 14, column: 9)
    private static let diagnostics = [
        Diagnostic(
            .hostPortTaken, at: place, "100% taken:\r\nby '::error::x'", hint: "choose another", related: first),
        Diagnostic(.selectorMatchesNothing, at: first, "nothing"),
        Diagnostic(.info, .notYetEnforced, at: first, "later"),
    ]
    private static let report = FindingsReport(diagnostics, files: 12, objects: nil)

    @Test("workflow commands are one line each, whatever they hold")
    func github() {
        #expect(
            WorkflowCommands.text(Self.report).split(separator: "\n") == [
                "::error file=specs/b c%2Cd%3Ae%25.yaml,line=14,col=9,title=S205%3A port of the host is taken::100%25 "
                    + "taken:%0D%0Aby '::error::x'%0Ahelp: choose another%0Aspecs/a.yaml:1:1: first declared here",
                "::warning file=specs/a.yaml,line=1,col=1,title=S301%3A selector that matches nothing::nothing",
                "::notice file=specs/a.yaml,line=1,col=1,title=S303%3A not enforced by this version::later",
                "1 error, 1 warning, 1 note in 12 files",
            ])
    }

    @Test("JSON has a version, the sums, and every finding with its places")
    func json() throws {
        let text = try Terminal.json(FindingsDocument(Self.report))
        let document = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(document["version"] as? Int == 1)
        #expect(document["valid"] as? Bool == false)
        #expect(document["summary"] as? [String: Int] == ["files": 12, "errors": 1, "warnings": 1, "infos": 1])
        let findings = try #require(document["diagnostics"] as? [[String: Any]])
        #expect(findings.map { $0["code"] as? String } == ["S205", "S301", "S303"])
        #expect(findings.map { $0["name"] as? String }.first == "hostPortTaken")
        #expect(findings.map { $0["severity"] as? String } == ["error", "warning", "info"])
        #expect((findings[0]["position"] as? [String: Any])?["line"] as? Int == 14)
        let related = try #require((findings[0]["related"] as? [[String: Any]])?.first)
        #expect(related["note"] as? String == "first declared here")
        #expect(findings[1]["hint"] == nil)
    }

    @Test("SARIF names the version, its schema, all rules, and a rule and a place for every result")
    func sarif() throws {
        let text = try Terminal.json(SARIFLog(Self.report, version: "0.1.0"))
        let log = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(log["version"] as? String == "2.1.0")
        #expect((log["$schema"] as? String)?.hasSuffix("sarif-schema-2.1.0.json") == true)
        let run = try #require((log["runs"] as? [[String: Any]])?.first)
        let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
        let rules = try #require(driver["rules"] as? [[String: Any]])
        #expect(rules.map { $0["id"] as? String } == Diagnostic.Code.allCases.map(\.rawValue))
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(results.map { $0["level"] as? String } == ["error", "warning", "note"])
        for result in results {
            let index = try #require(result["ruleIndex"] as? Int)
            #expect(rules[index]["id"] as? String == result["ruleId"] as? String)
        }
        #expect(text.contains(#""uri" : "specs/b%20c%2Cd%3Ae%25.yaml""#))
        #expect(results[0]["relatedLocations"] != nil && results[1]["relatedLocations"] == nil)
    }

    @Test("an absolute path is a URI of its own in SARIF")
    func absolute() throws {
        let place = SourcePosition(file: "/srv/ä.yaml", line: 1, column: 1)
        let report = FindingsReport([Diagnostic(.syntax, at: place, "m")], files: 1, objects: nil)
        let text = try Terminal.json(SARIFLog(report, version: "0.1.0"))
        #expect(text.contains(#""uri" : "file:///srv/%C3%A4.yaml""#))
    }

    @Test(
        "the last line counts",
        arguments: [
            ([], 12, 34, "12 files, 34 objects: valid"), ([], 1, 1, "1 file, 1 object: valid"),
            ([.error, .error, .error, .warning], 12, nil, "3 errors, 1 warning in 12 files"),
            ([.warning, .warning], 2, 5, "2 files, 5 objects: valid, 2 warnings"),
            ([.info], 1, 1, "1 file, 1 object: valid, 1 note"),
        ] as [([Diagnostic.Severity], Int, Int?, String)])
    func summary(severities: [Diagnostic.Severity], files: Int, objects: Int?, text: String) {
        let diagnostics = severities.map { Diagnostic($0, .syntax, at: Self.first, "m") }
        #expect(FindingsReport(diagnostics, files: files, objects: objects).summary == text)
    }

    @Test("strict makes errors of warnings, and of nothing else")
    func strict() {
        let strict = Self.report.strict
        #expect(strict.diagnostics.map(\.severity) == [.error, .error, .info])
        #expect(FindingsReport([Self.diagnostics[2]], files: 1, objects: 1).strict.hasErrors == false)
    }

    @Test("colours come only where they are wanted, and take nothing away")
    func colors() {
        let files = [SpecFile(path: "specs/a.yaml", bytes: Array("key: 1".utf8))]
        var plain = FindingsRenderer(files)
        var colored = FindingsRenderer(files, style: Style(isColored: true))
        let text = colored.text(Self.diagnostics)
        #expect(text.contains("\u{1B}[1;31merror[S205]\u{1B}[0m"))
        #expect(text.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain.text(Self.diagnostics))
        #expect(!plain.text(Self.diagnostics).contains("\u{1B}"))
    }

    @Test(
        "colours are for terminals, and NO_COLOR and TERM=dumb turn them off",
        arguments: [
            (ColorChoice.always, [:], true), (.never, [:], false), (.auto, [:], false),
            (.always, ["NO_COLOR": "1"], true),
        ] as [(ColorChoice, [String: String], Bool)])
    func choice(choice: ColorChoice, environment: [String: String], isOn: Bool) throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        #expect(choice.isOn(for: descriptor, environment: { environment[$0] }) == isOn)
    }

    @Test(
        "on a terminal there are colours, unless somebody refuses them",
        arguments: [
            ([:], true), (["TERM": "xterm"], true), (["TERM": "dumb"], false), (["NO_COLOR": "1"], false),
            (["NO_COLOR": ""], true),
        ] as [([String: String], Bool)])
    func terminal(environment: [String: String], isOn: Bool) {
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(terminal) }
        #expect(ColorChoice.auto.isOn(for: terminal, environment: { environment[$0] }) == isOn)
    }

    @Test("no format but the one for the terminal shows a line of a file")
    func noLines() throws {
        let bytes = Array("env: {PASSWORD: hunter2, PASSWORD: again}".utf8)
        let diagnostic = Diagnostic(
            .duplicateKey, at: SourcePosition(file: "a.yaml", line: 1, column: 26), "duplicate key 'PASSWORD'")
        let report = FindingsReport([diagnostic], files: 1, objects: nil)
        var renderer = FindingsRenderer([SpecFile(path: "a.yaml", bytes: bytes)])
        #expect(renderer.text([diagnostic]).contains("hunter2"))
        for text in [
            WorkflowCommands.text(report), try Terminal.json(FindingsDocument(report)),
            try Terminal.json(SARIFLog(report, version: "1")), "\(diagnostic.metadata)",
        ] { #expect(!text.contains("hunter2")) }
    }
}
