import Specs

/// What is known of the host, from full observations, single looks and the answers to own steps, whichever is newest.
///
/// A list is a hint: what was known and is not listed any more is inspected before it counts as gone (`Interest.known`),
/// and an observation never takes back what an own step or a later look saw after it had begun. Whatever could not be
/// read, or was read from another run of the engine, makes the whole incomplete, and nothing destructive rests on that.
package struct Informer: Sendable {
    /// The newest picture of the host.
    private(set) package var observed = ObservedState()
    /// The number of the newest fact that was taken in.
    private(set) package var sequence: UInt64 = 0
    /// When the newest full observation was taken in; nil before the first.
    private(set) package var lastObservation: Duration?
    /// Why the engine cannot be observed; nil while it can.
    private(set) package var problem: DriverError?
    /// The start at which our own probe found each container ready, by container id.
    private(set) var probedStarts: [String: String]
    /// Objects whose members must be ready for some time before they count.
    private var timed: Set<ResourceID> = []
    /// Since when their containers are ready without interruption, as far as this run has seen, by container id.
    private(set) var readySince: [String: Duration] = [:]
    /// The run of each of these containers that this is about.
    private var readyStarts: [String: String] = [:]
    /// The moment of the input that is being taken in.
    var clock = Duration.zero
    /// Containers that this run of the engine can never start.
    private var unstartable: Set<String> = []

    /// Which references the newest full observation looked for.
    private(set) var coveredImages: Set<String> = []

    /// A full observation that has no answer yet.
    private struct UnderWay {
        let ticket: Ticket
        let interest: Interest
        /// The number that it began with; facts that began before are older than it, whenever they come in.
        let began: UInt64
        /// The engine may have gone away since it began, so that it may show a run that is over.
        var isVoid = false
    }

    /// The full observation that is under way, and what it was asked to cover.
    private var underWay: UnderWay?
    /// The number that the newest full observation began with.
    private var lastBegan: UInt64 = 0
    /// Somebody asked for a look after the one under way had begun.
    private var isAnotherWanted = false
    /// What own steps and single looks saw while a full observation was under way, and thus after it had begun.
    private var newer: [StepResult] = []
    /// What is known may be of a run of the engine that is over, until an observation that began later has come in.
    private var isVoid = false
    /// The number of the fact that each container was last touched by, also where it was that it is gone; those that
    /// the newest full observation does not cover.
    private var touched: [String: UInt64] = [:]

    package init(_ stored: StoredState = StoredState()) {
        observed.storedIncarnations = stored.incarnations
        probedStarts = stored.probedStarts
        observed.isComplete = false
    }

    /// Whether anything was ever seen, and is still true as far as we know.
    package var isCurrent: Bool { lastObservation != nil && problem == nil && !isVoid }

    // MARK: Full observations

    /// Asks for a full observation that begins from now on.
    ///
    /// - Returns: what to ask the driver for; nil while another one is under way, after which `wantsAnother` says so.
    mutating func begin(_ ticket: Ticket, covering interest: Interest) -> Interest? {
        guard underWay == nil else {
            isAnotherWanted = true
            return nil
        }
        var interest = interest
        interest.known = Set(observed.containers.keys)
        if lastObservation == nil { interest.names = storedNames }
        sequence += 1
        underWay = UnderWay(ticket: ticket, interest: interest, began: sequence)
        isAnotherWanted = false
        newer = []
        return interest
    }

    /// The newest container of each slot as the store knows it, which a list may leave out as well as any other.
    private var storedNames: Set<String> {
        Set(
            observed.storedIncarnations.map { member, incarnation in
                ObjectView.name(of: member.object, slot: member.slot, incarnation: incarnation)
            })
    }

    var isObserving: Bool { underWay != nil }
    var wantsAnother: Bool { isAnotherWanted && underWay == nil }
    func isUnderWay(_ ticket: Ticket) -> Bool { underWay?.ticket == ticket }

    /// Takes in the full observation that was under way.
    ///
    /// - Parameter images: references that matter now; what is known of all others is forgotten.
    /// - Returns: references whose image is another one than before.
    mutating func take(_ fresh: ObservedState, images: Set<String>, now: Duration) -> Set<String> {
        guard let asked = underWay else { return [] }
        let interest = asked.interest
        underWay = nil
        sequence += 1
        lastBegan = asked.began
        coveredImages = interest.images
        var fresh = fresh
        if asked.isVoid { fresh.isComplete = false }
        let isSameEngine = fresh.engine.start == observed.engine.start
        if !isSameEngine { unstartable = [] }
        // What could not be read may still be there: only a complete look makes it gone. What another run of the engine
        // showed is worth nothing.
        if !fresh.isComplete && isSameEngine {
            for (id, known) in observed.containers where fresh.containers[id] == nil { fresh.record(known, id: id) }
        }
        // Nor is gone what was heard of after the list was asked for: it may be behind, and nobody inspected it.
        if isSameEngine {
            for (id, known) in observed.containers
            where fresh.containers[id] == nil && !interest.known.contains(id) {
                fresh.record(known, id: id)
                isAnotherWanted = true
            }
        }
        // Nor is an image gone that nobody looked for.
        for reference in images.subtracting(interest.images) { fresh.images[reference] = observed.images[reference] }
        if isSameEngine { fresh.preflight = fresh.preflight.keeping(observed.preflight.firewallChains) }
        let moved = fresh.images.filter { observed.images[$0.key] != $0.value }
        if fresh.firewall.sequence < observed.firewall.sequence { fresh.firewall = observed.firewall }
        fresh.storedIncarnations = observed.storedIncarnations
        fresh.refreshedImages = observed.refreshedImages
        observed = fresh
        for container in fresh.containers.values { recall(container) }
        // Own steps that ended meanwhile saw the host later than the observation did.
        for result in newer { put(result) }
        newer = []
        lastObservation = now
        problem = nil
        isVoid = asked.isVoid
        touched = touched.filter { $0.value > asked.began }
        return Set(moved.keys)
    }

    /// The full observation failed: what was known is kept, and nothing destructive rests on it.
    mutating func fail(_ error: DriverError) {
        underWay = nil
        problem = error
        void()
    }

    /// The engine may be another one: what is known holds no more until it was seen again.
    mutating func void() {
        isVoid = true
        underWay?.isVoid = true
        observed.isComplete = false
        isAnotherWanted = true
    }

    // MARK: Single facts

    /// Takes in what an own step, or a look at one container, saw just now.
    ///
    /// - Parameter began: the number that a look began with; nil for an own step.
    mutating func record(_ result: StepResult, began: UInt64? = nil) {
        sequence += 1
        put(result)
        // A look that began before the observation did may be the older of the two.
        if let underWay, began ?? .max >= underWay.began { newer.append(result) }
        if case .container(let id, _) = result { touched[id] = sequence }
    }

    /// Takes in what decides whether a step that takes something away could be finished.
    ///
    /// A look that could not tell takes back nothing that an earlier one saw of this run of the engine.
    mutating func record(_ preflight: PreflightFacts) {
        observed.preflight = preflight.keeping(observed.preflight.firewallChains)
    }

    private mutating func put(_ result: StepResult) {
        observed.record(result)
        if case .container(_, let container?) = result { recall(container) }
    }

    /// Whether a look that began at this number may be older than what is known of the container.
    func isOlder(_ began: UInt64, than id: String) -> Bool { max(touched[id] ?? 0, lastBegan) > began }

    /// Until Docker has a verdict of its own, a success of our probe counts for the run that it was made in. What the engine
    /// can never start is as good as dead, although it does not say so.
    private mutating func recall(_ container: ObservedContainer) {
        var known = container
        if probedStarts[container.id] == container.startedAt { known.probed = true }
        if unstartable.contains(container.id), container.status == .created || container.status == .exited {
            known.status = .dead
        }
        if known != container { observed.record(known, id: container.id) }
        if timed.contains(known.mark.object) { noteReadiness(of: known) }
    }

    private mutating func noteReadiness(of container: ObservedContainer) {
        if !container.isReady {
            (readySince[container.id], readyStarts[container.id]) = (nil, nil)
        } else if readyStarts[container.id] != container.startedAt {
            (readySince[container.id], readyStarts[container.id]) = (clock, container.startedAt)
        }
    }

    /// Keeps count from now on of the time for which members of these objects are ready.
    mutating func time(_ objects: Set<ResourceID>) {
        let fresh = objects.subtracting(timed)
        if objects == timed { return }
        let dropped = timed.subtracting(objects)
        timed = objects
        for id in readyStarts.keys where observed.containers[id].map({ dropped.contains($0.mark.object) }) ?? true {
            (readySince[id], readyStarts[id]) = (nil, nil)
        }
        for container in observed.containers.values where fresh.contains(container.mark.object) {
            noteReadiness(of: container)
        }
    }

    /// The engine will never start this container; a next run of it may.
    mutating func giveUp(on id: String) {
        unstartable.insert(id)
        if let container = observed.containers[id] { recall(container) }
    }

    mutating func remember(probeOf container: ObservedContainer) { probedStarts[container.id] = container.startedAt }

    /// Forgets containers that are gone, and answers which of them had been probed.
    mutating func forgetProbesOfTheGone() -> Set<String> {
        let gone = Set(probedStarts.keys).subtracting(observed.containers.keys)
        for id in gone { probedStarts[id] = nil }
        for id in readyStarts.keys where observed.containers[id] == nil {
            (readySince[id], readyStarts[id]) = (nil, nil)
        }
        unstartable.formIntersection(observed.containers.keys)
        return gone
    }

    /// Whether the incarnation is higher than all that were seen of its slot.
    func isNews(_ instance: MemberInstance) -> Bool {
        instance.incarnation > observed.storedIncarnations[instance.member] ?? 0
    }

    mutating func setIncarnation(_ incarnation: Int, of member: MemberID) {
        observed.storedIncarnations[member] = max(incarnation, observed.storedIncarnations[member] ?? 0)
    }
    mutating func setRefreshed(_ reference: String) { observed.refreshedImages.insert(reference) }
    mutating func forgetRefreshedImages() { observed.refreshedImages = [] }
}
