package import Specs

/// One member as the autoscaler sees it.
package struct ScaledMember: Hashable, Sendable {
    package enum Phase: Hashable, Sendable {
        /// Created and not started.
        case pending
        case running
        /// It ended and is not brought back.
        case failed
    }

    package var id: String
    package var phase: Phase
    /// It is on its way out.
    package var isLeaving: Bool
    /// nil is not known.
    package var isReady: Bool?
    package var started: Instant?
    /// When `isReady` became what it is.
    package var readyChanged: Instant?
    /// What it may use of each resource, in thousandths: of a CPU, or of a byte. Utilization is the share of this.
    package var limits: [Autoscaler.Metric.ResourceName: Int64]

    package init(
        _ id: String, _ phase: Phase = .running, isLeaving: Bool = false, isReady: Bool? = true,
        started: Instant? = nil, readyChanged: Instant? = nil,
        limits: [Autoscaler.Metric.ResourceName: Int64] = [:]
    ) {
        self.id = id
        self.phase = phase
        self.isLeaving = isLeaving
        self.isReady = isReady
        self.started = started
        self.readyChanged = readyChanged
        self.limits = limits
    }
}

/// What was measured of one member.
package struct MemberSample: Hashable, Sendable {
    /// In thousandths.
    package var milli: Int64
    package var at: Instant
    /// The seconds up to `at` that it is an average of.
    package var window: Int64

    package init(milli: Int64, at: Instant, window: Int64 = 0) {
        self.milli = milli
        self.at = at
        self.window = window
    }
}

/// Members by what can be said of them for one metric; Kubernetes' grouping of pods.
package struct MemberGroups: Hashable, Sendable {
    /// How many are measured and count.
    package var readyCount = 0
    /// Not ready, or so young that what was measured may be of their start; sorted.
    package var unready: [String] = []
    /// Without a sample; sorted.
    package var missing: [String] = []
    /// Ended or on their way out; sorted.
    package var ignored: [String] = []

    /// How long CPU use of a new member is doubted, and how long it has to become ready for the first time.
    package struct Patience: Hashable, Sendable {
        package var initialization: Int64 = 300
        package var readinessDelay: Int64 = 30

        package init(initialization: Int64 = 300, readinessDelay: Int64 = 30) {
            self.initialization = initialization
            self.readinessDelay = readinessDelay
        }
    }

    /// - Parameter isCPU: whether readiness matters: what a member uses while it starts says nothing about later.
    package init(
        _ members: [ScaledMember], _ samples: [String: MemberSample], isCPU: Bool, at now: Instant,
        _ patience: Patience = Patience()
    ) {
        for member in members {
            if member.isLeaving || member.phase == .failed {
                ignored.append(member.id)
            } else if member.phase == .pending {
                unready.append(member.id)
            } else if let sample = samples[member.id] {
                if isCPU && Self.isDoubtful(member, sample, now, patience) {
                    unready.append(member.id)
                } else {
                    readyCount += 1
                }
            } else {
                missing.append(member.id)
            }
        }
        unready.sort()
        missing.sort()
        ignored.sort()
    }

    private static func isDoubtful(
        _ member: ScaledMember, _ sample: MemberSample, _ now: Instant, _ patience: Patience
    ) -> Bool {
        guard let isReady = member.isReady, let started = member.started else { return true }
        let changed = member.readyChanged ?? started
        if started.advanced(bySeconds: patience.initialization) > now {
            // What was measured began before it was ready.
            return !isReady || sample.at < changed.advanced(bySeconds: sample.window)
        }
        // One that was ready once is overloaded rather than new.
        return !isReady && started.advanced(bySeconds: patience.readinessDelay) > changed
    }
}
