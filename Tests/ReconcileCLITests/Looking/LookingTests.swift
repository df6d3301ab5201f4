import ArgumentParser
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import API
@testable import ReconcileCLI

/// `status`, `get`, `describe`, `events`, `history`, `recommend` and `sync` as they are typed and shown.
struct LookingTests {
    private static let web = ResourceID(.workload, "web")
    private static let commands = ["status", "get", "describe", "events", "history", "recommend", "sync"]

    @Test(
        "a kind is known in any case and in the plural",
        arguments: [
            ("Workload", ObjectWord(kind: .workload)), ("workloads", ObjectWord(kind: .workload)),
            ("WARMPOOL", ObjectWord(kind: .warmPool)), ("networkpolicies", ObjectWord(kind: .networkPolicy)),
            ("workload/web", ObjectWord(kind: .workload, name: "web")),
        ])
    func words(text: String, word: ObjectWord) throws {
        #expect(try ObjectWord.parse(argument: text) == word)
    }

    @Test(
        "what is mistyped is refused with a word on what would be right",
        arguments: [
            (["get", "Workloat"], "there is no kind 'Workloat'; did you mean 'Workload'?"),
            (["get", "Workload/"], "'Workload/' must be KIND or KIND/NAME, such as Workload/web"),
            (["describe", "Workload/web/0"], "must be KIND or KIND/NAME; Workload/web is the object"),
            (["describe", "Workload"], "'Workload' must be KIND/NAME, such as Workload/web"),
            (["describe"], "Missing expected argument '<kind/name>'"),
            (["events", "--object", "Workload"], "'Workload' must be KIND/NAME"),
            (["events", "Workload"], "'Workload' must be KIND/NAME"),
            (["events", "Workload/web", "--object", "Workload/api"], "name the object once"),
            (["events", "--severity", "bad"], "'bad' is invalid"),
            (["events", "--limit", "20000"], "--limit must be 0 to 10000"),
            (["history", "--limit", "0"], "--limit must be 1 to 1000"),
            (["sync", "--wait-for", "5m"], "--wait-for needs --wait"),
        ])
    func mistakes(words: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try ReconcileCommand.parseAsRoot(words) }
        guard let error else { return }
        let text = ReconcileCommand.message(for: error)
        #expect(text.contains(message), "\(text)")
        #expect(ReconcileCommand.exitCode(for: error) == .validationFailure)
    }

    @Test(
        "the object of events is a word or an option", arguments: [["workloads/web"], ["--object", "workloads/web"]])
    func eventsOfObject(words: [String]) throws {
        let command = try #require(try ReconcileCommand.parseAsRoot(["events"] + words) as? EventsCommand)
        #expect(try command.query() == EventQuery(object: Self.web))
    }

    @Test("the help of each has the exit codes", arguments: commands)
    func help(_ name: String) throws {
        let command = try #require(
            ReconcileCommand.configuration.subcommands.first { $0.configuration.commandName == name })
        #expect(ReconcileCommand.helpMessage(for: command, columns: 100).contains("EXIT CODES"))
    }

    @Test("without a daemon each ends with 1, and says what to do", arguments: commands)
    func noDaemon(_ name: String) async throws {
        try await ScratchFolder.with { folder in
            let words = [name] + (name == "describe" ? ["Workload/web"] : [])
            let ending = try await Program().run(words + ["--state-dir", folder.path])
            #expect(ending.exitCode == 1 && ending.output.isEmpty)
            #expect(
                ending.errors
                    == "error: no daemon listens at '\(folder.path)/reconcile.sock'; start one, or name its --state-dir\n"
            )
        }
    }

    @Test("one object is shown with where it is declared, what runs, what is held and what happened")
    func describe() {
        var ready = Condition(.ready, false, "PruneBudget", "too much")
        ready.lastTransitionTime = Instant(secondsSince1970: 1_000)
        let action = Action(
            .member(MemberID(Self.web, 1)), .create, .missing,
            at: SourcePosition(file: "web.yaml", line: 2, column: 1), class: .safe, steps: [],
            verdict: .held(Hold(.paused, "by alice: disk", until: .resumed(nil), also: [Hold(.cordoned, "")])))
        var observed = ObservedState()
        let member = OwnershipMark.Member(slot: 0, incarnation: 1, recreateHash: "x")
        observed.record(
            ObservedContainer(
                id: "c0ffee0123456789", name: "web-0-1",
                mark: OwnershipMark(owner: "default", object: Self.web, member: member), member: member,
                image: "web:1", imageID: "sha256:1", status: .exited, exitCode: 3, health: .unhealthy),
            id: "c0ffee0123456789")
        let status = HostStatus(
            host: "a", revision: nil, engine: .init(reachable: true, version: "", apiVersion: ""), source: nil,
            objects: [.init(id: Self.web, desired: 2, present: 1, ready: 0, conditions: [ready])])
        let report = HostReport(
            status: status, plan: Plan(actions: [action]), desired: Declared.state(Declared.workload(replicas: 2)),
            observed: observed)
        let event = EventRecord(
            time: Instant(secondsSince1970: 0), severity: .warning, key: .member(MemberID(Self.web, 0)),
            reason: "StepFailed", message: "start web-0-1: busy")
        guard let detail = report.detail(of: Self.web) else { Issue.record("no such object"); return }
        let text = DetailRenderer.text(
            detail, events: [EventDocument(event)], now: Instant(secondsSince1970: 1_300))
        #expect(
            text == """
                object    Workload/web
                declared  web.yaml:1:1
                revision  1111111 (main)
                pool      HostPool/local
                image     web:1
                members   2 desired, 1 present, 0 ready

                CONDITION  STATUS  SINCE  REASON       MESSAGE
                Ready      False   5m     PruneBudget  too much

                MEMBER          CONTAINER     NAME     IMAGE  STATE                  READY
                Workload/web/0  c0ffee012345  web-0-1  web:1  exited (3), unhealthy  no

                to do
                  !  Workload/web/1  create  not on this host  web.yaml:2:1
                  held     Workload/web/1: Paused: by alice: disk (until 'reconcile resume'), also Cordoned

                events
                  1970-01-01T00:00:00Z  Warning  Workload/web/0  StepFailed  start web-0-1: busy
                """)
    }

    @Test("a pool is shown with the hosts that it selects and the objects that refer to it")
    func describePool() throws {
        let selector = HostPool.HostSelector(name: "host-b", matchLabels: ["role": "agent"])
        let desired = Declared.state(
            Declared.workload(), Declared.workload("api"),
            pools: [Declared.pool(), Declared.pool("other", hosts: selector, scope: .perHost)])
        let status = HostStatus(
            host: "a", revision: nil, engine: .init(reachable: true, version: "", apiVersion: ""), source: nil,
            objects: [])
        let report = HostReport(status: status, desired: desired)
        func rows(_ name: String) throws -> [String] {
            let detail = try #require(report.detail(of: ResourceID(.hostPool, name)))
            let text = DetailRenderer.text(detail, events: [], now: Instant(secondsSince1970: 0))
            return text.split(separator: "\n").map { String($0) }.filter {
                ["hosts", "scope", "objects"].contains($0.prefix { $0 != " " })
            }
        }
        #expect(
            try rows("local") == [
                "hosts     name=host-a; this host is one of them", "scope     shared",
                "objects   Workload/api, Workload/web",
            ])
        #expect(
            try rows("other") == [
                "hosts     name=host-b, role=agent; this host is none of them", "scope     perHost",
                "objects   none",
            ])
    }

    @Test(
        "ages are in the largest unit",
        arguments: [
            (0, "0s"), (119, "119s"), (120, "2m"), (7_199, "119m"), (7_200, "2h"), (172_800, "2d"), (-5, "0s"),
        ] as [(Int64, String)])
    func ages(seconds: Int64, text: String) {
        let now = Instant(secondsSince1970: 1_000_000)
        #expect(DetailRenderer.age(of: now.advanced(bySeconds: -seconds), now) == text)
    }

    @Test("history and events are tables")
    func tables() {
        let records = [
            RevisionRecord(
                revision: Revision(id: "3333333", reference: "main"), outcome: .rejected,
                message: "findings: 1", time: Instant(secondsSince1970: 60)),
            RevisionRecord(
                revision: Revision(id: "2222222", reference: "main"),
                commit: CommitFacts(
                    author: "Ada <ada@example.org>", time: Instant(secondsSince1970: 0), subject: "Add web"),
                outcome: .applied, time: Instant(secondsSince1970: 0)),
        ]
        #expect(
            RevisionTable.text(records) == """
                REVISION  OUTCOME   TIME                  AUTHOR                 SUBJECT
                3333333   Rejected  1970-01-01T00:01:00Z
                2222222   Applied   1970-01-01T00:00:00Z  Ada <ada@example.org>  Add web

                rejected  3333333: findings: 1
                """)
        let event = EventRecord(time: Instant(secondsSince1970: 0), reason: "RevisionApplied", message: "2222222")
        #expect(
            EventTable.line(EventDocument(event))
                == "1970-01-01T00:00:00Z  Normal   host                      RevisionApplied     2222222")
    }

    @Test(
        "a sync waits for what goes on by itself, and only for that",
        arguments: [
            ([Condition(.ready, true, "Converged", "")], SyncOutcome.converged),
            ([Condition(.ready, false, "PruneBudget", "")], .held),
            ([Condition(.ready, false, "Refused", ""), Condition(.stalled, true, "Refused", "")], .stalled),
            (
                [
                    Condition(.ready, false, "Refused", ""), Condition(.stalled, true, "Refused", ""),
                    Condition(.reconciling, true, "Progressing", ""),
                ], .progressing
            ),
            ([Condition(.ready, .unknown, "EngineUnreachable", "")], .progressing),
        ])
    func sync(conditions: [Condition], outcome: SyncOutcome) {
        let status = HostStatus(
            host: "a", revision: nil, engine: .init(reachable: true, version: "", apiVersion: ""), source: nil,
            objects: [.init(id: Self.web, desired: 1, present: 1, ready: 0, conditions: conditions)])
        #expect(SyncOutcome(status) == outcome)
    }
}
