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
        for (id, files) in Dictionary(grouping: files, by: \.id).sorted(by: { $0.key < $1.key }) {
            if let known = known[id] {
                changes += finish(known, files, stored.phases)
            } else if let file = files.max(by: isEarlier), let instance = file.container?.instance {
                // One that was taken away, or is somebody else's by now, has left its file behind.
                guard stored.phases[instance] != .retiring, taken.insert(instance).inserted else { continue }
                changes += putBack(file, instance, stored.phases)
            }
        }
        return changes
    }

    /// With its file it may have been answered, and holds. The file of an earlier container says nothing.
    private static func finish(
        _ known: Claim, _ files: [Claim], _ phases: [MemberInstance: MemberPhase]
    ) -> [StateChange] {
        guard known.phase == .binding || known.phase == .recovering, let container = known.container,
            files.contains(where: { $0.container?.id == container.id })
        else { return [] }
        return bound(known, phases)
    }

    private static func putBack(
        _ file: Claim, _ instance: MemberInstance, _ phases: [MemberInstance: MemberPhase]
    ) -> [StateChange] {
        let phase = phases[instance] ?? .ready
        let seen = StateChange.seen(instance)
        if !file.isOpen { return [seen, .transition(instance, from: phase, to: .retiring), .claim(file)] }
        let transition = StateChange.transition(instance, from: .ready, to: .claimed)
        return [seen] + (phase == .ready ? [transition] : []) + bound(file, phases)
    }

    /// Nobody has the container any more that it took over from.
    private static func bound(_ claim: Claim, _ phases: [MemberInstance: MemberPhase]) -> [StateChange] {
        var claim = claim
        claim.phase = .bound
        claim.ending = nil
        guard let lost = claim.predecessor?.instance else { return [.claim(claim)] }
        claim.predecessor = nil
        claim.recoveries += 1
        let phase = phases[lost] ?? .ready
        return [.claim(claim)] + (phase == .retiring ? [] : [.transition(lost, from: phase, to: .retiring)])
    }

    private static func isEarlier(_ a: Claim, _ b: Claim) -> Bool {
        if a.recoveries != b.recoveries { return a.recoveries < b.recoveries }
        guard let lost = b.predecessor?.id else { return false }
        return lost == a.container?.id
    }

    /// The names of containers whose folders are still needed, although they may be gone: what came with a claim is there,
    /// and another container may have to take it over.
    package static func namesInUse(_ claims: [Claim]) -> Set<String> {
        Set(claims.filter(\.isOpen).flatMap { [$0.container?.name, $0.predecessor?.name] }.compactMap(\.self))
    }
}
