package import Specs

/// What the claim files of members say that the journal does not: the second copy speaks at a start of the program, before
/// anybody is answered.
///
/// A claim without its file that is still being bound was never answered: the control loop cancels it.
package enum ClaimRecovery {
    /// The changes after which the journal knows all that the files know; none when it does already.
    ///
    /// - Parameter files: in any order. A claim that got another container has a file beside each; the later one counts.
    package static func changes(_ stored: StoredState, files: [Claim]) -> [StateChange] {
        let known = Dictionary(stored.claims.map { ($0.id, $0) }) { _, last in last }
        var taken = Set(stored.claims.filter(\.isOpen).compactMap(\.container?.instance))
        var changes: [StateChange] = []
        for claim in latest(files) {
            guard let instance = claim.container?.instance else { continue }
            if let known = known[claim.id] {
                // With its file it may have been answered. A file of the container before this one says nothing.
                guard known.phase == .binding, known.container?.id == claim.container?.id else { continue }
                changes.append(.claim(bound(known)))
                continue
            }
            // One that was taken away, or is somebody else's by now, has left its file behind.
            let phase = stored.phases[instance] ?? .ready
            guard phase != .retiring, taken.insert(instance).inserted else { continue }
            let isOver = !claim.isOpen
            if phase == .ready || isOver {
                changes.append(.transition(instance, from: phase, to: isOver ? .retiring : .claimed))
            }
            changes.append(.seen(instance))
            changes.append(.claim(isOver ? claim : bound(claim)))
        }
        return changes
    }

    private static func bound(_ claim: Claim) -> Claim {
        var claim = claim
        claim.phase = .bound
        claim.ending = nil
        return claim
    }

    private static func latest(_ files: [Claim]) -> [Claim] {
        Dictionary(files.map { ($0.id, $0) }) { a, b in
            (a.recoveries, a.container?.instance.incarnation ?? 0) < (
                b.recoveries, b.container?.instance.incarnation ?? 0
            )
                ? b : a
        }.values.sorted { $0.id < $1.id }
    }

    /// The names of containers whose folders are still needed, although they may be gone: what came with a claim is there,
    /// and another container may have to take it over.
    package static func namesInUse(_ claims: [Claim]) -> Set<String> {
        Set(claims.filter(\.isOpen).compactMap(\.container?.name))
    }
}
