package import Specs

/// Finds containers of ours by slot and by name, without a look at all of them.
struct ContainerIndex: Sendable {
    /// Ids by slot, each by incarnation, then id.
    private var members: [ResourceID: Members] = [:]
    private var idsByName: [String: String] = [:]
    /// Names that several containers have, which is possible while a rename is only half seen.
    private var sharedNames: [String: Set<String>] = [:]

    /// The containers of one object by slot: for whoever asks for many slots.
    struct Members: Sendable {
        /// In order.
        private(set) var slots: [Int] = []
        private var bySlot: [Int: [Entry]] = [:]
        private(set) var count = 0

        var isEmpty: Bool { slots.isEmpty }

        fileprivate subscript(slot: Int) -> [Entry] { bySlot[slot] ?? [] }

        /// The ids of the containers of a slot, by incarnation.
        func ids(of slot: Int) -> some Sequence<String> { self[slot].lazy.map(\.id) }

        func isEmpty(_ slot: Int) -> Bool { bySlot[slot] == nil }

        fileprivate mutating func insert(_ entry: Entry, at slot: Int) {
            var entries = bySlot.removeValue(forKey: slot) ?? []
            if entries.isEmpty { slots.insert(slot, at: slots.firstIndex { slot < $0 } ?? slots.endIndex) }
            entries.insert(entry, at: entries.firstIndex { entry < $0 } ?? entries.endIndex)
            bySlot[slot] = entries
            count += 1
        }

        fileprivate mutating func remove(_ id: String, at slot: Int) {
            guard var entries = bySlot.removeValue(forKey: slot) else { return }
            count -= entries.count
            entries.removeAll { $0.id == id }
            count += entries.count
            if entries.isEmpty { slots.removeAll { $0 == slot } } else { bySlot[slot] = entries }
        }

        /// The id of the container of a slot that has just one.
        func onlyID(of slot: Int) -> String? {
            guard let entries = bySlot[slot], entries.count == 1 else { return nil }
            return entries[0].id
        }
    }

    fileprivate struct Entry: Hashable, Comparable {
        var incarnation: Int
        var id: String

        static func < (a: Self, b: Self) -> Bool { (a.incarnation, a.id) < (b.incarnation, b.id) }
    }

    var objects: some Collection<ResourceID> { members.keys }

    func members(of object: ResourceID) -> Members { members[object] ?? Members() }

    /// The smallest id where several have the name: an answer that rests on no order.
    func id(named name: String) -> String? { sharedNames[name]?.min() ?? idsByName[name] }

    mutating func insert(_ container: ObservedContainer) {
        let entry = Entry(incarnation: container.incarnation, id: container.id)
        members[container.mark.object, default: Members()].insert(entry, at: container.slot)
        if let other = idsByName.updateValue(container.id, forKey: container.name) {
            sharedNames[container.name, default: [other]].insert(container.id)
        }
    }

    mutating func remove(_ container: ObservedContainer) {
        let object = container.mark.object
        members[object]?.remove(container.id, at: container.slot)
        if members[object]?.isEmpty == true { members[object] = nil }
        guard var holders = sharedNames.removeValue(forKey: container.name) else {
            idsByName[container.name] = nil
            return
        }
        holders.remove(container.id)
        idsByName[container.name] = holders.first
        if holders.count > 1 { sharedNames[container.name] = holders }
    }
}

/// All networks of a host by name, and those of an object without a look at all of them.
package struct ObservedNetworks: Sendable, ExpressibleByDictionaryLiteral {
    private var byName: [String: ObservedNetwork]
    private var namesByObject: [ResourceID: Set<String>] = [:]

    package init(_ networks: [String: ObservedNetwork] = [:]) {
        byName = networks
        for network in networks.values { note(network) }
    }

    package init(dictionaryLiteral networks: (String, ObservedNetwork)...) {
        self.init(Dictionary(networks) { _, last in last })
    }

    package var count: Int { byName.count }
    package var values: some Collection<ObservedNetwork> { byName.values }

    /// Objects that have a network, whoever owns it.
    var objects: some Collection<ResourceID> { namesByObject.keys }

    package subscript(name: String) -> ObservedNetwork? {
        get { byName[name] }
        set {
            if let object = byName[name]?.mark?.object {
                namesByObject[object]?.remove(name)
                if namesByObject[object]?.isEmpty == true { namesByObject[object] = nil }
            }
            byName[name] = newValue
            if let newValue { note(newValue) }
        }
    }

    /// The networks that carry the mark of an object and an owner, by name.
    package func of(_ object: ResourceID, owner: String) -> [ObservedNetwork] {
        (namesByObject[object] ?? []).sorted().compactMap { byName[$0] }.filter { $0.mark?.owner == owner }
    }

    private mutating func note(_ network: ObservedNetwork) {
        if let object = network.mark?.object { namesByObject[object, default: []].insert(network.name) }
    }
}
