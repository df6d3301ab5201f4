import Specs

/// A pool holds so many containers on a host, and what it reserves stays free.
///
/// What runs beyond that is left alone and repaired: a smaller capacity stops nothing.
struct CapacityGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard action.startsMember, let slot = action.slot, let object = view.object else { return nil }
        // Members of a pool have any slots: what counts is how many there are.
        let place = object.task == nil ? view.roster?.ordinal(of: slot) ?? slot : view.runsBeside(slot)
        let taken = place + view.neighbours(beside: place)
        let pool = "HostPool/\(object.hostPool)"
        var holds: [Hold] = []
        if taken >= object.slotsWithinCapacity {
            holds.append(Hold(.capacity, "\(pool) holds no more than its containersPerHost"))
        }
        let reserved = view.pool?.capacity.reserved ?? HostPool.Reserved()
        if Self.reserves(view.pool), place >= view.context.room[view.id] ?? object.mostSlots {
            holds.append(
                Hold(.capacity, "\(pool) reserves \(Self.words(reserved)), and the rest of this host is taken"))
        }
        if let disk = reserved.disk, let free = view.context.observed.preflight.dataFree, free < disk.bytes {
            let message = "\(pool) reserves \(disk) of disk, and \(ByteQuantity(bytes: free).rounded) are free"
            holds.append(Hold(.capacity, message, until: .diskFree(bytes: disk.bytes)))
        }
        return Hold(holds)
    }

    /// Whether the host keeps CPUs or memory free of the members of a pool.
    static func reserves(_ pool: HostPool?) -> Bool {
        pool?.capacity.reserved.cpus != nil || pool?.capacity.reserved.memory != nil
    }

    private static func words(_ reserved: HostPool.Reserved) -> String {
        [reserved.cpus.map { "\($0) CPUs" }, reserved.memory.map { "\($0) of memory" }].compactMap(\.self)
            .joined(separator: " and ")
    }
}

/// Nothing new is started on a cordoned host, nor on one with a taint that the object does not tolerate.
struct CordonGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard action.startsMember, let object = view.object, let pool = view.pool else { return nil }
        var holds: [Hold] = []
        if pool.cordon {
            holds.append(Hold(.cordoned, "HostPool/\(object.hostPool) is cordoned: nothing new is started"))
        }
        if let taint = pool.taints.first(where: { !object.tolerates($0) }) {
            let message =
                "taint '\(taint.key)' (\(taint.effect.rawValue)) of HostPool/\(object.hostPool) is not tolerated"
            holds.append(Hold(.tainted, message))
        }
        return Hold(holds)
    }
}

extension DesiredObject {
    func tolerates(_ taint: Taint) -> Bool { self.tolerations.contains { $0.tolerates(taint) } }
}

extension PlanContext {
    /// How many slots of each object the host has CPUs and memory for, handed out in the order of identities; runs of tasks
    /// come and go, and get what is left.
    ///
    /// The limits of all members count, also of pools that reserve nothing; a member without a limit counts as
    /// nothing, since nobody knows what it takes. An engine that does not say what it has bounds nothing.
    func handOutRoom() -> [ResourceID: Int] {
        let here = desired.objects.values.filter { gates.shares[$0.hostPool] == .everything }.sorted { $0.id < $1.id }
        var (cpus, memory): (Int64, Int64) = (0, 0)
        var room: [ResourceID: Int] = [:]
        func take(_ count: Int, of object: DesiredObject) {
            let resources = object.container.template.resources
            cpus += Int64(count) * (resources.cpus?.nanoCPUs ?? 0)
            memory += Int64(count) * (resources.memory?.bytes ?? 0)
        }
        for object in here where object.task == nil {
            let fits = self.fits(object, beside: cpus, memory)
            room[object.id] = fits
            // A pool may grow into what nobody else asks for, and takes no more from others than it has or should have.
            take(object.pool == nil ? fits : min(fits, max(object.slots, slotsInUse(of: object.id).count)), of: object)
        }
        let tasks = here.filter { $0.task != nil }
        for object in tasks { take(slotsInUse(of: object.id).count, of: object) }
        for object in tasks {
            let own = slotsInUse(of: object.id).count
            take(-own, of: object)
            room[object.id] = fits(object, beside: cpus, memory)
            take(own, of: object)
        }
        return room
    }

    /// How many containers of the object there are CPUs and memory for beside what is taken; all where nothing bounds it.
    func fits(_ object: DesiredObject, beside cpus: Int64, _ memory: Int64) -> Int {
        let reserved = desired.hostPools[object.hostPool]?.spec.capacity.reserved ?? HostPool.Reserved()
        let resources = object.container.template.resources
        return min(
            Self.count(
                resources.cpus?.nanoCPUs, of: Int64(observed.engine.cpus) * 1_000_000_000, used: cpus,
                reserved: reserved.cpus?.nanoCPUs),
            Self.count(
                resources.memory?.bytes, of: observed.engine.memory, used: memory,
                reserved: reserved.memory?.bytes), object.slotsWithinCapacity)
    }

    private static func count(_ each: Int64?, of all: Int64, used: Int64, reserved: Int64?) -> Int {
        guard let each, each > 0, all > 0, let reserved else { return .max }
        return Int(max(0, all - reserved - used) / each)
    }
}
