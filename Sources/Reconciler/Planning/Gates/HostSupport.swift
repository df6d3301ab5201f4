import Specs

/// What this host can enforce: an object that asks for more must not quietly run with less.
///
/// Other hosts go on with it. What an engine does not say it lacks is tried, and its refusal stalls the member.
struct HostSupport {
    private let engine: EngineFacts

    init(_ engine: EngineFacts) { self.engine = engine }

    func holds(on object: DesiredObject) -> [Hold] {
        let resources = object.container.template.resources
        if resources == Resources() { return [] }
        var holds: [Hold] = []
        for (field, isAsked) in engine.unsupported.isEmpty ? [] : Self.asked(resources) where isAsked {
            guard let why = engine.unsupported[field] else { continue }
            let place = object.position(of: "spec.template.\(field)")
            holds.append(Hold(.notSupported, "\(field) cannot be enforced here: \(why) (\(place))", until: .commit))
        }
        return holds + [tooManyCPUs(resources), unknownCPU(resources)].compactMap(\.self)
    }

    private static func asked(_ resources: Resources) -> [(field: String, isAsked: Bool)] {
        [
            ("resources.cpus", resources.cpus != nil), ("resources.memory", resources.memory != nil),
            ("resources.pids", resources.pids != nil), ("resources.cpuset", resources.cpuset != nil),
            ("resources.cpuShares", resources.effectiveCPUShares != nil),
            ("resources.memoryReservation", resources.memoryReservation != nil),
            ("resources.disk", resources.disk != nil),
            ("resources.blockIO.weight", resources.blockIO?.weight != nil),
            ("resources.blockIO.devices", resources.blockIO?.devices.isEmpty == false),
        ]
    }

    /// The engine refuses more than there are.
    private func tooManyCPUs(_ resources: Resources) -> Hold? {
        guard engine.cpus > 0, let cpus = resources.cpus, cpus.nanoCPUs > Int64(engine.cpus) * 1_000_000_000 else {
            return nil
        }
        return Hold(.ineligible, "resources.cpus asks for \(cpus), and this host has \(engine.cpus)", until: .commit)
    }

    private func unknownCPU(_ resources: Resources) -> Hold? {
        guard engine.cpus > 0, let text = resources.cpuset, let highest = CPUSet(text)?.highest,
            highest >= engine.cpus
        else { return nil }
        let message = "resources.cpuset names CPU \(highest), and this host has \(engine.cpus), counted from 0"
        return Hold(.ineligible, message, until: .commit)
    }
}
