import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// Plans for programs, bots and code hosts. How they look is recorded in `Golden/scary-commit`.
@Suite("formats of plans")
struct PlanFormatTests {
    private static let now = Instant(secondsSince1970: 1_790_000_000)

    private static func document(
        _ desired: DesiredState, since base: DesiredState? = nil, on observed: ObservedState, host: String? = "host-a"
    ) -> PlanDocument {
        let preview = Preview(PreviewInput(desired, since: base, on: observed, at: now))
        return PlanDocument(preview, revision: desired.revision, host: host)
    }

    /// A replacement of many members of many objects, of each for another reason.
    private static func large(_ objects: Int) -> PlanDocument {
        let base = Declared.state(warmPools: (0..<objects).map { Declared.warmPool("pool-\($0)", size: 2) })
        let desired = Declared.state(
            warmPools: (0..<objects).map {
                Declared.warmPool("pool-\($0)", size: 2, ContainerTemplate(image: "agent-\($0):2"))
            }, revision: "2222222")
        return document(desired, since: base, on: ObservedState(applied: base, isForEveryPool: false, at: now))
    }

    // MARK: For people

    @Test("colours change no column, and each symbol has its own")
    func colours() {
        let base = Declared.state(Declared.workload("a"), Declared.workload("b"))
        let desired = Declared.state(
            Declared.workload("a", ContainerTemplate(image: "web:2")), Declared.workload("c"), revision: "2222222")
        let preview = Preview(
            PreviewInput(
                desired, since: base, on: ObservedState(applied: base, isForEveryPool: false, at: Self.now),
                at: Self.now))
        let text = PlanRenderer.text(preview, style: Style(isColored: true))
        for symbol in ["32m+\u{1B}[0m ", "31m-\u{1B}[0m ", "35m"] {
            #expect(text.contains("  \u{1B}[" + symbol), "\(text)")
        }
        #expect(text.replacing(/\u{1B}\[[0-9;]*m/, with: "") == PlanRenderer.text(preview))
    }

    // MARK: JSON

    @Test("every plan is as the JSON Schema says, and the checker refuses what is not")
    func schema() throws {
        let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/plan.schema.json")
        let schema = try JSONDocument(Data(contentsOf: docs))
        let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Golden/scary-commit/plan.json")
        for text in [
            try String(contentsOf: golden, encoding: .utf8), try Terminal.json(Self.large(3)),
            try Terminal.json(Self.document(Declared.state(Declared.workload()), on: ObservedState(), host: nil)),
        ] {
            #expect(JSONSchemaCheck.findings(in: try JSONDocument(Data(text.utf8)), by: schema) == [])
        }
        let wrong = try JSONDocument(Data(#"{"formatVersion": 2, "sumary": {}}"#.utf8))
        let findings = JSONSchemaCheck.findings(in: wrong, by: schema)
        #expect(findings.contains("$: 'sumary' is not in the schema") && findings.contains("$: 'summary' is missing"))
        #expect(findings.contains { $0.hasPrefix("$.formatVersion") })
    }

    // MARK: Markdown

    @Test("a comment stays within what GitHub takes, and says how much did not fit", arguments: [1, 60, 600])
    func limit(objects: Int) {
        let document = Self.large(objects)
        let text = PlanMarkdown.text([document])
        #expect(text.utf8.count <= 65_000)
        #expect(text.contains("did not fit") == (objects == 600))
        #expect(text.components(separatedBy: "<details").count == text.components(separatedBy: "</details>").count)
        guard objects == 600 else { return }
        // Whatever is left out of the first table is counted there.
        let folded = FoldedPlan(document).lines.count
        let shown = text.components(separatedBy: "</details>")[0].components(separatedBy: "\n| ").count - 3
        #expect(text.contains("_\(folded - shown) more did not fit"), "\(folded) and \(shown)")
    }

    @Test("a comment about a fleet stays within what GitHub takes, with all hosts in total and as many as fit in full")
    func fleet() {
        let hosts = (100..<400).map { number in
            var document = Self.large(2)
            document.host = "worker-\(number).example.org"
            return document
        }
        let text = PlanMarkdown.text(hosts)
        #expect(text.utf8.count <= 65_000)
        #expect(text.hasPrefix("<!-- reconcile plan: worker-100.example.org and others -->\n\n### Plan of 300 hosts"))
        #expect(text.contains("| **in total** | **\(PlanCounts(hosts).words)** |"))
        let shown = text.components(separatedBy: "\n### Plan for `worker-").count - 1
        #expect(text.contains("_\(300 - shown) more hosts did not fit"), "\(shown) are shown")
        #expect(text.components(separatedBy: "<details").count == text.components(separatedBy: "</details>").count)
    }

    @Test("the marker is the same for another revision, and another for another host")
    func marker() throws {
        let one = Self.document(Declared.state(Declared.workload()), on: ObservedState())
        let later = Self.document(Declared.state(Declared.workload("b"), revision: "2222222"), on: ObservedState())
        let other = Self.document(Declared.state(Declared.workload()), on: ObservedState(), host: "host-b")
        #expect(PlanMarkdown.text([one]).hasPrefix("<!-- reconcile plan: host-a -->\n"))
        #expect(PlanMarkdown.marker([one]) == PlanMarkdown.marker([later]))
        #expect(PlanMarkdown.marker([one]) != PlanMarkdown.marker([other]))
        let both = PlanMarkdown.text([one, other])
        #expect(both.contains("### Plan of 2 hosts") && both.contains("| `host-b` | "))
    }

    @Test(
        "text of the repository stays in its code span",
        arguments: [
            ("@everyone", "`@everyone`"), ("a|b", "`a\\|b`"), ("`x`", "`` `x` ``"), ("two\nlines", "`two lines`"),
            ("``", "``` `` ```"), ("</details>", "`</details>`"), ("", ""),
            // A combining mark makes another character of what it follows, and parsers go by scalars.
            ("a|\u{301}b", "`a\\|\u{301}b`"), ("a`\u{301} @all", "`` a`\u{301} @all ``"),
            ("a\n\u{301}b", "`a \u{301}b`"), ("a\u{2028}b\u{1B}", "`a b\u{FFFD}`"),
        ])
    func code(text: String, span: String) {
        #expect(Array(PlanMarkdown.code(text).unicodeScalars) == Array(span.unicodeScalars))
    }

    @Test("one long text empties no comment and swells no report")
    func longText() throws {
        var document = Self.large(3)
        document.actions[0].reason = String(repeating: "long ", count: 20_000)
        let markdown = PlanMarkdown.text([document])
        #expect(markdown.contains("pool-2") && markdown.contains("…") && !markdown.contains("did not fit"))
        for (name, text) in try PlanText.all(of: document) where name != "plan.json" {
            #expect(text.utf8.count < 30_000 && text.contains("long long"), "\(name)")
        }
    }

    @Test("members that get the same for the same reason are one line")
    func folding() throws {
        let desired = Declared.state(Declared.workload(replicas: 5))
        var observed = ObservedState(converged: desired)
        observed.change("web-1-1") { $0.status = .exited }
        for slot in [0, 2, 3] { observed.remove("web-\(slot)-1") }
        let lines = FoldedPlan(Self.document(desired, on: observed)).lines.map { "\($0.subject): \($0.words)" }
        #expect(lines == ["Workload/web/0,2-3: create 3 members", "Workload/web/1: start"])
    }

    // MARK: Code hosts

    @Test("what GitHub shows first is what matters most")
    func annotations() throws {
        let base = Declared.state(Declared.workload("web", strategy: .recreate), Declared.workload("api"))
        let desired = Declared.state(
            Declared.workload("web", strategy: .recreate, ContainerTemplate(image: "web:2")),
            Declared.workload("api", ContainerTemplate(image: "api:2")), revision: "2222222")
        let observed = ObservedState(applied: base, isForEveryPool: false, at: Self.now)
        let lines = PlanAnnotations.text([Self.document(desired, since: base, on: observed)]).split(separator: "\n")
        #expect(
            lines.first
                == "::warning file=web.yaml,line=1,col=1,title=Workload/web%3A NoReadyMember::its last ready member goes before a successor is ready"
        )
        #expect(
            lines.dropFirst().dropLast().allSatisfy {
                $0.hasPrefix("::notice file=") || $0.hasPrefix("::notice title=")
            })
        #expect(lines.last?.hasPrefix("2222222 (main) on host-a, compared with 1111111: ") == true)
    }

    @Test("what is at no line is told as well: numbers of Autoscalers, pins, and the total of all hosts")
    func unplaced() throws {
        let desired = Declared.state(Declared.workload("web"), Declared.workload("api"))
        var plan = Preview(PreviewInput(desired, since: nil, on: ObservedState(), at: Self.now)).plan
        let web = ResourceID(.workload, "web")
        let api = ResourceID(.workload, "api")
        plan.autoscaled = [
            AutoscaledObject(
                object: web,
                live: LiveSize(autoscaler: "by-cpu", size: 7, bounds: ScalingBounds(min: 2, max: 20)))
        ]
        let pin = Pin(
            object: api, revision: desired.revision, cause: .requested, reason: "slow", rejected: "", since: Self.now)
        plan.pinned = [PinnedObject(pin, insteadOf: Declared.state(revision: "2222222").revision)]
        var document = PlanDocument(plan, revision: Declared.state(revision: "2222222").revision)
        document.host = "host-a"
        let log = PlanAnnotations.text([document, document])
        #expect(log.contains("\nhost-a: Workload/web: replicas 7 (autoscaled, bounds 2-20)\n"), "\(log)")
        #expect(
            log.contains("\nhost-a: Workload/api: pinned to 1111111 (Requested: slow), not what 2222222 says\n"),
            "\(log)")
        #expect(log.contains("\nIn total on 2 hosts: 12 to create, 0 already right"), "\(log)")
        let comment = PlanMarkdown.text([document])
        #expect(comment.contains("| `Workload/web` | 7 (`2-20`) |"), "\(comment)")
        #expect(
            comment.contains("| `Workload/api` | `pinned to 1111111 (Requested: slow), not what 2222222 says` |"),
            "\(comment)")
    }

    @Test("fingerprints of GitLab are of the remark, not of its line, and no two are the same")
    func quality() throws {
        let base = Self.large(4)
        let issues = PlanQuality.issues([base])
        #expect(!issues.isEmpty && Set(issues.map(\.fingerprint)).count == issues.count)
        var moved = base
        for index in moved.actions.indices { moved.actions[index].position?.line += 7 }
        #expect(PlanQuality.issues([moved]).map(\.fingerprint) == issues.map(\.fingerprint))
        #expect(issues.allSatisfy { $0.location.lines.begin > 0 && !$0.location.path.isEmpty })
    }

    @Test("results of SARIF name rules that are there, and every verb has one")
    func sarif() throws {
        let log = SARIFLog([Self.large(2)], version: "0.1.0")
        let run = try #require(log.runs.first)
        for result in run.results { #expect(run.tool.driver.rules[result.ruleIndex].id == result.ruleId) }
        #expect(!run.results.isEmpty)
        let known = Set(PlanRemark.rules.map(\.id))
        let verbs: [Action.Verb] = [
            .create, .update, .replace, .remove, .start, .restart, .stop, .pause, .unpause, .rename, .pull,
        ]
        for verb in verbs { #expect(known.contains("plan-\(verb.rawValue)")) }
    }

    @Test("no format shows a value of a variable")
    func secrets() throws {
        func state(_ value: String, _ revision: String) -> DesiredState {
            var template = ContainerTemplate(image: "web:1")
            template.env = ["TOKEN": value]
            return Declared.state(Declared.workload(template), revision: revision)
        }
        let base = state("xyzzy-4711", "1111111")
        let observed = ObservedState(applied: base, isForEveryPool: false, at: Self.now)
        let document = Self.document(state("xyzzy-0815", "2222222"), since: base, on: observed)
        let texts = try PlanText.all(of: document).map(\.text)
        #expect(texts.allSatisfy { $0.contains("env") && !$0.contains("xyzzy") }, "\(texts)")
    }
}
