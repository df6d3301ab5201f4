package import Specs

/// What is remembered of the switch of one blue-green rollout, across restarts.
package struct BlueGreenState: Hashable, Codable, Sendable {
    /// Those that did the work when it began; nil where nobody wrote it down, and all of an earlier template count.
    package var serving: ServingMembers?
    /// A person has said that the switch may be made.
    package var isPromoted = false
    /// A person was told that the switch waits for them.
    package var hasAsked = false
    /// When ports were led to the new members; nil before.
    package var switched: Instant?

    package init(serving: ServingMembers? = nil) { self.serving = serving }

    /// The state of a rollout that begins now.
    ///
    /// - Parameters:
    ///   - before: that of the rollout before it; nil where that was complete, or no blue-green one.
    ///   - incarnations: the highest that was ever seen of each slot.
    static func beginning(after before: BlueGreenState?, incarnations: [Int]) -> BlueGreenState {
        guard let before else { return BlueGreenState(serving: ServingMembers(after: [], upTo: incarnations)) }
        // Without a switch in between the same go on with the work, whatever was made beside them.
        guard before.switched != nil else { return BlueGreenState(serving: before.serving) }
        return BlueGreenState(serving: ServingMembers(after: before.serving?.upTo ?? [], upTo: incarnations))
    }
}

/// Members by their incarnations, which tell earlier ones from later ones whatever the clocks say.
package struct ServingMembers: Hashable, Codable, Sendable {
    /// By slot: these and lower ones are not meant; a slot without an entry has none.
    package var after: [Int]
    /// By slot: none higher than these is meant.
    package var upTo: [Int]

    package init(after: [Int], upTo: [Int]) { (self.after, self.upTo) = (after, upTo) }

    package func covers(_ instance: MemberInstance) -> Bool {
        let slot = instance.member.slot
        guard slot < upTo.count else { return false }
        return instance.incarnation <= upTo[slot] && instance.incarnation > (slot < after.count ? after[slot] : 0)
    }
}

/// What planning must know of a blue-green rollout that is under way.
package struct BlueGreenOrder: Hashable, Sendable {
    package enum Stage: Hashable, Sendable {
        /// New members come beside the old ones, which do the work.
        case beside
        /// The new ones do the work, and the old ones are kept until this moment; nil as long as the rollout has failed.
        case switched(until: Instant?)
        /// The old ones go.
        case retiring
    }

    /// Who is asked whether the switch may be made now.
    package enum Consent: Hashable, Sendable {
        /// A person, who has not said so yet.
        case person
        /// The windows of the object, some of which let through what a person asks for.
        case windows(isManual: Bool)
        /// It leads back to what was there before.
        case nobody
    }

    package var stage = Stage.beside
    package var serving: ServingMembers?
    package var consent = Consent.person

    package init() {}

    /// nil where the strategy is another one.
    ///
    /// - Parameter isHoldOver: old members need not be kept behind the switch any more.
    init?(_ state: RolloutState, of object: DesiredObject, isHoldOver: Bool) {
        guard object.strategy.type == .blueGreen else { return nil }
        guard state.isOpen, let blueGreen = state.blueGreen else {
            // Nothing is under way: whatever is left of an earlier template goes.
            stage = .retiring
            return
        }
        (serving, consent) = (blueGreen.serving, state.consent(to: object))
        guard let switched = blueGreen.switched else { return }
        if state.phase == .failed {
            stage = .switched(until: nil)
        } else {
            let end = switched.advanced(bySeconds: state.hold(of: object).components.seconds)
            stage = isHoldOver ? .retiring : .switched(until: end)
        }
    }

    /// `the old members do the work; 'reconcile rollout promote' switches`
    func sentence(hasAsked: Bool) -> String {
        switch stage {
        case .beside where hasAsked && consent == .person:
            "the old members do the work; 'reconcile rollout promote' switches"
        case .beside: "the old members do the work until all new ones are available"
        case .switched(let until?): "the new members do the work; the old ones are kept until \(until)"
        case .switched(nil): "the new members do the work; the old ones are kept"
        case .retiring: "the new members do the work; the old ones go"
        }
    }
}
