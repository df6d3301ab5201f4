import Reconciler
import Specs

extension Checker {
    /// A member goes before its successor is ready.
    mutating func checkRolloutBounds(_ call: CallFacts, _ object: ObjectFacts, missing: [MemberID]) {
        if object.mayBeMissing == 0 {
            violate(.budget, "\(words(call)) before its successor is ready")
        } else if missing.count > object.mayBeMissing {
            let message = "\(words(call)) makes slots \(missing.map(\.slot)) of \(object.id) missing"
            violate(.rolloutBounds, message + ", and \(object.mayBeMissing) may be")
        }
    }

    // MARK: The way back

    /// The program goes back to an earlier revision of an object; nobody else does in a trace.
    mutating func pin(_ id: ResourceID, to revision: String?) {
        guard let rejected = accepted?.objects[id] else {
            return violate(.rollback, "\(id) is pinned, and is not declared")
        }
        guard let revision, let good = revisions[revision]?.objects[id] else {
            return violate(.rollback, "\(id) is pinned to nothing that git has shown")
        }
        if !rejected.isBad || !rejected.isRolledBack {
            violate(
                .rollback,
                "\(id) goes back to '\(revision)', and nothing is wrong with what git says, or nobody asked for it")
        }
        if good.isBad { violate(.rollback, "\(id) goes back to '\(revision)', which does not come up either") }
        if pins[id] != nil { violate(.rollback, "\(id) is rolled back a second time") }
        pins[id] = (revision, rejected)
        applyPins()
    }

    /// What is pinned follows its earlier revision, as long as git says the same of it, and what is scaled its own number.
    mutating func applyPins() {
        inForce = accepted
        defer { applySizes() }
        guard let accepted, !pins.isEmpty else { return }
        for (id, pin) in pins {
            guard accepted.objects[id] == pin.rejected, let kept = revisions[pin.revision]?.objects[id] else {
                pins[id] = nil
                continue
            }
            inForce?.objects[id] = kept
        }
    }

    /// What can never be ready must have gone back by now.
    mutating func checkRollbacks() {
        for object in (inForce?.objects ?? [:]).values.sorted(by: { $0.id < $1.id })
        where object.isOurs && object.isBad && object.isRolledBack && object.slots > 0 {
            violate(.rollback, "\(object.id) does not come up, and is not rolled back")
        }
    }
}
