import Specs

/// Which slots of an object may be replaced now, and what all others wait for.
struct ReplacementTurns {
    /// Which of the two containers of a slot is there first.
    enum Manner: Hashable {
        /// The successor comes beside the old one, which goes when it is available: this takes a place of the surge.
        case newFirst
        /// The old one goes before the new one comes: the slot is missing meanwhile.
        case oldFirst
    }

    /// Who may begin now.
    var granted: [Int: Manner] = [:]
    /// Slots that have begun already or may begin now, in the order in which others wait for them.
    var ahead: [Int] = []
    /// A member with the new fields that must become available first.
    var unready: Int?
    /// From when on it does, where nothing but time is missing.
    var unreadyUntil: Duration?
    /// A slot within the capacity that has no container.
    var empty: Int?
    var counts = RolloutCounts()
    /// Slots without a container that get a new member now, and those whose old one stays, by the step of a canary rollout.
    var withinStep: Set<Int> = []
    var beyondStep: Set<Int> = []

    /// What a slot without a turn waits for.
    func verdict(of object: ResourceID) -> Verdict {
        if let first = ahead.first { return .waitFor(.member(MemberID(object, first))) }
        if let unreadyUntil { return .notBefore(unreadyUntil) }
        if let slot = unready ?? empty { return .waitFor(.member(MemberID(object, slot))) }
        return .go
    }
}

extension ObjectView {
    /// How far a replacement may go: what git says, with a budget in the place of one at a time where the old one goes
    /// first in any case.
    func rolloutBounds(for slots: Int) -> RolloutBounds {
        guard let object else { return RolloutBounds(desired: 0, maxSurge: .count(0), maxUnavailable: .count(1)) }
        if let blueGreen, blueGreen.stage != .retiring {
            return RolloutBounds(desired: slots, maxSurge: .percent(Percentage(100)), maxUnavailable: .count(0))
        }
        if object.strategy.type != .recreate {
            return RolloutBounds(
                desired: slots, maxSurge: object.strategy.maxSurge, maxUnavailable: object.strategy.maxUnavailable)
        }
        let spared = object.disruptionBudget.map { object.slots - $0.minimum(of: object.slots) } ?? 1
        return RolloutBounds(desired: slots, maxSurge: .count(0), maxUnavailable: .count(max(1, spared)))
    }

    /// From when on a ready container counts as available, where it does not yet: it has been ready for `minHealthyTime`
    /// without interruption, and, without a health check, it has run for a moment at all.
    func unavailableUntil(_ container: ObservedContainer) -> Duration? {
        var moment: Duration?
        if container.health == .none { moment = context.gates.readyNotBefore[container.instance.member] }
        if let least = object?.strategy.minHealthyTime, least > .zero,
            let since = context.gates.readySince[container.id]
        {
            moment = max(moment ?? .zero, since + least)
        }
        return moment.flatMap { $0 > context.now.uptime ? $0 : nil }
    }

    func isAvailable(_ container: ObservedContainer) -> Bool {
        container.isReady && unavailableUntil(container) == nil
    }

    /// Hands out turns: members that do no work first, then in the order of the slots, all within the bounds.
    ///
    /// One pass over the slots, from one observation: workers side by side come to the same answer. Members of the new
    /// template that are not available count against the bounds, so that a template that does not come up never takes more
    /// than these with it.
    func makeTurns() -> ReplacementTurns {
        guard let object else { return ReplacementTurns() }
        var survey = RolloutSurvey()
        let underWay = slotsUnderWay(of: object)
        survey.isFromAbove = object.strategy.type == .canary
        for slot in 0..<object.slots { survey.add(slot, of: self, object, isUnderWay: underWay.contains(slot)) }
        var turns = survey.turns(within: rolloutBounds(for: survey.desired), upTo: canaryLimit)
        // Where the old one goes first under a budget, that decides, and says what is missing.
        if object.strategy.type == .recreate, object.disruptionBudget != nil, turns.ahead.isEmpty, turns.unready == nil,
            let next = survey.first
        {
            turns.granted[next] = .oldFirst
            turns.ahead = [next]
        }
        return turns
    }

    /// Slots in which a step of an earlier plan may still make or end a container, which nothing shows yet.
    private func slotsUnderWay(of object: DesiredObject) -> Set<Int> {
        if context.gates.underWay.isEmpty { return [] }
        return Set(context.gates.underWay.lazy.filter { $0.object == object.id && $0.slot < object.slots }.map(\.slot))
    }

    /// The containers of a slot without a keeper that are in the way of nothing but numbers: all but the most useful one.
    func useless(among stale: [ObservedContainer]) -> [ObservedContainer] {
        let present = stale.filter { $0.status != .removing }
        guard present.count > 1 else { return [] }
        let kept = present.max {
            (standing($0), usefulness($0), $0.incarnation) < (standing($1), usefulness($1), $1.incarnation)
        }
        return present.filter { $0.id != kept?.id }
    }

    /// What counts before everything else about who stays: lower goes first.
    private func standing(_ container: ObservedContainer) -> Int {
        if isRetiring(container) { return 0 }
        if isUnproven(container) { return 1 }
        return isKeptBeside(container) ? 3 : 2
    }
}

/// The slots of one object, counted by what a rollout has still to do about them.
private struct RolloutSurvey {
    /// A slot whose container an earlier revision asked for.
    struct Stale: Comparable {
        /// Lower goes first: what is down because it was begun, what is down, what was begun, all others.
        var rank: Int
        var slot: Int
        var serves: Bool
        /// Of the template that the spec asks for, and to be replaced for another reason.
        var isNew: Bool
        /// It came with a canary that was given up.
        var isUnproven: Bool

        static func < (a: Self, b: Self) -> Bool { (a.rank, a.slot) < (b.rank, b.slot) }
    }

    private var turns = ReplacementTurns()
    private var stale: [Stale] = []
    /// Slots with a successor beside the old one, or with one on its way.
    private var doubled: [Int] = []
    private var containers = 0
    /// Containers beyond one a slot, and those of them that go as soon as somebody comes by.
    private var extra = 0
    private var leaving = 0
    private var empty = 0
    private var updated = 0
    private var available = 0
    private var ready = 0
    /// What is still to be replaced, its slot being doubled by a step under way.
    private var coming = 0
    /// Old members that go on while their successor is being made.
    private var servingBeside = 0
    /// The first new member that is not ready, and the one that is ready and counts as available next.
    private var failing: Int?
    private var maturing: (slot: Int, until: Duration)?
    private var slots = 0
    /// Slots without a container: those in which one is being made, and all others.
    private var emptyUnderWay: [Int] = []
    private var emptySlots: [Int] = []
    /// The highest slots go first.
    var isFromAbove = false

    /// Slots that there are or that there is room for.
    var desired: Int { slots }
    /// Who would be first.
    var first: Int? { stale.min()?.slot }

    mutating func add(_ slot: Int, of view: ObjectView, _ object: DesiredObject, isUnderWay: Bool) {
        if view.isSettled(slot), let container = view.onlyContainer(slot) {
            return addKeeper(container, slot, beside: [], view)
        }
        if let container = view.onlyContainer(slot), view.isOfEarlierTemplate(container) {
            return addStale(
                slot, container.isReady, view.isRetiring(container), object, isUnderWay, isNew: false,
                isUnproven: view.isUnproven(container))
        }
        let all = view.containers(slot)
        guard !all.isEmpty else { return addEmpty(slot, object, isUnderWay) }
        if let kept = view.keeper(among: all) {
            return addKeeper(kept, slot, beside: all.filter { $0.id != kept.id }, view)
        }
        // Others than the one that does the work are in the way, and go before anything comes.
        if !view.useless(among: all).isEmpty {
            doubled.append(slot)
            extra += all.count - 1
        }
        addStale(
            slot, all.contains(where: \.isReady), all.contains(where: view.isRetiring), object, isUnderWay,
            isNew: !all.allSatisfy(view.isOfEarlierTemplate), isUnproven: all.allSatisfy(view.isUnproven))
    }

    private mutating func addEmpty(_ slot: Int, _ object: DesiredObject, _ isUnderWay: Bool) {
        guard slot < object.slotsWithinCapacity else { return }
        slots += 1
        empty += 1
        if isUnderWay { emptyUnderWay.append(slot) } else { emptySlots.append(slot) }
        if turns.empty == nil { turns.empty = slot }
    }

    private mutating func addKeeper(
        _ container: ObservedContainer, _ slot: Int, beside others: [ObservedContainer], _ view: ObjectView
    ) {
        slots += 1
        containers += 1
        updated += 1
        extra += others.count
        if !others.isEmpty { doubled.append(slot) }
        if container.isReady { ready += 1 }
        let waits = view.unavailableUntil(container)
        if !container.isReady {
            failing = failing ?? slot
        } else if let waits {
            if maturing.map({ waits < $0.until }) ?? true { maturing = (slot, waits) }
        } else {
            available += 1
            leaving += others.count
            return
        }
        if others.contains(where: \.isReady) { servingBeside += 1 }
    }

    private mutating func addStale(
        _ slot: Int, _ isReady: Bool, _ isRetiring: Bool, _ object: DesiredObject, _ isUnderWay: Bool, isNew: Bool,
        isUnproven: Bool
    ) {
        slots += 1
        containers += 1
        if isReady { ready += 1 }
        if isUnderWay, !isRetiring, object.strategy.hasSurge {
            // Its successor may be there already.
            turns.granted[slot] = .newFirst
            coming += 1
            doubled.append(slot)
            if isReady { servingBeside += 1 }
            return
        }
        // What is being stopped does no work any more, whatever was seen of it last; nor is it counted on once its end has
        // begun, but where a budget may have it wait.
        let serves = isReady && !(isRetiring && (isUnderWay || object.disruptionBudget == nil))
        let isWithin = slot < object.slotsWithinCapacity
        // One that was to be stopped and runs on, as after a call without an answer, goes behind those that are down: to finish
        // what was begun is no reason to take away who works while others do not.
        let runsOn = isReady && !isUnderWay
        let rank = isRetiring ? (runsOn ? 2 : 0) : (!serves && isWithin ? 1 : 3)
        stale.append(Stale(rank: rank, slot: slot, serves: serves, isNew: isNew, isUnproven: isUnproven))
    }

    private func isBefore(_ one: Stale, _ other: Stale) -> Bool {
        guard isFromAbove, one.rank == other.rank else { return one < other }
        if one.isUnproven != other.isUnproven { return one.isUnproven }
        return one.slot > other.slot
    }

    /// How many more members may be new, where so many may be in all.
    private func unused(of limit: Int) -> Int {
        max(0, limit - updated - coming - emptyUnderWay.count - stale.count { $0.isNew })
    }

    /// - Parameter limit: how many members may be new; nil for all.
    func turns(within bounds: RolloutBounds, upTo limit: Int?) -> ReplacementTurns {
        var turns = turns
        let order = turns.admit(stale.sorted(by: isBefore), empty: (emptyUnderWay, emptySlots), limit.map(unused))
        let blocked = Set(doubled)
        let all = containers + extra + coming + empty
        let missing = updated - available + coming
        let made = updated + empty + coming
        let room = bounds.newGeneration(from: made, all: all) - made
        let surging = max(0, min(room, bounds.surge + bounds.unavailable - missing, order.count))
        let waiting = order.filter { !blocked.contains($0.slot) }
        for one in waiting.prefix(surging) { turns.granted[one.slot] = .newFirst }
        let rest = waiting.dropFirst(surging)
        let serving = stale.count { $0.serves } + servingBeside
        let gone = bounds.leaving(
            all: all - leaving, newlyMissing: missing + empty, unhealthy: rest.count { !$0.serves },
            available: available + serving)
        for one in rest.filter({ !$0.serves }).prefix(gone.unhealthy) { turns.granted[one.slot] = .oldFirst }
        for one in rest.filter(\.serves).prefix(gone.healthy) { turns.granted[one.slot] = .oldFirst }
        turns.unready = failing ?? maturing?.slot
        turns.unreadyUntil = failing == nil ? maturing?.until : nil
        turns.ahead = doubled + waiting.map(\.slot).filter { turns.granted[$0] != nil }
        turns.counts = RolloutCounts(
            desired: slots, total: containers + extra, updated: updated, available: available, ready: ready)
        return turns
    }
}

extension ReplacementTurns {
    /// Takes in what the step of a canary rollout admits: slots without a container first, which cost nobody.
    ///
    /// - Parameter more: how many more members may be new; nil for all.
    /// - Returns: those of the old ones that may be replaced, in their order.
    fileprivate mutating func admit(
        _ order: [RolloutSurvey.Stale], empty: (underWay: [Int], others: [Int]), _ more: Int?
    ) -> [RolloutSurvey.Stale] {
        guard let more else { return order }
        let filled = empty.others.prefix(more)
        withinStep = Set(empty.underWay + filled)
        var left = more - filled.count
        return order.filter { one in
            if one.isNew { return true }
            left -= 1
            if left < 0 { beyondStep.insert(one.slot) }
            return left >= 0
        }
    }
}

extension RolloutStrategy {
    /// Whether a successor may come beside an old one.
    var hasSurge: Bool {
        if type == .recreate { return false }
        if type == .blueGreen { return true }
        return switch maxSurge {
        case .count(let count): count > 0
        case .percent(let share): share.hundredths > 0
        }
    }
}
