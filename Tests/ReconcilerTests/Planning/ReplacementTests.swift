import ReconcileTesting
import Reconciler
import Specs
import Testing

/// A rollout from `web:1` to `web:2`, looked at in each of its moments.
struct ReplacementTests {
    private let old: DesiredState
    private let new: DesiredState
    private let oldObject: DesiredObject
    private let newObject: DesiredObject

    init() throws {
        (old, new, oldObject, newObject) = try Self.rollout(.rolling)
    }

    private static func rollout(
        _ strategy: RolloutStrategy.Kind
    ) throws -> (DesiredState, DesiredState, DesiredObject, DesiredObject) {
        let check = HealthCheck(command: ["ok"])
        let states = ["web:1", "web:2"].map { image in
            Declared.state(
                Declared.workload(
                    replicas: 3, strategy: strategy, ContainerTemplate(image: image, healthCheck: check)))
        }
        let id = ResourceID(.workload, "web")
        return (
            states[0], states[1], try #require(states[0].objects[id]), try #require(states[1].objects[id])
        )
    }

    private var start: ObservedState {
        var observed = ObservedState(converged: old)
        observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
        return observed
    }

    @Test("one slot goes first and the others wait for it")
    func oneAtATime() {
        let reason = "replace: image web:1 -> web:2"
        #expect(
            plan(new, start).lines == [
                "Workload/web/0 \(reason) [create-container web-0-2, stop web-0-1, remove web-0-1]",
                "Workload/web/1 \(reason) [create-container web-1-2, stop web-1-1, remove web-1-1] after Workload/web/0",
                "Workload/web/2 \(reason) [create-container web-2-2, stop web-2-1, remove web-2-1] after Workload/web/0",
            ])
    }

    @Test("one that retires is not kept, even if git wants it back")
    func wantedBack() {
        var gates = old.solitaryGates
        gates.phases[MemberInstance(MemberID(oldObject.id, 1), 1)] = .retiring
        #expect(
            plan(old, ObservedState(converged: old), gates: gates).lines == [
                "Workload/web/1 replace: its removal had begun already "
                    + "[create-container web-1-2, stop web-1-1, remove web-1-1]"
            ])
    }

    @Test("the old one stays until the new one is ready")
    func newReadyBeforeOldStops() {
        var observed = start
        let id = observed.add(0, of: newObject, incarnation: 2) { $0.status = .created }
        #expect(first(observed) == "Workload/web/0 start: created but never started [start web-0-2]")
        change(&observed, id) {
            $0.status = .running
            $0.health = .starting
        }
        #expect(first(observed) == "Workload/web/0 await: not ready yet [probe web-0-2]")
        change(&observed, id) { $0.probed = true }
        #expect(
            first(observed) == "Workload/web/0 remove: another container fills its slot [stop web-0-1, remove web-0-1]")
        observed.change("web-0-1") { $0.status = .exited }
        #expect(first(observed) == "Workload/web/0 remove: another container fills its slot [remove web-0-1]")
        observed.remove("web-0-1")
        #expect(
            first(observed)
                == "Workload/web/1 replace: image web:1 -> web:2 [create-container web-1-2, stop web-1-1, remove web-1-1]"
        )
    }

    @Test("an updated member that is not ready holds the others back")
    func unreadyBlocks() {
        var observed = start
        observed.remove("web-2-1")
        observed.add(2, of: newObject, incarnation: 2) { $0.health = .starting }
        let waiting = plan(new, observed).actions.filter { $0.verb == .replace }
        let unready = Key.member(MemberID(newObject.id, 2))
        #expect(waiting.map(\.verdict) == [.waitFor(unready), .waitFor(unready)])
    }

    @Test("an old member that stopped is replaced before those that still work")
    func brokenOldIsReplaced() {
        var observed = start
        observed.change("web-1-1") {
            $0.status = .exited
            $0.exitCode = 1
        }
        let lines = plan(new, observed).lines
        #expect(lines[0].hasSuffix(" after Workload/web/1"))
        #expect(
            lines[1] == "Workload/web/1 replace: image web:1 -> web:2 [create-container web-1-2, remove web-1-1]")
    }

    @Test("after a crash in the middle the slot that was under way goes first, whatever its number")
    func crashInTheMiddle() {
        var observed = start
        observed.add(2, of: newObject, incarnation: 2)
        let plan = plan(new, observed)
        #expect(
            plan.lines.last == "Workload/web/2 remove: another container fills its slot [stop web-2-1, remove web-2-1]")
        let turn = Key.member(MemberID(newObject.id, 2))
        #expect(plan.actions.dropLast().map(\.verdict) == [.waitFor(turn), .waitFor(turn)])
    }

    @Test("of several old incarnations of a slot only the one that works stays until the new one is ready")
    func severalOldOnes() {
        var observed = start
        observed.add(0, of: oldObject, incarnation: 2) { $0.status = .exited }
        observed.add(0, of: newObject, incarnation: 3)
        #expect(
            first(observed)
                == "Workload/web/0 remove: another container fills its slot [stop web-0-1, remove web-0-1, remove web-0-2]"
        )
        observed.remove("web-0-3")
        #expect(first(observed) == "Workload/web/0 remove: another container fills its slot [remove web-0-2]")
        observed.remove("web-0-2")
        #expect(first(observed)?.hasPrefix("Workload/web/0 replace: image web:1 -> web:2 [create-container") == true)
    }

    @Test("of two containers that fill one slot the more useful stays")
    func surplus() {
        var observed = ObservedState(converged: new)
        let id = observed.add(1, of: newObject, incarnation: 2)
        #expect(
            first(observed) == "Workload/web/1 remove: another container fills its slot [stop web-1-1, remove web-1-1]")
        change(&observed, id) { $0.health = .starting }
        #expect(
            first(observed) == "Workload/web/1 remove: another container fills its slot [stop web-1-2, remove web-1-2]")
        change(&observed, id) { $0.status = .exited }
        #expect(first(observed) == "Workload/web/1 remove: another container fills its slot [remove web-1-2]")
    }

    @Test("with strategy recreate the old one is gone before the new one is created")
    func recreate() throws {
        let (old, new, _, newObject) = try Self.rollout(.recreate)
        var observed = ObservedState(converged: old)
        observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
        let reason = "replace: image web:1 -> web:2"
        #expect(
            plan(new, observed).lines.first
                == "Workload/web/0 \(reason) [stop web-0-1, remove web-0-1, create-container web-0-2]")
        observed.add(0, of: newObject, incarnation: 2) { $0.status = .created }
        #expect(
            plan(new, observed).lines.first
                == "Workload/web/0 remove: another container fills its slot [stop web-0-1, remove web-0-1]")
    }

    @Test("with strategy recreate a slot that is empty holds the others back: perhaps nothing can be created")
    func emptySlotBlocks() throws {
        let (old, new, _, _) = try Self.rollout(.recreate)
        var observed = ObservedState(converged: old)
        observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
        observed.remove("web-1-1")
        let waiting = plan(new, observed).actions.filter { $0.verb == .replace }
        let empty = Key.member(MemberID(ResourceID(.workload, "web"), 1))
        #expect(waiting.map(\.verdict) == [.waitFor(empty), .waitFor(empty)])
        #expect(first(new, observed) == "Workload/web/1 create: not on this host [create-container web-1-1]")
    }

    @Test("with strategy recreate a stale member that is down goes before those that still work")
    func downGoesFirst() throws {
        let (old, new, _, _) = try Self.rollout(.recreate)
        var observed = ObservedState(converged: old)
        observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
        observed.change("web-2-1") { $0.health = .starting }
        #expect(first(new, observed)?.hasPrefix("Workload/web/2 replace") == true)
    }

    @Test("an old member that was renamed to the next name does not wait for itself")
    func renamedToTheNextName() {
        var observed = start
        observed.change("web-0-1") { $0.name = "web-0-2" }
        let action = plan(new, observed).actions.first
        #expect(action?.verdict == .go)
        #expect(first(observed)?.contains("create-container web-0-3") == true)
    }

    @Test("containers whose hash is of another version stay")
    func otherHashVersion() {
        var observed = ObservedState(converged: new)
        observed.change("web-0-1") { $0.member.recreateHash = "v0;image=ffffffffffff" }
        #expect(plan(new, observed).lines == [])
    }

    /// The first line that is not waiting.
    private func first(_ observed: ObservedState) -> String? { first(new, observed) }

    private func first(_ desired: DesiredState, _ observed: ObservedState) -> String? {
        plan(desired, observed).actions.first { $0.verdict == .go }?.line
    }

    private func change(_ observed: inout ObservedState, _ id: String, _ body: (inout ObservedContainer) -> Void) {
        if let name = observed.containers[id]?.name { observed.change(name, body) }
    }
}
