import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Since when conditions are as they are.
struct ConditionLedgerTests {
    private static let web = ResourceID(.workload, "web")

    private static func status(_ conditions: [Condition]) -> HostStatus {
        HostStatus(
            host: "a", revision: Revision(id: "1111111", reference: "main"),
            engine: .init(reachable: true, version: "1", apiVersion: "1.41"), source: nil,
            objects: [.init(id: web, desired: 1, present: 1, ready: 1, conditions: conditions)])
    }

    private static let ready = Condition(.ready, true, "Converged", "")
    private static let unready = Condition(.ready, false, "Progressing", "")
    private static let reconciling = Condition(.reconciling, true, "Progressing", "")

    @Test("a condition is dated by its last transition, and not by a new reason")
    func transitions() {
        var ledger = ConditionLedger()
        func dates(_ conditions: [Condition], at second: Int64) -> [Int64] {
            let status = ledger.date(Self.status(conditions), now: Instant(secondsSince1970: second))
            return status.objects[0].conditions.compactMap { $0.lastTransitionTime?.secondsSince1970 }
        }
        #expect(dates([Self.unready, Self.reconciling], at: 10) == [10, 10])
        #expect(dates([Condition(.ready, false, "PruneBudget", "other")], at: 20) == [10])
        #expect(dates([Self.ready], at: 30) == [30])
        #expect(dates([Self.ready], at: 40) == [30])
        // It was away meanwhile.
        #expect(dates([Self.unready, Self.reconciling], at: 50) == [50, 50])
        // A clock that is set back never dates anything into the future.
        #expect(dates([Self.unready, Self.reconciling], at: 45) == [45, 45])
    }

    @Test("a restart of the program is no transition, and what it cannot know at first is none either")
    func restart() throws {
        var before = ConditionLedger()
        _ = before.date(Self.status([Self.ready]), now: Instant(secondsSince1970: 10))
        var ledger = try JSONDecoder().decode(ConditionLedger.self, from: JSONEncoder().encode(before))
        #expect(ledger == before)
        func date(_ condition: Condition, at second: Int64, isSettled: Bool) -> Int64? {
            let status = ledger.date(
                Self.status([condition]), now: Instant(secondsSince1970: second), isSettled: isSettled)
            return status.objects[0].conditions[0].lastTransitionTime?.secondsSince1970
        }
        #expect(date(Self.unready, at: 100, isSettled: false) == 100)
        #expect(date(Self.unready, at: 110, isSettled: false) == 100)
        #expect(date(Self.ready, at: 120, isSettled: true) == 10)
        #expect(date(Self.unready, at: 130, isSettled: true) == 130, "a guess of before is forgotten")
        #expect(date(Self.ready, at: 140, isSettled: true) == 140)
    }

    @Test("the host has conditions too, and every condition names its revision")
    func host() {
        var ledger = ConditionLedger()
        let status = ledger.date(Self.status([Self.unready]), now: Instant(secondsSince1970: 1))
        #expect(
            status.conditions?.map { "\($0.type.rawValue) \($0.state.rawValue) \($0.reason)" } == [
                "Ready False NotConverged", "EngineReachable True Answers",
            ])
        let all = (status.conditions ?? []) + status.objects[0].conditions
        #expect(all.allSatisfy { $0.observedRevision == "1111111" })
    }

    @Test(
        "over the wire a condition has Kubernetes' words",
        arguments: [
            (Condition(.ready, true, "Converged", "m"), "True"),
            (Condition(.ready, false, "Progressing", "m"), "False"),
            (Condition(.ready, .unknown, "EngineUnreachable", "m"), "Unknown"),
        ])
    func wire(condition: Condition, word: String) throws {
        var condition = condition
        condition.lastTransitionTime = Instant(secondsSince1970: 0)
        let data = try JSONEncoder().encode(condition)
        let document = try JSONDocument(data)
        #expect(document["status"]?.text == word && document["lastTransitionTime"]?.text == "1970-01-01T00:00:00Z")
        #expect(try JSONDecoder().decode(Condition.self, from: data) == condition)
    }

    @Test("an engine that cannot be seen leaves the host unknown, and no revision leaves it unready")
    func extremes() {
        var status = Self.status([Self.ready])
        status.engine = .init(reachable: false, version: "", apiVersion: "", message: "no such file")
        status.source = SourceStatus(.failing, "timed out")
        #expect(status.hostConditions.map(\.state) == [.unknown, .fails, .fails])
        status = Self.status([])
        status.revision = nil
        status.source = SourceStatus(.starting)
        #expect(status.hostConditions.map(\.reason) == ["NoRevision", "Answers", "Starting"])
        #expect(status.hostConditions.map(\.state) == [.fails, .holds, .unknown])
    }
}
