import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Containers and networks are found without a look at all of them, and what is found is what a look would find.
struct ObservedStateTests {
    private static let ids = (0..<12).map { "id-\($0)" }

    private static func random(_ id: String, _ random: inout SplitMix64) -> ObservedContainer {
        let object = ResourceID(
            RandomSpecs.pick([.workload, .warmPool], &random), RandomSpecs.pick(["a", "b"], &random))
        let member = OwnershipMark.Member(
            slot: Int.random(in: 0...2, using: &random), incarnation: Int.random(in: 1...3, using: &random),
            recreateHash: "v1")
        return ObservedContainer(
            id: id, name: RandomSpecs.pick(["x", "y", "z", "a-0-1"], &random),
            mark: OwnershipMark(owner: "default", object: object, member: member), member: member, imageID: "",
            status: .running)
    }

    @Test("after any records and removals the index is that of what is left", arguments: Seeds.corpus(50))
    func containers(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var state = ObservedState()
        for _ in 0..<200 {
            let id = RandomSpecs.pick(Self.ids, &random)
            state.record(Int.random(in: 0..<3, using: &random) == 0 ? nil : Self.random(id, &random), id: id)
            let all = state.containers.values
            #expect(state.objects == Set(all.map(\.mark.object)))
            for object in state.objects {
                let own = all.filter { $0.mark.object == object }
                    .sorted { ($0.slot, $0.incarnation, $0.id) < ($1.slot, $1.incarnation, $1.id) }
                #expect(state.containers(of: object) == own)
                #expect(Set(state.slots(of: object)) == Set(own.map(\.slot)))
                for slot in 0...2 {
                    let filling = own.filter { $0.slot == slot }
                    #expect(state.containers(of: object, slot: slot) == filling)
                    #expect(state.onlyContainer(of: object, slot: slot) == (filling.count == 1 ? filling[0] : nil))
                }
            }
            for name in ["x", "y", "z", "a-0-1", "none"] {
                #expect(state.container(named: name)?.id == all.filter { $0.name == name }.map(\.id).min())
            }
        }
    }

    @Test("networks are found by the object that they belong to", arguments: Seeds.corpus(20))
    func networks(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var networks = ObservedNetworks()
        var all: [String: ObservedNetwork] = [:]
        let objects = ["a", "b"].map { ResourceID(.workload, $0) }
        for _ in 0..<100 {
            let name = RandomSpecs.pick(["n", "m", "o"], &random)
            let owner = RandomSpecs.pick([nil, "default", "staging"] as [String?], &random)
            let object = RandomSpecs.pick(objects, &random)
            let network = ObservedNetwork(
                id: name, name: name, mark: owner.map { OwnershipMark(owner: $0, object: object) })
            all[name] = Bool.random(using: &random) ? network : nil
            networks[name] = all[name]
            #expect(networks.count == all.count && networks[name] == all[name])
            for object in objects {
                let mark = OwnershipMark(owner: "default", object: object)
                let expected = all.values.filter { $0.mark == mark }.sorted { $0.name < $1.name }
                #expect(networks.of(object, owner: "default") == expected)
            }
        }
        #expect(ObservedNetworks(all).count == all.count)
    }
}
