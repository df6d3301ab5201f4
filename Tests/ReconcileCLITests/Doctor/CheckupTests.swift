import Drivers
import Foundation
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

@Suite("What the doctor says")
struct CheckupTests {
    /// A host on which all is as it should be.
    static func healthy() throws -> CheckupFacts {
        let json = """
            {"ServerVersion": "28.1.0", "OSType": "linux", "OperatingSystem": "Debian GNU/Linux 12", "Driver": "overlay2",
             "DriverStatus": [["Backing Filesystem", "xfs"]], "DockerRootDir": "/var/lib/docker", "CgroupVersion": "1",
             "CgroupDriver": "cgroupfs", "MemoryLimit": true, "SwapLimit": true, "CpuCfsQuota": true, "PidsLimit": true,
             "CPUSet": true, "CPUShares": true, "IPv4Forwarding": true, "BridgeNfIptables": true,
             "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin"], "LiveRestoreEnabled": true,
             "Runtimes": {"runc": {"path": "runc"}, "runsc": {"path": "runsc"}}, "DefaultRuntime": "runc",
             "Swarm": {"LocalNodeState": "inactive"}, "LoggingDriver": "local", "Warnings": null}
            """
        let info = try JSONDecoder().decode(EngineInfo.self, from: Data(json.utf8))
        var facts = CheckupFacts(
            engine: .success(
                EngineInspection(
                    info: info, newestAPI: "1.51", oldestAPI: "1.24", spokenAPI: "1.51", clockOffset: .zero)))
        facts.stateDirectory = "/var/lib/reconcile"
        facts.state.exists = true
        (facts.state.isFolder, facts.state.isWritable, facts.state.mode) = (true, true, 0o700)
        (facts.state.free, facts.state.size) = (10 << 30, 20 << 30)
        facts.state.fileSystem = "ext4"
        facts.host.isRoot = true
        facts.host.capabilities = .max
        (facts.host.cgroupVersion, facts.host.cgroupControllers) = (1, ["cpu", "memory", "pids"])
        facts.host.isClockSynchronized = true
        facts.host.hasTimeZones = true
        facts.host.firewall.iptablesVersion = "1.8.9"
        facts.host.firewall.backend = .nft
        (facts.host.firewall.nftRules, facts.host.firewall.legacyRules) = (12, 0)
        (facts.host.firewall.nftVersion, facts.host.firewall.nftWorks) = ("1.0.6", true)
        facts.host.engine = PreflightFacts(
            dataFree: 50 << 30, dataSize: 100 << 30, inodesFree: 900, inodes: 1000, firewallChains: .present)
        facts.host.policies.support = .by(.nftables)
        facts.host.sharesNetworkWithEngine = true
        facts.source = .success(
            SourceSnapshot(revision: Revision(id: "0123456789", reference: "main"), files: [], ancestry: .none))
        facts.repository = "https://git.example.com/specs.git"
        facts.now = Instant(secondsSince1970: 1_000_000)
        return facts
    }

    @Test("a healthy host is ok in everything, but for what nobody can see from outside")
    func healthyHost() throws {
        let results = Checkup.results(try Self.healthy())
        let odd = results.filter { $0.status != .ok }
        #expect(odd.map(\.check) == ["engine.disk-limits"], "\(odd)")
        #expect(CheckupReport(results).ok)
        #expect(Set(results.map(\.check)).count == results.count)
    }

    @Test("each trouble is found where it is, and only what stops the controller fails", arguments: Trouble.all)
    func troubles(_ c: Trouble) throws {
        var facts = try Self.healthy()
        c.change(&facts)
        let results = Checkup.results(facts)
        let found = results.first { $0.check == c.check }
        #expect(found?.status == c.status, "\(String(describing: found))")
        let speaksForItself = ["git", "engine.warning"].contains(c.check) || [.ok, .unknown].contains(c.status)
        #expect(found?.hint != nil || speaksForItself)
        #expect(CheckupReport(results).ok == (c.status != .failed))
    }

    @Test("the table says each status, and what would help below it")
    func table() throws {
        var facts = try Self.healthy()
        facts.engine = .failure(DriverError(.transient, .engineUnreachable, "connection refused", at: "GET /_ping"))
        let text = CheckupReport(Checkup.results(facts)).text(.plain)
        #expect(text.contains(/failed +engine +GET \/_ping: connection refused\n/), "\(text)")
        #expect(text.contains("start Docker, or say where its socket is"))
        #expect(text.hasSuffix("ok"))
        #expect(!text.contains("engine.api"), "nothing is made up about an engine that nobody asked")
    }
}

/// Something that is not as it should be, and what is said of it.
struct Trouble: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: String
    let status: CheckResult.Status
    let change: @Sendable (inout CheckupFacts) -> Void

    private init(
        _ description: String, _ check: String, _ status: CheckResult.Status,
        _ change: @escaping @Sendable (inout CheckupFacts) -> Void
    ) {
        testDescription = description
        self.check = check
        self.status = status
        self.change = change
    }

    private static func info(
        _ description: String, _ check: String, _ status: CheckResult.Status,
        _ change: @escaping @Sendable (inout EngineInfo) -> Void
    ) -> Trouble {
        Trouble(description, check, status) { facts in
            guard case .success(var engine) = facts.engine else { return }
            change(&engine.info)
            facts.engine = .success(engine)
        }
    }

    static let all = host + engine

    private static let host = [
        Trouble("no engine", "engine", .failed) {
            $0.engine = .failure(DriverError(.transient, .engineUnreachable, "refused", at: "GET /_ping"))
        },
        Trouble("no git", "git", .failed) { $0.source = .failure(CheckupError(message: "401 (unauthorized)")) },
        Trouble("git was not asked", "git", .unknown) { $0.source = nil },
        signatures("a good signature", .ok, .verified(by: ["alice"])),
        signatures("a strange key", .failed, .refused(VerificationFailure(.keyUnknown, "signed by a stranger"))),
        signatures("a key that ended", .warning, .refused(VerificationFailure(.keyExpired, "signed long ago"))),
        Trouble("not root", "rights", .warning) { $0.host.capabilities = 0 },
        Trouble("state directory is a file", "state", .failed) { $0.state.isFolder = false },
        Trouble("state directory is read-only", "state", .failed) { $0.state.isWritable = false },
        Trouble("state directory on NFS", "state", .failed) { $0.state.fileSystem = "nfs4" },
        Trouble("state directory in memory", "state", .warning) { $0.state.fileSystem = "tmpfs" },
        Trouble("state directory in a container", "state", .warning) { $0.state.fileSystem = "overlay" },
        Trouble("state directory for everybody", "state", .warning) { $0.state.mode = 0o755 },
        Trouble("state directory to be made", "state", .ok) {
            $0.state.exists = false
            $0.state.mode = 0o755
        },
        Trouble("state disk full", "state.disk", .failed) { $0.state.free = 1 << 20 },
        Trouble("engine disk full", "engine.disk", .warning) { $0.host.engine.dataFree = 1 << 30 },
        Trouble("engine disk out of inodes", "engine.disk", .warning) { $0.host.engine.inodesFree = 3 },
        Trouble("engine elsewhere", "engine.disk", .unknown) { $0.host.engine = PreflightFacts() },
        Trouble("two firewalls", "firewall", .warning) { $0.host.firewall.legacyRules = 3 },
        Trouble("no iptables", "firewall", .unknown) { $0.host.firewall = FirewallInspection() },
        Trouble("no nft", "nftables", .unsupported) { $0.host.firewall.nftVersion = nil },
        Trouble("policies by the second choice", "policies", .warning) { $0.host.policies.support = .by(.iptables) },
        Trouble("no packet filter", "policies", .unsupported) { $0.host.policies.support = .missing("no nft") },
        Trouble("flushed firewall", "firewall.docker", .warning) { $0.host.engine.firewallChains = .missing },
        Trouble("no controller for pids", "cgroups", .warning) { $0.host.cgroupControllers = ["cpu", "memory"] },
        Trouble("no time zones", "time-zones", .warning) { $0.host.hasTimeZones = false },
        Trouble("nobody keeps the clock", "clock", .ok) { $0.host.isClockSynchronized = false },
        Trouble("clock behind the git server", "clock", .warning) { $0.serverClockOffset = .seconds(7) },
        Trouble("clock ahead of the git server", "clock", .warning) { $0.serverClockOffset = .seconds(-3600) },
        Trouble("a commit from the future", "clock", .warning) {
            $0.source = .success(
                SourceSnapshot(
                    revision: Revision(id: "0123456789", reference: "main"), files: [], ancestry: .none,
                    commit: CommitFacts(
                        author: "a", time: Instant(secondsSince1970: 1_010_000), subject: "b")))
        },
    ]

    private static func signatures(
        _ name: String, _ status: CheckResult.Status, _ verification: Verification
    ) -> Trouble {
        Trouble(name, "git.signatures", status) {
            $0.source = .success(
                SourceSnapshot(
                    revision: Revision(id: "0123456789", reference: "main"), files: [], ancestry: .none,
                    verification: verification))
        }
    }

    private static let engine = [
        info("Windows containers", "engine", .failed) { $0.osType = "windows" },
        info("rootless", "engine.rootless", .warning) { $0.securityOptions = ["name=seccomp", "name=rootless"] },
        info("userns", "engine.userns", .warning) { $0.securityOptions = ["name=seccomp", "name=userns"] },
        info("swarm", "engine.swarm", .warning) { $0.swarm?.state = "active" },
        info("no live restore", "engine.live-restore", .warning) { $0.keepsContainers = false },
        info("vfs", "engine.storage", .warning) { $0.storageDriver = "vfs" },
        info("ext4 below", "engine.disk-limits", .unsupported) {
            $0.storageStatus = [["Backing Filesystem", "extfs"]]
        },
        info("containerd's snapshots", "engine.disk-limits", .unsupported) { $0.storageDriver = "overlayfs" },
        info("json-file", "engine.logging", .ok) { $0.loggingDriver = "json-file" },
        info("a warning of the engine", "engine.warning", .warning) { $0.warnings = ["No swap limit support"] },
        info("cgroup 2", "cgroups", .ok) { $0.cgroupVersion = "2" },
        info("no swap accounting", "limits", .unsupported) { $0.limitsSwap = false },
        info("no seccomp", "seccomp", .unsupported) { $0.securityOptions = [] },
        info("unconfined by default", "seccomp", .warning) { $0.securityOptions = ["name=seccomp,profile=unconfined"] },
        info("no other runtime", "runtimes", .unsupported) { $0.runtimes?["runsc"] = nil },
        info("no AppArmor", "apparmor", .unsupported) { $0.securityOptions = ["name=seccomp,profile=default"] },
        info("no forwarding", "network", .warning) { $0.forwardsIPv4 = false },
        info("bridges past the firewall", "network", .ok) { $0.filtersBridges = false },
    ]
}
