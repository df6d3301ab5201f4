import FoundationEssentials
import ReconcileTesting
import Testing

@testable import Drivers

@Suite("Profiles of AppArmor that nothing needs any more")
struct LoadedProfilesTests {
    private static let names = ["reconcile-run-00000001", "reconcile-label-00000002", "reconcile-new-00000003"]

    /// A host with these profiles and one that is useless, some of ours in use in different ways.
    private func unused(
        later seconds: Double, _ change: (TemporaryFolder) throws -> Void = { _ in }
    ) throws -> [String] {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let useless = "reconcile-old-00000004"
        let list = (Self.names + [useless, "reconcile-foreign-00000005", "docker-default"]).map { "\($0) (enforce)\n" }
        try folder.write(list.joined(), to: "profiles")
        for name in Self.names + [useless] { try folder.write("profile \(name) {}", to: name) }
        for process in ["1", "77"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(process)/attr", withIntermediateDirectories: true)
        }
        try folder.write("unconfined\n", to: "1/attr/current")
        try folder.write("\(Self.names[0]) (enforce)\n", to: "77/attr/current")
        try change(folder)
        let profiles = LoadedProfiles(folder: folder.path, list: folder.path + "/profiles", processes: folder.path)
        let labels = [["dev.reconcile.confinement": "v1;apparmor=\(Self.names[1]);seccomp=0"], ["a": "b"], [:]]
        return profiles.unused(labels: labels, now: Date.now.addingTimeInterval(seconds))
    }

    @Test("what no process is under and no container names goes; what somebody else loaded stays")
    func unused() throws {
        #expect(try unused(later: 3600) == [Self.names[2], "reconcile-old-00000004"])
    }

    @Test("one that was just made ready stays: its container may not be there yet")
    func fresh() throws { #expect(try unused(later: 60) == []) }

    @Test("where the kernel lists nothing, nothing is known to be useless")
    func hidden() throws {
        #expect(try unused(later: 3600) { try FileManager.default.removeItem(atPath: $0.path + "/profiles") } == [])
    }
}
