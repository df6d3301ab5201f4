import Reconciler
package import Specs

// S16: how many members an object has whose number follows what is measured.
//
// Not seen here: pools that follow their claims. Nobody claims from a pool with an autoscaler in a trace, whose members would
// count otherwise: what is claimed then is no part of the number.

extension Checker {
    /// The number in force; nil before this run has found it.
    package func liveSize(of object: ResourceID) -> Int? { scaling.tracks[object]?.live }

    /// Objects that an autoscaler gives their number ask for that many slots.
    mutating func applySizes() {
        for (id, track) in scaling.tracks {
            guard accepted?.objects[id]?.scaling != nil, let size = track.size else { continue }
            inForce?.objects[id]?.slots = size
            inForce?.objects[id]?.slotsWithinCapacity = size
        }
    }

    /// - Parameter isInformed: the program says that it knows all members as of now, or it decides nothing. A trace shows only
    ///   whether it can; that it may not say so for ever is for the end to tell.
    mutating func measured(_ ask: UInt64, _ measurements: [Measurement], isInformed: Bool) {
        guard let id = scaling.asks.removeValue(forKey: ask), let facts = scaling[id].facts, let wall else { return }
        scaling[id].measurements = measurements
        scaling[id].age(to: wall)
        guard isInformed else { return }
        if !hasObserved || !lastLookIsComplete { violate(.scaling, "\(id) is decided on before all members were seen") }
        checkBounds(of: id, facts.bounds(at: wall))
        guard let size = scaling[id].size, facts.bounds(at: wall).contains(size) else { return }
        let asked = facts.asked(by: measurements, from: size, at: wall)
        let known = asked.compactMap(\.self)
        // More members may be asked for by what is known; fewer may not.
        guard let most = known.max(), known.count == asked.count || most >= size else { return }
        scaling[id].recommendations.append(.init(size: most, at: wall))
    }

    /// A revision or the clock may move the bounds. Whoever knows that at one measurement has brought the number within them
    /// by the next.
    private mutating func checkBounds(of id: ResourceID, _ bounds: ClosedRange<Int>) {
        let size = scaling[id].live.flatMap { bounds.contains($0) ? nil : $0 }
        let stray = size.map { ScalingBook.Stray(size: $0, bounds: bounds) }
        if let stray, stray == scaling[id].stray {
            violate(.scaling, "\(id) still has \(stray.size) members, and git says \(bounds)")
        }
        scaling[id].stray = stray
    }

    /// The program puts a number in force.
    mutating func sized(_ id: ResourceID, _ size: Int) {
        let track = scaling[id]
        if let facts = track.facts { checkSize(size, of: id, facts, track) }
        scaling[id].live = size
        if let before = track.size, before != size { scaling[id].isDecided = true }
        applyPins()
    }

    private mutating func checkSize(_ size: Int, of id: ResourceID, _ facts: ScalingFacts, _ track: ScalingBook.Track) {
        // Outside of the bounds that a revision has moved it stays until the program sees that.
        guard size != track.size, let wall else { return }
        let bounds = facts.bounds(at: wall)
        let words = "\(id) is to have \(size) members" + (track.size.map { " instead of \($0)" } ?? "")
        if !bounds.contains(size) { return violate(.scaling, "\(words), and git says \(bounds)") }
        guard let before = track.size else { return }
        if !bounds.contains(before) {
            if size != bounds.nearest(to: before) {
                violate(.scaling, "\(words), which is not the nearest that git allows")
            }
            return
        }
        var track = track
        track.age(to: wall)
        let asked = facts.asked(by: track.measurements, from: before, at: wall)
        if size < before {
            checkFewer(size, words, asked, track)
        } else {
            checkMore(size, words, asked, track)
        }
    }

    private mutating func checkFewer(_ size: Int, _ words: String, _ asked: [Int?], _ track: ScalingBook.Track) {
        let missing = asked.count { $0 == nil }
        if missing > 0 { violate(.scaling, "\(words), and \(missing) of \(asked.count) metrics have no value") }
        let least = asked.compactMap(\.self).max() ?? size
        if size < least { violate(.scaling, "\(words), and \(least) are asked for") }
        let lately = track.recommendations.filter(\.holdsDown).map(\.size).max() ?? size
        if size < lately { violate(.scaling, "\(words), and \(lately) were asked for a moment ago") }
    }

    private mutating func checkMore(_ size: Int, _ words: String, _ asked: [Int?], _ track: ScalingBook.Track) {
        guard let most = asked.compactMap(\.self).max(), size <= most else {
            return violate(.scaling, "\(words), and nothing that was measured asks for so many")
        }
        let lately = track.recommendations.filter(\.holdsUp).map(\.size).min() ?? size
        if size > lately { violate(.scaling, "\(words), and \(lately) were asked for a moment ago") }
    }

    /// What is done about a number was written down before.
    mutating func checkStoredSize(_ call: CallFacts) {
        guard let id = call.member?.object, let track = scaling.tracks[id], let facts = track.facts,
            let size = track.live
        else { return }
        if track.isDecided, track.stored != size {
            violate(.scaling, "\(words(call)): the number of \(id) is \(size), which is not written down")
        }
        // By the clock they may have changed at this very moment.
        if call.verb == .create, facts.night == nil, !facts.bounds.contains(size) {
            violate(.scaling, "\(words(call)): the number of \(id) is \(size), and git says \(facts.bounds)")
        }
    }

    /// The world has been good for long enough: the number is what is asked for.
    mutating func checkSettledSize(of object: ObjectFacts) {
        guard let track = scaling.tracks[object.id], let facts = track.facts, let wall else { return }
        guard let size = track.live else { return violate(.convergence, "\(object.id) has no number of members") }
        let asked = facts.asked(by: track.measurements, from: size, at: wall)
        let most = asked.contains(nil) ? nil : asked.compactMap(\.self).max().map(facts.bounds(at: wall).nearest)
        if most != size {
            let words = most.map(String.init) ?? "nothing, since it is not known"
            violate(.convergence, "\(object.id) is to have \(size) members, and what is measured asks for \(words)")
        }
    }
}
