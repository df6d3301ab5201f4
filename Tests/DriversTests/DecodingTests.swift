import FoundationEssentials
import Reconciler
import Specs
import Testing

@testable import Drivers

/// Answers of the oldest and the newest API that we speak; see `Fixtures/README.md` for where they come from.
struct DecodingTests {
    private func decode<Value: Decodable>(_ fixture: String) throws -> Value {
        try DockerJSON.decode(try Fixture.data(fixture), isWrite: false, place: fixture)
    }

    private func container(_ fixture: String) throws -> ObservedContainer {
        try #require(try ObservedContainer(try decode(fixture), owner: "me"))
    }

    @Test("an inspected container of API 1.41 is read")
    func inspect141() throws {
        let container = try container("inspect-1.41")
        #expect(container.name == "fx")
        #expect(container.mark.object == ResourceID(.workload, "web"))
        #expect(container.member == .init(slot: 0, incarnation: 1, recreateHash: "v1;image=0"))
        #expect(container.status == .running)
        #expect(container.health == .starting)
        #expect(container.startedAt == "2026-11-21T04:40:05.492426747Z")
        #expect(
            container.live == LiveSettings(nanoCPUs: 500_000_000, memory: 64 << 20, memorySwap: 128 << 20, pids: 50))
    }

    @Test("an inspected container of API 1.51 is read")
    func inspect151() throws {
        let container = try container("inspect-1.51")
        #expect(container.name == "web-0-1")
        #expect(container.health == .healthy)
        #expect(container.live == LiveSettings(nanoCPUs: 500_000_000, memory: 64 << 20, memorySwap: -1))
    }

    @Test("a container of another owner, or without slot, is not ours")
    func foreign() throws {
        var details: ContainerDetails = try decode("inspect-1.41")
        #expect(try ObservedContainer(details, owner: "you") == nil)
        details.config?.labels?["dev.reconcile.slot"] = nil
        #expect(try ObservedContainer(details, owner: "me") == nil)
    }

    @Test("lists are read", arguments: ["1.41", "1.51"])
    func list(version: String) throws {
        let containers: [ContainerSummary] = try decode("containers-\(version)")
        #expect(containers.map(\.ownNames) == [[version == "1.41" ? "fx" : "web-0-1"]])
    }

    @Test("networks are read: their bridge, and their IPv4 subnets", arguments: ["1.41", "1.51"])
    func network(version: String) throws {
        let network = ObservedNetwork(try decode("network-\(version)"), owner: "me")
        #expect(network.bridge == "br-fc8380df4c33")
        #expect(network.subnets == ["172.18.0.0/16"])
        #expect(network.mark == nil)
    }

    @Test("images and events are read", arguments: ["1.41", "1.51"])
    func others(version: String) throws {
        let image: ImageDetails = try decode("image-\(version)")
        #expect(image.id.hasPrefix("sha256:1228"))
        let event: EngineEvent = try decode("event-\(version)")
        #expect(ChangeHint(event) == ChangeHint(containerID: "a", event: "die"))
    }

    @Test("Docker's spellings of no limit are one")
    func folding() throws {
        for limits in [
            #"{}"#, #"{"NanoCpus":0,"CpuQuota":0,"Memory":0,"MemorySwap":0,"PidsLimit":null,"RestartPolicy":null}"#,
            #"{"NanoCpus":500000000,"CpuQuota":-1,"PidsLimit":0,"RestartPolicy":{"Name":""}}"#,
            #"{"PidsLimit":-1,"RestartPolicy":{"Name":"no"}}"#,
        ] {
            let config: ContainerDetails.HostConfig = try DockerJSON.decode(
                Data(limits.utf8), isWrite: false, place: "test")
            #expect(LiveSettings(config) == LiveSettings())
        }
    }
}
