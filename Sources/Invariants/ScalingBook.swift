import Specs

/// What a trace has told of autoscalers so far, by what they scale.
struct ScalingBook: Sendable {
    /// A number that was asked for, and until when it speaks against more members, or fewer.
    struct Recommendation: Sendable {
        var size: Int
        var at: Instant
        var holdsUp = true
        var holdsDown = true
        /// Known after every restart.
        var isStored = false
    }

    struct Stray: Hashable, Sendable {
        var size: Int
        var bounds: ClosedRange<Int>
    }

    struct Track: Sendable {
        /// What git says; nil before this run knows.
        var facts: ScalingFacts?
        /// In force in this run; nil before the program has found it.
        var live: Int?
        /// Written down last.
        var stored: Int?
        /// The number that this run has found there.
        var storedAtBoot: Int?
        /// Another number than it began with was decided on in this run.
        var isDecided = false
        /// Git did not ask for it for a while in this run.
        var isForgotten = false
        /// A number that was beyond the bounds at the last measurement, and those bounds.
        var stray: Stray?
        var measurements: [Measurement] = []
        var recommendations: [Recommendation] = []

        /// The number that the next decision starts from; nil where nothing is known of one.
        var size: Int? { live ?? (isForgotten ? nil : storedAtBoot) }

        /// Whatever is said to be of later is of now, and what is too old speaks against nothing any more, for ever.
        mutating func age(to wall: Instant) {
            guard let facts else { return }
            for index in recommendations.indices {
                let at = min(recommendations[index].at, wall)
                recommendations[index].at = at
                if at.advanced(bySeconds: facts.upWindow) <= wall { recommendations[index].holdsUp = false }
                if at.advanced(bySeconds: facts.downWindow) <= wall { recommendations[index].holdsDown = false }
            }
            recommendations.removeAll { !$0.holdsUp && !$0.holdsDown }
        }

        /// Git says this of it from now on.
        mutating func follow(_ new: ScalingFacts?) {
            if facts != new { (measurements, stray) = ([], nil) }
            facts = new
            if new != nil { return }
            (live, isDecided, isForgotten, recommendations) = (nil, false, true, [])
        }

        /// What was not written down is gone with its run.
        mutating func endRun() {
            (facts, live, isDecided, isForgotten, measurements) = (nil, nil, false, false, [])
            (storedAtBoot, stray) = (stored, nil)
            recommendations.removeAll { !$0.isStored }
        }

        mutating func store(_ size: Int?) {
            stored = size
            for index in recommendations.indices { recommendations[index].isStored = true }
        }
    }

    private(set) var tracks: [ResourceID: Track] = [:]
    /// Measurements without an answer.
    var asks: [UInt64: ResourceID] = [:]

    subscript(id: ResourceID) -> Track {
        get { tracks[id] ?? Track() }
        set { tracks[id] = newValue }
    }

    mutating func endRun() {
        asks = [:]
        for id in tracks.keys { tracks[id]?.endRun() }
    }

    mutating func follow(_ objects: [ResourceID: ObjectFacts], at wall: Instant?) {
        for (id, object) in objects where object.scaling != nil && tracks[id] == nil { tracks[id] = Track() }
        for id in tracks.keys {
            let facts = objects[id]?.scaling
            // What was too old by the windows of before is not dug out for longer ones.
            if let wall { tracks[id]?.age(to: wall) }
            if tracks[id]?.facts != facts { asks = asks.filter { $0.value != id } }
            tracks[id]?.follow(facts)
        }
    }

    /// Nothing could be decided.
    mutating func commitFailed() {
        for id in tracks.keys { tracks[id]?.stray = nil }
    }

    mutating func age(to wall: Instant) {
        for id in tracks.keys { tracks[id]?.age(to: wall) }
    }
}
