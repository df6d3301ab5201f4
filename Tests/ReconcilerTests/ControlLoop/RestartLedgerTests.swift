import ReconcileTesting
import Reconciler
import Specs
import Testing

struct RestartLedgerTests {
    private let web = MemberID(ResourceID(.workload, "web"), 0)

    @Test("the first restart is immediate, then the wait doubles from 1 s to 5 min")
    func doubles() {
        var ledger = RestartLedger()
        var waits: [Duration?] = []
        for _ in 0..<12 {
            ledger.started(web, at: .seconds(100))
            waits.append(ledger.notBefore[web].map { $0 - .seconds(100) })
        }
        let seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map { Duration.seconds($0) }
        #expect(waits == [nil] + seconds)
        #expect(ledger.starts(of: web) == 12)
    }

    @Test("ten minutes without a start begin anew")
    func quietTime() {
        var ledger = RestartLedger()
        ledger.started(web, at: .zero)
        ledger.started(web, at: .seconds(599))
        #expect(ledger.starts(of: web) == 2)
        ledger.started(web, at: .seconds(1_199))
        #expect(ledger.starts(of: web) == 1)
        #expect(ledger.notBefore[web] == nil)
    }

    @Test("a member whose engine ends again and again is started at once each time")
    func engineEndsAgain() throws {
        let desired = Declared.state(Declared.workload())
        var rig = try LoopRig(desired)
        var state = ObservedState(converged: desired)
        let running = state.containers["id-web-0-1"]
        state.change("web-0-1") { $0.status = .exited }
        for run in 0..<6 {
            if run > 0 { rig.tell(.streamLost) }
            state.engine.start = "run \(run)"
            rig.observed(state)
            #expect(rig.stepNames == ["start"], "in run \(run)")
            rig.ended(.success(.container(id: "id-web-0-1", running)))
        }
        // Its own ends count as ever.
        for _ in 0..<2 {
            rig.tell(.streamLost)
            rig.observed(state)
            rig.ended(.success(.container(id: "id-web-0-1", running)))
        }
        rig.tell(.streamLost)
        rig.observed(state)
        #expect(rig.steps.isEmpty)
    }

    @Test("what ended with the engine does not count, and what ends in the next run of it does")
    func engine() {
        var ledger = RestartLedger(minReadyTime: .seconds(1))
        for second in 0..<5 { ledger.started(web, at: .seconds(second)) }
        ledger.engineRestarted()
        #expect(ledger.notBefore[web] == nil && ledger.crashLoops(from: 1, at: .seconds(5)).isEmpty)
        #expect(ledger.readyNotBefore[web] == .seconds(5), "how long it has run is another matter")
        var waits: [Duration?] = []
        for _ in 0..<3 {
            ledger.started(web, at: .seconds(10))
            waits.append(ledger.notBefore[web].map { $0 - .seconds(10) })
        }
        #expect(waits == [nil, .seconds(1), .seconds(2)])
    }

    @Test("a crash loop is one until the member has run for as long as it would have to wait")
    func crashLoops() {
        var ledger = RestartLedger()
        func loops(at second: Int) -> [MemberID: Int] { ledger.crashLoops(from: 3, at: .seconds(second)) }
        for _ in 0..<2 { ledger.started(web, at: .zero) }
        #expect(loops(at: 0).isEmpty, "that is no habit yet")
        for _ in 0..<3 { ledger.started(web, at: .seconds(10)) }
        #expect(loops(at: 10) == [web: 5] && loops(at: 17) == [web: 5])
        #expect(loops(at: 18).isEmpty)
    }

    @Test("a thousand starts do not overflow")
    func manyStarts() {
        var ledger = RestartLedger()
        for _ in 0..<1_000 { ledger.started(web, at: .zero) }
        #expect(ledger.notBefore[web] == .seconds(300))
    }

    @Test("members do not wait for each other, and a forgotten one does not wait at all")
    func byMember() {
        var ledger = RestartLedger()
        for _ in 0..<3 { ledger.started(web, at: .zero) }
        #expect(ledger.notBefore.keys.sorted() == [web])
        ledger.forget(web)
        #expect(ledger.notBefore.isEmpty)
    }

    @Test("a member takes over when it has run for the time that was asked for")
    func readyTime() {
        var ledger = RestartLedger(minReadyTime: .seconds(2))
        ledger.started(web, at: .seconds(3))
        #expect(ledger.readyNotBefore == [web: .seconds(5)])
    }

    @Test("what is not kept is forgotten")
    func keeps() {
        var ledger = RestartLedger()
        let api = MemberID(ResourceID(.workload, "api"), 0)
        for member in [web, web, api, api] { ledger.started(member, at: .zero) }
        ledger.keep { $0 == api }
        #expect(ledger.starts(of: web) == 0 && ledger.starts(of: api) == 2)
        #expect(ledger.notBefore.keys.sorted() == [api] && ledger.readyNotBefore.keys.sorted() == [api])
    }
}
