import Specs

/// One object with everything that planning it needs: what it should be, what there is of it, and whose turn it is.
struct ObjectView {
    let id: ResourceID
    /// nil when the object is no longer declared.
    let object: DesiredObject?
    let settings: HostSettings
    let observed: ObservedState
    let gates: Gates
    /// The subnets of networks that are still to be made, of all objects.
    let subnets: NewSubnets
    let now: Now
    /// Containers by slot, each slot by incarnation.
    let containers: [Int: [ObservedContainer]]
    /// Why the whole object is held; nothing of it is created or removed meanwhile.
    let hold: Hold?
    /// The slot that may be replaced now; nil when none needs it, or when an updated one is not ready yet.
    private(set) var replacementTurn: Turn = .nobody

    enum Turn: Equatable {
        case nobody
        case slot(Int)
        /// A member that has the new fields already must become ready first.
        case blocked(by: Int)
    }

    init(_ id: ResourceID, desired: DesiredState, observed: ObservedState, gates: Gates, subnets: NewSubnets, now: Now)
    {
        self.id = id
        object = desired.objects[id]
        settings = desired.host
        self.observed = observed
        self.gates = gates
        self.subnets = subnets
        self.now = now
        containers = Dictionary(grouping: observed.containers(of: id), by: \.slot)
        hold = object.flatMap { Self.hold(on: $0, desired: desired, gates: gates) }
        replacementTurn = turn()
    }

    /// The object is for other hosts, and nothing of it is here.
    var isElsewhere: Bool { hold?.gate == .hostNotSelected && containers.isEmpty }

    /// Slots that should exist or do exist, in order.
    var slots: [Int] { Set(containers.keys).union(0..<(object?.slots ?? 0)).sorted() }

    /// Nothing is taken away on the word of an observation that may have missed something.
    var destructiveHold: Hold? {
        observed.isComplete ? nil : Hold(.incompleteObservation, "the host could not be read in full")
    }

    private static func hold(on object: DesiredObject, desired: DesiredState, gates: Gates) -> Hold? {
        let host = desired.host.identity.name
        switch gates.shares[object.hostPool] ?? .notSelected {
        case .everything: return Hold(notYetEnforced: object.unenforced)
        case .notSelected:
            return Hold(.hostNotSelected, "HostPool/\(object.hostPool) does not select host '\(host)'")
        case .noCoordinator:
            return Hold(
                .noCoordinator,
                "HostPool/\(object.hostPool) may span several hosts and nobody divides it; name one host "
                    + "(hosts.name) or set 'scope: perHost'")
        }
    }

    /// Replacement goes one slot at a time: first whoever is in the middle of it, then the lowest slot.
    ///
    /// A container with the new fields that is not ready holds the others back: a template that does not come up
    /// must not take the last good container with it.
    private func turn() -> Turn {
        guard let object else { return .nobody }
        var next: Int?
        var unready: Int?
        for slot in 0..<object.slots {
            let all = containers[slot] ?? []
            guard !all.isEmpty else { continue }
            let kept = keeper(among: all)
            if kept != nil && all.count > 1 { return .slot(slot) }
            if kept == nil, next == nil { next = slot }
            if let kept, !kept.isReady, unready == nil { unready = slot }
        }
        guard let next else { return .nobody }
        return unready.map { .blocked(by: $0) } ?? .slot(next)
    }

    /// The container of a slot that is what the spec asks for: the most useful one if there are several.
    func keeper(among all: [ObservedContainer]) -> ObservedContainer? {
        all.filter { changes(of: $0).isEmpty && $0.status != .removing && $0.status != .dead }
            .max { (usefulness($0), $0.incarnation) < (usefulness($1), $1.incarnation) }
    }

    private func usefulness(_ container: ObservedContainer) -> Int {
        if container.isReady { return 3 }
        return switch container.status {
        case .running, .paused, .restarting: 2
        case .created: 1
        case .exited, .dead, .removing: 0
        }
    }

    /// The fields of a container that only a replacement can change.
    func changes(of container: ObservedContainer) -> [FieldChange] {
        guard let object else { return [] }
        let template = object.container.template
        var changes = immutableChanges(of: container, object)
        if changes.isEmpty, template.pullPolicy == .always, let image = observed.images[template.image],
            image.id != container.imageID
        {
            changes.append(FieldChange("image", from: Self.short(container.imageID), to: Self.short(image.id)))
        }
        return changes + LiveDrift(of: container.live, from: template.resources, on: observed.engine).replacing
    }

    private func immutableChanges(of container: ObservedContainer, _ object: DesiredObject) -> [FieldChange] {
        // The usual case by far, and this is asked for every member whenever one of them is planned.
        if container.member.recreateHash == object.recreateLabel { return [] }
        return RecreateHash(label: container.member.recreateHash).changes(to: object.recreateHash).map { field in
            guard field == "image" else { return FieldChange(field) }
            return FieldChange(field, from: container.image, to: object.container.template.image)
        }
    }

    private static func short(_ imageID: String) -> String { String(imageID.prefix("sha256:".count + 12)) }

    func name(slot: Int, incarnation: Int) -> String { Self.name(of: id, slot: slot, incarnation: incarnation) }

    static func name(of id: ResourceID, slot: Int, incarnation: Int) -> String { "\(id.name)-\(slot)-\(incarnation)" }

    /// One more than the highest that was ever seen for this slot.
    func nextIncarnation(of slot: Int) -> Int {
        let seen = containers[slot]?.map(\.incarnation).max() ?? 0
        var next = max(seen, observed.storedIncarnations[MemberID(id, slot)] ?? 0) + 1
        // Somebody may have given this very name to a container of the slot.
        while containers[slot]?.contains(where: { $0.name == name(slot: slot, incarnation: next) }) == true {
            next += 1
        }
        return next
    }
}
