import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

struct RenderingTests {
    @Test("columns are as wide as their widest cell, and no line ends in blanks")
    func table() {
        let lines = Table.lines([["a", "bb", "c"], ["aaa", "", ""], ["x", "y", "zz"]])
        #expect(lines == ["a    bb  c", "aaa", "x    y   zz"])
        #expect(Table.lines([]) == [])
        #expect(Table.lines([["one"], ["two", "three"]]) == ["one", "two  three"])
    }

    @Test("text of a repository begins no line of its own and steers no terminal")
    func controls() {
        #expect(
            Table.lines([["a", "b\r\n::error::c\u{1B}[31m"], ["d", "\u{202E}e"]]) == [
                "a  b  ::error::c\u{FFFD}[31m", "d  \u{FFFD}e",
            ])
        let action = Action(
            .object(ResourceID(.workload, "web")), .create, .missing, at: nil, class: .safe, steps: [],
            verdict: .held(Hold(.paused, "why\n::error::not")))
        let lines = PlanRenderer.text(Plan(actions: [action])).split(separator: "\n")
        #expect(lines.allSatisfy { !$0.hasPrefix("::") } && lines.contains { $0.hasSuffix("why ::error::not") })
    }

    @Test("an empty plan says that there is nothing to do")
    func emptyPlan() { #expect(PlanRenderer.text(Plan(settled: 3)) == "No changes, 3 already right.") }

    @Test("every verb has its symbol", arguments: SymbolCase.all)
    func symbols(_ c: SymbolCase) {
        let action = Action(
            .object(ResourceID(.workload, "web")), c.verb, .missing, at: nil, class: .safe, steps: c.steps,
            verdict: c.verdict)
        #expect(action.symbol == c.symbol)
    }

    @Test("what is held or stalled is explained below the table and counted apart")
    func notes() {
        let key = Key.member(MemberID(ResourceID(.workload, "web"), 0))
        let plan = Plan(
            actions: [
                Action(
                    key, .create, .missing, at: SourcePosition(file: "web.yaml", line: 2, column: 1), class: .safe,
                    steps: [],
                    verdict: .held(Hold(.capacity, "the pool is full"))),
                Action(
                    key, .create, .missing, at: nil, class: .safe, steps: [],
                    verdict: .stalled(Stall(.nameConflict, "the name is taken"))),
            ], settled: 1)
        #expect(
            PlanRenderer.text(plan) == """
                  !  Workload/web/0  create  not on this host  web.yaml:2:1
                  !  Workload/web/0  create  not on this host

                  held    Workload/web: InsufficientCapacity: the pool is full
                  stalled Workload/web/0: NameConflict: the name is taken
                Nothing can be done, 1 already right, 1 held, 1 stalled.
                """)
    }

    @Test("what holds an object is said once, however many of its members it holds")
    func oneNoteForEachHold() {
        let actions = (0..<3).map { slot in
            Action(
                .member(MemberID(ResourceID(.workload, "web"), slot)), .create, .missing, at: nil, class: .safe,
                steps: [], verdict: .held(Hold(.noCoordinator, "nobody divides it")))
        }
        let notes = PlanRenderer.text(Plan(actions: actions)).split(separator: "\n").filter { $0.contains("held  ") }
        #expect(notes == ["  held    Workload/web: NoCoordinator: nobody divides it"])
    }

    @Test("the JSON of a plan holds what the text says, and the same plan gives the same bytes")
    func json() throws {
        let action = Action(
            .member(MemberID(ResourceID(.workload, "web"), 0)), .create, .missing, at: nil, class: .safe, steps: [],
            verdict: .waitFor(.object(ResourceID(.workload, "web"))))
        let document = PlanDocument(
            Plan(actions: [action], settled: 2), revision: Revision(id: "1111111", reference: "main"))
        let text = try Terminal.json(document)
        let again = try Terminal.json(document)
        #expect(text == again)
        for part in [
            #""formatVersion" : 1"#, #""changes" : 1"#, #""settled" : 2"#, #""hasChanges" : true"#,
            #""class" : "safe""#,
            #""waitsFor" : "Workload/web""#, #""symbol" : "+""#, #""reason" : "not on this host""#,
        ] { #expect(text.contains(part), "\(part) in \(text)") }
    }

    @Test("the status names host, engine, revision, source, and what stands in each object's way")
    func status() {
        let diagnostic = Diagnostic(
            .unknownKey, at: SourcePosition(file: "web.yaml", line: 9, column: 3), "unknown key 'replica'",
            hint: "did you mean 'replicas'?")
        let status = HostStatus(
            host: "host-a", revision: Revision(id: "3f2c9e1abcdef", reference: "main"),
            engine: .init(reachable: true, version: "20.10.24", apiVersion: "1.41", message: nil),
            source: SourceStatus(.rejected, "nothing of 4444444 was applied, findings: 1", diagnostics: [diagnostic]),
            objects: [
                .init(
                    id: ResourceID(.warmPool, "agents"), desired: 10, present: 10, ready: 10,
                    conditions: [Condition(.ready, true, "Converged", "everything is as git says")]),
                .init(
                    id: ResourceID(.workload, "web"), desired: 2, present: 1, ready: 0,
                    conditions: [Condition(.ready, false, "Progressing", "Workload/web/1: create: not on this host")]),
            ])
        #expect(
            StatusRenderer.text(status) == """
                host      host-a
                engine    Docker 20.10.24, API 1.41
                revision  3f2c9e1 (main)
                source    InvalidSpecs: nothing of 4444444 was applied, findings: 1

                OBJECT           DESIRED  PRESENT  READY  STATUS
                WarmPool/agents  10       10       10     Ready
                Workload/web     2        1        0      Progressing: Workload/web/1: create: not on this host

                web.yaml:9:3: error[S104]: unknown key 'replica' (did you mean 'replicas'?)
                """)
    }

    @Test("before there is anything to tell, the status says that")
    func emptyStatus() {
        let status = HostStatus(
            host: "host-a", revision: nil, engine: .init(reachable: false, version: "", apiVersion: "", message: nil),
            source: nil, objects: [])
        #expect(
            StatusRenderer.text(status) == """
                host      host-a
                engine    unreachable: not observed yet
                revision  none yet

                OBJECT  DESIRED  PRESENT  READY  STATUS
                """)
    }
}

struct SymbolCase: Sendable, CustomTestStringConvertible {
    let verb: Action.Verb
    var steps: [Step] = []
    var verdict = Verdict.go
    let symbol: String

    var testDescription: String { "\(verb.rawValue) \(symbol)" }

    private static let create: [Step] = {
        let id = ResourceID(.workload, "web")
        let template = ContainerTemplate(image: "web:1")
        let intent = MemberIntent(
            name: "web-0-1", mark: OwnershipMark(owner: "default", object: id),
            container: ContainerIntent(template: template, network: "n"))
        return [.createContainer(intent)]
    }()

    static let all: [SymbolCase] = [
        SymbolCase(verb: .create, symbol: "+"), SymbolCase(verb: .update, symbol: "~"),
        SymbolCase(verb: .start, symbol: "~"), SymbolCase(verb: .restart, symbol: "~"),
        SymbolCase(verb: .unpause, symbol: "~"), SymbolCase(verb: .rename, symbol: "~"),
        SymbolCase(verb: .remove, symbol: "-"), SymbolCase(verb: .pull, symbol: " "),
        SymbolCase(verb: .await, symbol: " "), SymbolCase(verb: .replace, steps: create, symbol: "+/-"),
        SymbolCase(verb: .replace, symbol: "-/+"),
        SymbolCase(verb: .remove, verdict: .held(Hold(.capacity, "")), symbol: "!"),
        SymbolCase(verb: .create, verdict: .stalled(Stall(.refused, "")), symbol: "!"),
        SymbolCase(verb: .create, verdict: .notBefore(.seconds(1)), symbol: "+"),
    ]
}
