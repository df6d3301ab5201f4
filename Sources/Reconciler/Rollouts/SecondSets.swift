import Specs

/// The second sets of members that blue-green rollouts make beside the first ones.
///
/// Half of a set is of no use, so one is begun only where all of it has room beside what every object asks for, beside the
/// second sets that were begun before, and beside those that come first by identity and may begin themselves. Without that
/// two rollouts of one commit would each find room that only one of them has, and both would wait half made.
struct SecondSets {
    /// Why the set of an object may not be made now; nothing of those that may.
    private(set) var holds: [ResourceID: Hold] = [:]

    init(in context: PlanContext) {
        let here = context.desired.objects.values.filter {
            $0.task == nil && context.gates.shares[$0.hostPool] == .everything
        }
        var usage = Usage()
        for object in here { usage.add(members: object, room: context.room[object.id] ?? .max) }
        let sets = here.filter { $0.strategy.type == .blueGreen }.map { Candidate($0, context.view($0.id)) }
        for set in sets { usage.add(set.made, of: set.object) }
        for set in sets.filter(\.isWanted).sorted() {
            if let hold = usage.hold(on: set, in: context) {
                holds[set.object.id] = hold
            } else {
                usage.add(set.missing, of: set.object)
            }
        }
    }

    /// One object that has a second set, or may come to have one.
    private struct Candidate: Comparable {
        let object: DesiredObject
        /// How many containers are beside another one of their slot, or are on their way there.
        let made: Int
        /// Whether some of it is still to be made, and nothing but room may keep it from that.
        let isWanted: Bool

        init(_ object: DesiredObject, _ view: ObjectView) {
            self.object = object
            let coming = view.context.gates.coming.filter { $0.object == view.id }.map(\.slot)
            made =
                view.slots.reduce(0) { $0 + max(0, view.containers($1).count - 1) }
                + coming.count { view.onlyContainer($0) != nil }
            let isIncomplete = (0..<object.slots).contains { slot in
                let all = view.containers(slot)
                return !all.isEmpty && view.keeper(among: all) == nil
            }
            isWanted = view.blueGreen?.stage == .beside && isIncomplete && (made > 0 || Self.mayBegin(view))
        }

        /// What another gate holds takes no room from those that come after it.
        private static func mayBegin(_ view: ObjectView) -> Bool {
            view.hold == nil && view.pause == nil && view.order?.failure == nil
                && view.windowHold(on: .disruptive, .notBegun) == nil
        }

        var missing: Int { max(0, object.slots - made) }

        static func == (a: Self, b: Self) -> Bool { a.object.id == b.object.id }

        static func < (a: Self, b: Self) -> Bool { (a.rank, a.object.id) < (b.rank, b.object.id) }

        /// What was begun is finished first.
        private var rank: Int { made > 0 ? 0 : 1 }
    }

    /// What is taken of the host.
    private struct Usage {
        /// Containers by HostPool.
        private var containers: [String: Int] = [:]
        /// Nanoseconds of processors in a second.
        private var cpus: Int64 = 0
        /// Bytes.
        private var memory: Int64 = 0

        /// What the object asks for and has room for.
        mutating func add(members object: DesiredObject, room: Int) {
            containers[object.hostPool, default: 0] += min(object.slots, object.slotsWithinCapacity)
            reserve(min(object.slots, room), of: object)
        }

        mutating func add(_ count: Int, of object: DesiredObject) {
            containers[object.hostPool, default: 0] += count
            reserve(count, of: object)
        }

        private mutating func reserve(_ count: Int, of object: DesiredObject) {
            let resources = object.container.template.resources
            cpus += Int64(count) * (resources.cpus?.nanoCPUs ?? 0)
            memory += Int64(count) * (resources.memory?.bytes ?? 0)
        }

        func hold(on set: Candidate, in context: PlanContext) -> Hold? {
            let object = set.object
            let need = "a blue-green rollout of \(object.slots) members needs room for as many beside them"
            let pool = context.desired.hostPools[object.hostPool]?.spec
            if let most = pool?.capacity.containersPerHost {
                let needed = containers[object.hostPool, default: 0] + set.missing
                if needed > most {
                    let who = "HostPool/\(object.hostPool) holds \(most) containers, and \(needed) would be there"
                    return Hold(.capacity, "\(need): \(who)")
                }
            }
            guard CapacityGate.reserves(pool) else { return nil }
            var more = object
            more.slotsWithinCapacity = .max
            let room = context.fits(more, beside: cpus, memory)
            return room >= set.missing ? nil : Hold(.capacity, "\(need): there are CPUs and memory for \(room)")
        }
    }
}
