package import Specs

/// How many members an Autoscaler gives an object now; git owns only the bounds.
package struct LiveSize: Hashable, Sendable, CustomStringConvertible {
    /// The name of the Autoscaler.
    package var autoscaler: String
    /// Members; of a pool claimed and unclaimed ones together.
    package var size: Int
    package var bounds: ScalingBounds

    package init(autoscaler: String, size: Int, bounds: ScalingBounds) {
        self.autoscaler = autoscaler
        self.size = size
        self.bounds = bounds
    }

    /// `replicas 7 (autoscaled, bounds 2-20)`
    package var description: String { "replicas \(size) (autoscaled, bounds \(bounds.description))" }
}

extension DesiredState {
    /// Autoscalers that decide about something that is declared here.
    package var activeAutoscalers: [Resource<Autoscaler>] {
        autoscalers.filter { autoscaler in
            let target = autoscaler.spec.target
            return autoscaler.unenforced.isEmpty
                && (objects[target] != nil || target.kind == .hostPool && hostPools[target.name] != nil)
        }
    }

    /// The state with the number of each autoscaler put in the place of git's, before anything is measured: what plans
    /// without a daemon go by.
    ///
    /// - Parameter stored: what autoscalers remember of earlier runs, by target.
    package func withLiveSizes(
        observed: ObservedState, stored: [ResourceID: ScalingState] = [:], at now: Instant
    ) -> DesiredState {
        var state = self
        var sizes: [ResourceID: LiveSize] = [:]
        for autoscaler in activeAutoscalers {
            let target = autoscaler.spec.target
            guard let object = objects[target] else { continue }
            sizes[target] = object.firstLiveSize(
                by: autoscaler, stored[target], present: observed.slots(of: target).count, at: now, zones: zones)
        }
        state.resize(sizes)
        return state
    }
}

extension DesiredObject {
    /// The number to begin with: the one decided last; without one as many as there are; only where there are none, and
    /// never were, what git calls the initial number. Always within the bounds.
    ///
    /// A Workload that git sets to 0 is off, unless its autoscaler may go to zero by itself.
    package func firstLiveSize(
        by autoscaler: Resource<Autoscaler>, _ state: ScalingState?, present: Int, at now: Instant,
        zones: [String: TimeZoneRules]
    ) -> LiveSize {
        let bounds = ScalingBounds(of: autoscaler.spec, at: now, zones: zones)
        var size = (state ?? ScalingState()).liveSize(
            observed: present > 0 ? present : self.declaredSlots, within: bounds.range)
        size = min(max(size, bounds.min), bounds.range.upperBound)
        if isOff(under: autoscaler.spec) { size = 0 }
        return LiveSize(autoscaler: autoscaler.id.name, size: size, bounds: bounds)
    }

    /// Git asks for none, which no metric takes back.
    package func isOff(under autoscaler: Autoscaler) -> Bool {
        self.pool == nil && self.declaredSlots == 0 && !autoscaler.scaleToZero
    }
}

extension WarmPool {
    /// How many unclaimed members are kept where an autoscaler decides how many there are in all.
    ///
    /// `min` and `max` of the pool bound them, and together with the claimed ones they stay within the autoscaler's bounds.
    package func unclaimedSize(claimed: Int, of live: LiveSize) -> Int {
        let wanted = Swift.max(live.size - claimed, min ?? 0)
        let room = Swift.max(0, live.bounds.range.upperBound - claimed)
        return Swift.max(0, Swift.min(wanted, max ?? 1_000, room))
    }
}
