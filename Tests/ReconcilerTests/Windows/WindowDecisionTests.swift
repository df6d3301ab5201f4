import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Who wins among windows, and what people are told.
struct WindowDecisionTests {
    private func decide(
        _ windows: [Window], at text: String, lasting: Duration = .zero, isManual: Bool = false,
        _ progress: WindowQuestion.Progress = .notBegun
    ) throws -> WindowDecision {
        WindowSet(windows).decision(
            on: WindowQuestion(at: try Wall.at(text), lasting: lasting, isManual: isManual, progress))
    }

    private func text(_ decision: WindowDecision, at now: String) throws -> String {
        guard case .held(let hold) = decision else { return "permitted" }
        return hold.text(at: try Wall.at(now))
    }

    @Test("without a window that speaks of it, everything is permitted, for ever")
    func none() throws {
        #expect(try decide([], at: "2026-11-21T12:00:00Z") == .permitted(.init(why: .notRestricted, until: nil)))
    }

    @Test("a change that waits says until when, by the clock of its place, how long that is, and by which window")
    func thirdSunday() throws {
        let now = "2026-11-21T13:00:00Z"
        let held = try decide([try Wall.thirdSunday()], at: now)
        #expect(try text(held, at: now) == "held until Sun 2026-12-20 02:00 Asia/Tokyo (in 28d 4h) by third-sunday")
    }

    @Test(
        "openings are half-open: the first second belongs to them, the end does not",
        arguments: [
            ("2026-12-19T16:59:59Z", false), ("2026-12-19T17:00:00Z", true), ("2026-12-19T20:59:59Z", true),
            ("2026-12-19T21:00:00Z", false),
        ])
    func halfOpen(now: String, isOpen: Bool) throws {
        #expect(try decide([try Wall.thirdSunday()], at: now).isPermitted == isOpen)
    }

    @Test("deny wins over allow, and the hold ends when both would let it pass")
    func denyWins() throws {
        let allow = try Wall.window("nights", cron: "0 2 * * *", for: .seconds(4 * 3_600))
        let deny = try Wall.window("freeze", .deny, cron: "0 0 24 12 *", for: .seconds(2 * 86_400))
        let now = "2026-12-24T03:00:00Z"
        let held = try decide([allow, deny], at: now)
        #expect(try text(held, at: now) == "held until Sat 2026-12-26 02:00 UTC (in 1d 23h) by freeze")
        #expect(try decide([allow, deny], at: "2026-12-23T03:00:00Z").isPermitted)
        #expect(
            try decide([allow, deny], at: "2026-12-23T05:00:00Z")
                == .permitted(.init(why: .open(["nights"]), until: try Wall.at("2026-12-23T06:00:00Z"))))
    }

    @Test("of several that are shut, the one is named that opens first")
    func opensFirst() throws {
        let windows = [
            try Wall.window("late", cron: "0 22 * * *"), try Wall.window("early", cron: "0 4 * * *"),
        ]
        let now = "2026-06-17T12:00:00Z"
        #expect(
            try text(try decide(windows, at: now), at: now) == "held until Wed 2026-06-17 22:00 UTC (in 10h) by late")
    }

    @Test("windows that touch are one: a change may run from the first into the second")
    func touching() throws {
        let windows = [try Wall.window("one", cron: "0 1 * * *"), try Wall.window("two", cron: "0 2 * * *")]
        let decision = try decide(windows, at: "2026-06-17T01:30:00Z", lasting: .seconds(5_000))
        #expect(decision == .permitted(.init(why: .open(["one"]), until: try Wall.at("2026-06-17T03:00:00Z"))))
    }

    @Test("what may take longer than what is left waits for an opening that is long enough")
    func fits() throws {
        let windows = [
            try Wall.window("short", cron: "0 * * * *", for: .seconds(600)),
            try Wall.window("long", cron: "0 3 * * *", for: .seconds(3 * 3_600)),
        ]
        let now = "2026-06-17T01:05:00Z"
        #expect(try decide(windows, at: now, lasting: .seconds(300)).isPermitted, "to the very end is in time")
        let held = try decide(windows, at: now, lasting: .seconds(1_200))
        #expect(
            try text(held, at: now)
                == "held until Wed 2026-06-17 03:00 UTC (in 1h 55m) by short: it may take 20m, and 5m are left")
        let never = try decide(windows, at: now, lasting: .seconds(4 * 3_600))
        #expect(
            try text(never, at: now)
                == "held by short, and no time is found at which it may start: it may take 4h, and 5m are left")
    }

    @Test("a freeze that is near counts as an end too")
    func freezeAhead() throws {
        let freeze = try Wall.window("freeze", .deny, cron: "0 12 * * *")
        let now = "2026-06-17T11:55:00Z"
        #expect(
            try text(try decide([freeze], at: now, lasting: .seconds(600)), at: now)
                == "held until Wed 2026-06-17 13:00 UTC (in 1h 5m) by freeze: it may take 10m, and 5m are left")
    }

    @Test("what began in time is finished where all windows in the way say so")
    func overrun() throws {
        let finish = try Wall.window("a", cron: "0 2 * * *")
        let stop = try Wall.window("b", cron: "0 2 * * *") { $0.overrun = .stop }
        let after = "2026-06-17T04:00:00Z"
        #expect(try decide([finish], at: after, .begunInTime) == .permitted(.init(why: .overrun)))
        #expect(try decide([finish], at: after, .begun(at: try Wall.at("2026-06-17T02:59:59Z"))).isPermitted)
        #expect(try !decide([finish], at: after, .begun(at: try Wall.at("2026-06-17T03:00:00Z"))).isPermitted)
        #expect(try !decide([finish, stop], at: after, .begunInTime).isPermitted)
        #expect(
            try decide([finish], at: "2026-06-17T02:59:00Z", lasting: .seconds(3_600), .begunInTime).isPermitted,
            "what is under way need not fit again")
    }

    @Test("an emergency override has an end, and covers what it names")
    func override() throws {
        let (since, until) = (try Wall.at("2026-06-17T01:00:00Z"), try Wall.at("2026-06-17T03:00:00Z"))
        let web = ResourceID(.workload, "web")
        let one = WindowOverride(object: web, reason: "outage", by: "ada", since: since, until: until)
        #expect(one.covers(web, at: since) && !one.covers(web, at: until))
        #expect(!one.covers(ResourceID(.workload, "other"), at: since))
        let all = WindowOverride(reason: "outage", by: "ada", since: since, until: until)
        #expect(all.covers(web, at: since) && !all.covers(web, at: since.advanced(bySeconds: -1)))
    }

    @Test("only windows that speak of the class and select the labels count")
    func concerning() throws {
        let window = try Wall.window("a", cron: "0 2 * * *") {
            $0.selector = LabelSelector(matchLabels: ["tier": "sandbox"])
            $0.classes = [.destructive]
        }
        let set = WindowSet([window])
        #expect(set.concerning(.destructive, on: ["tier": "sandbox"]).windows.count == 1)
        #expect(set.concerning(.disruptive, on: ["tier": "sandbox"]).isEmpty)
        #expect(set.concerning(.destructive, on: [:]).isEmpty)
    }

    @Test(
        "spans are written with the two units that matter",
        arguments: [
            (0, "0s"), (40, "40s"), (61, "1m"), (3_599, "59m"), (3_600, "1h"), (12_000, "3h 20m"), (86_400, "1d"),
            (2_433_600, "28d 4h"),
        ] as [(Int64, String)])
    func spans(seconds: Int64, text: String) { #expect(WindowText.span(seconds: seconds) == text) }

    @Test("a time that the clock shows twice says which of the two")
    func repeated() throws {
        let zone = try Wall.zone("America/New_York")
        #expect(
            WindowText.moment(try Wall.at("2026-11-01T05:30:00Z"), in: zone)
                == "Sun 2026-11-01 01:30 EDT America/New_York")
        #expect(
            WindowText.moment(try Wall.at("2026-11-01T06:30:00Z"), in: zone)
                == "Sun 2026-11-01 01:30 EST America/New_York")
    }
}
