package import Reconciler
import Specs

/// A host written down as JSON, short enough to be read: what is not said is as the specs declare it.
package struct ObservedFixture: Codable, Sendable {
    /// Image ids by reference.
    package var images: [String: String]?
    package var containers: [Container]?
    /// Objects whose network is there.
    package var networks: [String]?
    /// Networks of others: subnets by name.
    package var foreignNetworks: [String: [String]]?
    /// Names that containers of others hold, with their ids.
    package var foreignNames: [String: String]?
    package var volumes: [String]?
    /// False when the observation missed something.
    package var complete: Bool?

    package struct Container: Codable, Sendable {
        /// `Workload/web/0`.
        package var member: String
        /// 1 unless said.
        package var incarnation: Int?
        /// Other than `<object>-<slot>-<incarnation>`.
        package var name: String?
        /// `running` unless said.
        package var status: String?
        package var exitCode: Int?
        package var health: String?
        /// Fields that were different when it was created, with what they were; `image` is shown in plans.
        package var was: [String: String]?
        package var live: Live?
        /// Somebody has it.
        package var claimed: Bool?
    }

    /// Live settings that differ from the declared ones; -1 is none.
    package struct Live: Codable, Sendable {
        package var nanoCPUs: Int64?
        package var memory: Int64?
        package var memorySwap: Int64?
        package var pids: Int64?
        package var restartPolicy: String?
        /// What is used without the file cache.
        package var memoryInUse: Int64?
    }

    /// Why a fixture means nothing.
    package struct Mistake: Error, CustomStringConvertible {
        package var description: String
    }

    /// The host as it is observed by the owner of this desired state.
    package func state(for desired: DesiredState) throws(Mistake) -> ObservedState {
        var state = ObservedState(engine: EngineFacts(version: "test", cpus: 4, memory: 8 << 30))
        for (reference, id) in images ?? [:] { state.images[reference] = ObservedImage(id: id) }
        for text in networks ?? [] { state.addNetwork(of: try Self.object(text), owner: desired.host.owner) }
        for (name, subnets) in foreignNetworks ?? [:] {
            state.networks[name] = ObservedNetwork(id: "id-" + name, name: name, subnets: subnets)
        }
        for name in volumes ?? [] { state.volumes[name] = ObservedVolume(name: name) }
        state.foreignNames = foreignNames ?? [:]
        state.isComplete = complete ?? true
        for container in containers ?? [] {
            let observed = try container.observed(desired)
            state.record(observed, id: observed.id)
        }
        return state
    }

    /// What the journal says of members that somebody has.
    package func phases() throws(Mistake) -> [MemberInstance: MemberPhase] {
        var phases: [MemberInstance: MemberPhase] = [:]
        for container in containers ?? [] where container.claimed == true {
            guard let member = MemberID(container.member) else {
                throw Mistake(description: "'\(container.member)' is no member such as Workload/web/0")
            }
            phases[MemberInstance(member, container.incarnation ?? 1)] = .claimed
        }
        return phases
    }

    fileprivate static func object(_ text: String) throws(Mistake) -> ResourceID {
        guard let id = ResourceID(text) else {
            throw Mistake(description: "'\(text)' is no object such as Workload/web")
        }
        return id
    }
}

extension ObservedFixture.Container {
    fileprivate func observed(_ desired: DesiredState) throws(ObservedFixture.Mistake) -> ObservedContainer {
        guard let slash = member.lastIndex(of: "/"), let slot = Int(member[member.index(after: slash)...]) else {
            throw ObservedFixture.Mistake(description: "'\(member)' is no member such as Workload/web/0")
        }
        let id = try ObservedFixture.object(String(member[..<slash]))
        let object = desired.objects[id]
        let mark = OwnershipMark.Member(slot: slot, incarnation: incarnation ?? 1, recreateHash: label(object))
        let ownName = "\(id.name)-\(slot)-\(mark.incarnation)"
        let template = object?.container.template
        return ObservedContainer(
            id: "id-" + ownName, name: name ?? ownName,
            mark: OwnershipMark(owner: desired.host.owner, object: id, member: mark), member: mark,
            image: was?["image"] ?? template?.image ?? "",
            imageID: "sha256:" + (was?["image"] ?? template?.image ?? ""),
            status: try ObservedFixture.word(status, or: .running), exitCode: exitCode ?? 0,
            health: try ObservedFixture.word(health, or: template?.healthCheck == nil ? .none : .healthy),
            startedAt: "2024-01-01T00:00:00Z", live: settings(template?.resources ?? Resources()),
            kernel: live?.memoryInUse.map { KernelFacts(memoryInUse: $0) })
    }

    private func label(_ object: DesiredObject?) -> String {
        var hash = object?.recreateHash ?? RecreateHash(label: RecreateHash.currentVersion)
        for field in (was ?? [:]).keys { hash.fields[field] = "000000000000" }
        return hash.description
    }

    private func settings(_ declared: Resources) -> LiveSettings {
        func folded(_ value: Int64?, _ declared: Int64?) -> Int64? { value == -1 ? nil : value ?? declared }
        var settings = LiveSettings(declared: declared)
        settings.nanoCPUs = folded(live?.nanoCPUs, settings.nanoCPUs)
        settings.memory = folded(live?.memory, settings.memory)
        settings.memorySwap = folded(live?.memorySwap, settings.memorySwap)
        settings.pids = folded(live?.pids, settings.pids)
        settings.restartPolicy = live?.restartPolicy ?? "no"
        return settings
    }
}

extension ObservedFixture {
    fileprivate static func word<Word: RawRepresentable>(_ text: String?, or usual: Word) throws(Mistake) -> Word
    where Word.RawValue == String {
        guard let text else { return usual }
        guard let word = Word(rawValue: text) else { throw Mistake(description: "'\(text)' is no \(Word.self)") }
        return word
    }
}
