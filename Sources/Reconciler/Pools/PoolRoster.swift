import Specs

/// Who is in a pool: what each container of it is for, and which slots get a new one.
///
/// Pure, and found anew from what is known whenever a member is planned, so that no two turns spend the same room. The rules
/// are those of agent-sandbox's warm pool (`sandboxwarmpool_controller.go`), but for its two holes: what may exist (a create
/// without an answer) counts as if it did, and what is claimed or about to be is in one table with what is taken away.
///
///     claimed     left alone until its claim is over
///     unclaimed   of the template in force: kept, the surplus leaves, those that are not ready first, then the newest
///     stale       of another template, too old, or without its claim folder: leaves when it is not ready, and otherwise as the budget allows, oldest first
///     leaving     retired, or being removed by the engine
///
/// Never more than `needed + surge` unclaimed ones in any state, and never more than `maxMembers` of all.
final class PoolRoster {
    enum Role: Equatable {
        case claimed
        /// Unclaimed, and of the template in force.
        case current
        /// Unclaimed, and good for a claim until one of the template in force takes its place.
        case stale
        case leaving(Reason)
    }

    /// By the id of the container.
    private(set) var roles: [String: Role] = [:]
    /// Slots that get a member, in their order, and how many of them may be begun now.
    private(set) var newSlots: [Int] = []
    private(set) var startsNow = 0
    /// Whom those wait for that may not be begun yet.
    private(set) var firstUnready: MemberID?
    /// When the rate lets the next be begun; nil while it lets.
    private(set) var nextStart: Duration?
    /// Containers of the pool that take room, and those that may come up any moment.
    private(set) var total = 0

    /// It has this roster, and must not be kept by it: with it would stay all that was planned from.
    private unowned let view: ObjectView
    private let pool: WarmPool
    private let demand: PoolDemand
    private var current: [ObservedContainer] = []
    private var stale: [ObservedContainer] = []
    /// Unclaimed ones on their way out.
    private var leaving = 0
    /// There is no room for a new one beside the old ones.
    private var isCramped = false
    /// Slots in which a create has no answer yet, or may have happened.
    private var coming: Set<Int> = []

    init(of view: ObjectView, _ pool: WarmPool, _ demand: PoolDemand) {
        self.view = view
        self.pool = pool
        self.demand = demand
        let containers = view.allContainers
        for container in containers { sort(container) }
        coming = Set(
            view.context.gates.coming.filter { $0.object == view.id && view.containers($0.slot).isEmpty }.map(\.slot))
        total = containers.count { !demand.lost.contains($0.id) } + coming.count
        shrink()
        chooseSlots()
        replaceStale()
    }

    /// Which member of the pool this would be, counted from 0; of those that exist, the last.
    func ordinal(of slot: Int) -> Int {
        newSlots.firstIndex(of: slot).map { total + $0 } ?? max(0, total - 1)
    }

    // MARK: What there is

    private func sort(_ container: ObservedContainer) {
        switch view.context.gates.phases[container.instance] {
        case .claimed: roles[container.id] = .claimed
        case .retiring:
            let isReleased = demand.released.contains(container.instance)
            roles[container.id] = .leaving(isReleased ? .released : .retiring)
            if !isReleased { leaving += 1 }
        case .ready, nil:
            if container.status == .removing || container.status == .dead {
                roles[container.id] = .leaving(.retiring)
                leaving += 1
            } else if container.hasClaimFolder != false, !view.isOutdated(container), !isTooOld(container) {
                roles[container.id] = .current
                current.append(container)
            } else {
                roles[container.id] = .stale
                stale.append(container)
            }
        }
    }

    /// By the wall clock, as the engine wrote it down: a clock that is set makes a pool replace members, one after the other.
    private func isTooOld(_ container: ObservedContainer) -> Bool {
        guard let limit = pool.idle.maxAge else { return false }
        return isOlder(container, than: limit)
    }

    private func isOlder(_ container: ObservedContainer, than limit: Duration) -> Bool {
        // A container that never ran has no such moment, and is as young as can be.
        guard let start = try? Instant.parse(container.startedAt) else { return false }
        let age = view.context.now.wall.wall - start.wall
        // A start that is still to come: the clock was set back since, and nobody knows the age.
        return age > limit || age < .seconds(-60)
    }

    private func isReady(_ container: ObservedContainer) -> Bool { view.isClaimable(container) }

    // MARK: What goes

    private func shrink() {
        var extra = current.count + coming.count - demand.needed
        guard extra > 0 else { return }
        let order = current.sorted { a, b in
            (isReady(a) ? 1 : 0, -a.slot, -a.incarnation) < (isReady(b) ? 1 : 0, -b.slot, -b.incarnation)
        }
        for container in order where extra > 0 {
            roles[container.id] = .leaving(.scaledDown(to: demand.needed))
            current.removeAll { $0.id == container.id }
            leaving += 1
            extra -= 1
        }
    }

    /// Ready ones go as far as enough stay ready; where there is no room for a new one beside them, one goes first.
    private func replaceStale() {
        var spare = (current + stale).count(where: isReady) - leastReady
        let order = stale.sorted { a, b in
            (isReady(a) ? 1 : 0, a.startedAt, a.slot) < (isReady(b) ? 1 : 0, b.startedAt, b.slot)
        }
        let withoutFolder = withoutFolderToLeave()
        for container in order {
            if container.hasClaimFolder == false {
                if withoutFolder.contains(container.id) { roles[container.id] = .leaving(.noClaimFolder) }
                continue
            }
            if isReady(container) {
                guard spare > 0 else { continue }
                spare -= 1
            }
            let changes = view.changes(of: container)
            roles[container.id] = .leaving(changes.isEmpty ? .tooOld : .changed(changes))
        }
    }

    /// Members that nobody can claim because their folder is gone: all of them, once another shows that members can have one
    /// here. Before that a new one comes beside them, or each minute one goes first where none can; so a host on which
    /// nobody gets a folder does not make members for ever.
    private func withoutFolderToLeave() -> Set<String> {
        let without = stale.filter { $0.hasClaimFolder == false }
        if without.isEmpty { return [] }
        if view.allContainers.contains(where: { $0.hasClaimFolder == true }) { return Set(without.map(\.id)) }
        guard pool.refill.surge == 0 || isCramped, !without.contains(where: { !isOlder($0, than: .seconds(60)) }) else {
            return []
        }
        return Set(without.prefix(1).map(\.id))
    }

    // MARK: What comes

    private func chooseSlots() {
        let wanted = demand.needed - current.count - coming.count
        let allowance = mostUnclaimed - unclaimed
        let room = (pool.maxMembers ?? .max) - total
        let place = view.roomForMembers - total - view.neighbours(beside: total)
        isCramped = wanted > 0 && allowance > 0 && min(room, place) <= 0 && leaving == 0
        let count = min(wanted, allowance, room)
        guard count > 0 else { return }
        var slot = 0
        while newSlots.count < count {
            if view.containers(slot).isEmpty && !coming.contains(slot) { newSlots.append(slot) }
            slot += 1
        }
        let unready = current.filter { !isReady($0) }
        let inFlight = unready.count + coming.count
        startsNow = max(0, min((pool.refill.maxInFlight ?? .max) - inFlight, demand.startsLeft ?? .max))
        if demand.startsLeft == 0 { nextStart = demand.nextStart }
        firstUnready = (unready.map(\.slot) + coming).min().map { MemberID(view.id, $0) }
    }
}

// MARK: Figures

extension PoolRoster {
    /// How the pool stands; what only claims tell is left for the caller.
    ///
    /// - Parameter view: the one that this is the roster of.
    func status(of view: ObjectView) -> PoolStatus {
        var status = PoolStatus(pool: view.id)
        status.size = demand.size
        for container in view.allContainers {
            let isOutdated = container.member.recreateHash != view.object?.recreateLabel
            switch roles[container.id] {
            case .claimed:
                status.claimed += 1
                if isOutdated { status.stale += 1 }
            case .current, .stale:
                let isReady = view.isClaimable(container)
                status.ready += isReady ? 1 : 0
                status.warming += isReady ? 0 : 1
                status.updatedReady += isReady && !isOutdated ? 1 : 0
                status.stale += isOutdated ? 1 : 0
            case .leaving, nil: status.retiring += 1
            }
        }
        return status
    }

    /// Members that nobody has, and those that may come up any moment.
    var unclaimed: Int { current.count + stale.count + coming.count + leaving }

    /// How many of them there should be.
    var needed: Int { demand.needed }

    /// How many of them stay ready while stale ones are replaced, where so many are.
    var leastReady: Int {
        let unavailable = pool.rollout.maxUnavailable.roundedDown(of: demand.needed)
        return demand.needed - (unavailable == 0 && (pool.refill.surge == 0 || isCramped) ? 1 : unavailable)
    }

    /// How many of them there may ever be.
    var mostUnclaimed: Int { max(demand.needed, 0) + pool.refill.surge }
}
