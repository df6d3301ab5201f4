package import Reconciler
import Specs

/// Random groups of changes from a small world, so that they meet: some fit what is there and some do not.
package struct RandomChanges: Sendable {
    private var random: SplitMix64
    private var intent: Int64 = 0
    private static let objects = [
        ResourceID(.workload, "web"), ResourceID(.workload, "3"), ResourceID(.warmPool, "agents"),
    ]

    package init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// Between one and six changes.
    package mutating func group() -> [StateChange] { (0..<roll(1...6)).map { _ in change() } }

    private mutating func change() -> StateChange {
        switch roll(0...19) {
        case 0: .accept(AcceptedRevision(revision: revision(), files: (0..<roll(0...3)).map { _ in file() }))
        case 1, 2: .begin(nextIntent())
        case 3: .end(intent: Int64(roll(0...Int(intent + 1))), roll(0...1) == 0 ? .done : .observeAgain("moved"))
        case 14: .seen(instance())
        case 16: .rollout(object(), rollout())
        case 17: roll(0...2) == 0 ? .forgetRollout(object()) : .rollout(object(), rollout())
        case 4, 5: .transition(instance(), from: phase(), to: phase())
        case 6: .forget(instance())
        case 7: .probed(container: "c\(roll(0...4))", startedAt: "\(roll(0...9))")
        case 8: .forgetProbes(Set((0..<roll(0...2)).map { _ in "c\(roll(0...4))" }))
        case 9: .event(event())
        case 10: .history(record())
        case 11: .pin(pin())
        case 12: .unpin(object())
        case 13:
            roll(0...1) == 0
                ? .pause(Pause(object: optional(object()), reason: text(), by: text(), since: time()))
                : .resume(optional(object()))
        case 19: roll(0...2) == 0 ? .forgetTask(object()) : .task(object(), task())
        case 18: roll(0...2) == 0 ? .endDrain(pool: pool()) : .drain(drain())
        default:
            .approve(
                Approval(
                    revision: revision().id, removals: (0..<roll(0...2)).map { _ in text() }, by: text(), at: time()))
        }
    }

    /// Mostly the next number, sometimes one that was there.
    private mutating func nextIntent() -> Intent {
        let id = roll(0...9) == 0 ? intent : intent + Int64(roll(1...2))
        intent = max(intent, id)
        let key: Key = roll(0...3) == 0 ? .object(object()) : .member(MemberID(object(), roll(0...2)))
        return Intent(
            id: id, key: key, step: text(), subject: text(), incarnation: optional(roll(1...5)),
            revision: revision().id, observation: random.next(), engine: text(), begun: time())
    }

    private mutating func event() -> EventRecord {
        EventRecord(
            time: time(), severity: roll(0...1) == 0 ? .normal : .warning, key: optional(.object(object())),
            reason: text(), message: text(), revision: optional(revision().id))
    }

    private mutating func record() -> RevisionRecord {
        let commit = CommitFacts(author: text(), time: time(), subject: text())
        let outcomes: [RevisionRecord.Outcome] = [.accepted, .applied, .held, .rejected]
        return RevisionRecord(
            revision: revision(), commit: optional(commit), outcome: outcomes[roll(0...3)], message: text(),
            time: time())
    }

    private mutating func task() -> TaskMemory {
        var memory = TaskMemory(schedule: text(), decided: time())
        memory.open = (0..<roll(0...2)).map { _ in TaskMemory.OpenRun(time()) }
        memory.requested = optional(time())
        return memory
    }

    private mutating func rollout() -> RolloutState {
        var state = RolloutState(generation: text(), revision: revision(), at: time())
        state.phase = RolloutState.Phase.allCases[roll(0...2)]
        state.lastGood = optional(revision())
        return state
    }

    private mutating func pin() -> Pin {
        Pin(
            object: object(), revision: optional(revision()), cause: roll(0...1) == 0 ? .quarantined : .requested,
            reason: text(), rejected: text(), since: time())
    }

    private mutating func pool() -> String? { optional(["a", "b", "agents"][roll(0...2)]) }

    private mutating func drain() -> Drain {
        var drain = Drain(
            pool: pool(), reason: text(), by: text(), since: time(), deadline: optional(time()),
            force: roll(0...1) == 0)
        drain.stage = Drain.Stage.allCases[roll(0...3)]
        drain.isOverdue = roll(0...1) == 0
        return drain
    }

    private mutating func roll(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func optional<Value>(_ value: Value) -> Value? { roll(0...1) == 0 ? nil : value }

    private mutating func object() -> ResourceID { Self.objects[roll(0...2)] }

    private mutating func instance() -> MemberInstance { MemberInstance(MemberID(object(), roll(0...1)), roll(1...2)) }

    private mutating func phase() -> MemberPhase { [.ready, .ready, .claimed, .retiring][roll(0...3)] }

    private mutating func revision() -> Revision {
        Revision(id: "r\(roll(0...4))", reference: roll(0...4) == 0 ? "stable" : "main")
    }

    private mutating func file() -> SpecFile {
        SpecFile(
            path: text() + (roll(0...1) == 0 ? ".yaml" : ".JSON"),
            bytes: (0..<roll(0...5)).map { _ in UInt8(roll(0...255)) },
            folder: roll(0...3) == 0 ? "specs/" : "", isSpec: optional(roll(0...1) == 0))
    }

    private mutating func text() -> String { ["", "a", "b", "'; DROP TABLE pin; --", "ü\u{1}\n\"", "🦊"][roll(0...5)] }

    private mutating func time() -> Instant { Instant(secondsSince1970: Int64(roll(-5...1_795_267_500))) }
}
