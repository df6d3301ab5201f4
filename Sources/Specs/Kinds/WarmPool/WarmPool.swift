/// Started, unclaimed containers from one template, kept ready to be claimed.
package struct WarmPool: Hashable, Sendable {
    /// How many unclaimed members are kept ready.
    package enum Size: Hashable, Sendable {
        case count(Int)
        /// A share of the claimed members, between `min` and `max`.
        case percentOfClaimed(Percentage)
        /// As many as the observed claims need for the targeted rate of misses, between `min` and `max`.
        case auto

        /// The count, if it does not move.
        package var fixed: Int? {
            if case .count(let count) = self { count } else { nil }
        }
    }

    package var placement: Placement
    /// nil where an Autoscaler targets the pool.
    package var size: Size?
    /// The least unclaimed members of a size that moves.
    package var min: Int?
    /// The most unclaimed members of a size that moves.
    package var max: Int?
    /// Bounds claimed and unclaimed members together.
    package var maxMembers: Int?
    /// The share of claims that may find the pool empty, for `size: auto`.
    package var targetMissProbability: Percentage
    package var refill: Refill
    package var claim: Claim
    package var idle: Idle
    package var rollout: Rollout
    package var source: TemplateSource

    package init(hostPool: String, size: Int, template: ContainerTemplate) {
        placement = Placement(hostPool: hostPool)
        self.size = .count(size)
        targetMissProbability = Percentage(1)
        refill = Refill()
        claim = Claim()
        idle = Idle()
        rollout = Rollout()
        source = TemplateSource(template)
    }

    /// How taken members are replaced.
    package struct Refill: Hashable, Sendable {
        /// nil adapts to the latency of the engine.
        package var maxInFlight: Int?
        /// Members beyond the size while a refill or rollout is under way.
        package var surge = 1
        /// The most starts per minute; nil is no bound.
        package var perMinute: Int?

        package init() {}
    }

    /// What holds for claims of this pool.
    package struct Claim: Hashable, Sendable {
        /// How long a claim lasts without renewal.
        package var ttl = Duration.minutes(30)
        /// How long a claim lasts at most; nil is no bound.
        package var maxAge: Duration?
        /// Whether a claim that finds the pool empty may start a container of its own.
        package var coldStart = true
        package var onLost = OnLost.fail
        package var hooks = Hooks()

        package init() {}
    }

    package enum OnLost: String, CaseIterable, Hashable, Sendable { case replace, fail }

    /// Commands that are run in a member at the turns of a claim.
    package struct Hooks: Hashable, Sendable {
        package var afterClaim: Hook?
        package var onRestore: Hook?
        package var beforeRelease: Hook?

        package init() {}
    }

    package struct Hook: Hashable, Sendable {
        package var command: [String] = []
        package var timeout = Duration.seconds(10)

        package init() {}
    }

    /// How unclaimed members wait.
    package struct Idle: Hashable, Sendable {
        package var mode = Mode.run
        /// An unclaimed member is replaced when it is older; nil keeps it.
        package var maxAge: Duration?

        package enum Mode: String, CaseIterable, Hashable, Sendable { case run, pause }

        package init() {}
    }

    /// How unclaimed members follow a changed template.
    package struct Rollout: Hashable, Sendable {
        package var maxUnavailable = CountOrPercent.count(0)
        package var progressDeadline = Duration.minutes(10)

        package init() {}
    }
}
