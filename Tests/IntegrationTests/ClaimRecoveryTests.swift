import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler
import Specs
import Testing

@Suite("claims and lost state on a real engine", .timeLimit(.minutes(3)))
struct ClaimRecoveryTests {
    @Test("with the state file lost, who has which member is found again by its file")
    func lostState() async throws {
        try await Bed.with { bed in
            try bed.write(bed.warmPool("warm"))
            #expect(try await bed.once().exitCode == 0)
            let driver = DockerDriver(
                DockerClient(bed.engine.transport), members: MemberFolders(stateDirectory: bed.stateDirectory))
            let seen = try await driver.observe(Interest(owner: bed.name)).containers.values
            let member = try #require(seen.first)
            #expect(member.hasClaimFolder == true)
            #expect(try await driver.bind(binding(member)) == .bound)

            // A look at the same folders that knows of no claim would take it for a member that nobody has.
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: bed.stateDirectory + "/state.sqlite" + suffix)
            }
            let ending = try await bed.once("--log-level", "notice")
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(ending.errors.contains("claim.found"), "\(ending)")
            let after = try await driver.observe(Interest(owner: bed.name)).containers.values
            #expect(after.map(\.id).contains(member.id))
            #expect(after.count == 2, "the pool keeps one that nobody has: \(after.map(\.name))")
            let again = try await bed.once("--log-level", "notice")
            #expect(!again.errors.contains("claim.found"), "\(again)")
        }
    }

    private func binding(_ member: ObservedContainer) -> ClaimBinding {
        let request = ClaimRequest(pool: member.mark.object, holder: "alice")
        let now = Int64(Date().timeIntervalSince1970)
        let claim = Claim(
            id: ClaimID(number: 1), request: request, phase: .binding,
            container: .init(instance: member.instance, id: member.id, name: member.name), source: .warm,
            ttl: .seconds(600), created: Instant(secondsSince1970: now), expires: Instant(secondsSince1970: now + 600),
            notAfter: nil)
        return ClaimBinding(claim: claim, container: ContainerReference(member))
    }
}
