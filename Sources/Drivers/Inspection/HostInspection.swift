import CTimex
import FoundationEssentials
import Glibc
package import Reconciler

/// What this machine says about itself, for somebody who wants to know what it can carry out. nil is not known.
package struct HostInspection: Hashable, Sendable {
    package var isRoot = false
    /// Effective capabilities as a bit set.
    package var capabilities: UInt64?
    package var cgroupVersion: Int?
    package var cgroupControllers: Set<String> = []
    /// Such as `kill_process`, `errno`, `log`.
    package var seccompActions: Set<String>?
    package var hasAppArmor = false
    /// Whether the kernel believes that its clock is kept right.
    package var isClockSynchronized: Bool?
    package var hasTimeZones = false
    /// Whether a network namespace of its own shows `net.core.rmem_default` (Linux 6.18); nil where none could be made.
    package var showsSocketBuffers: Bool?
    package var firewall = FirewallInspection()
    /// What enforces network policies for the engine.
    package var policies = FirewallFacts()
    /// Disk and firewall of the engine, where it runs on this machine.
    package var engine = PreflightFacts()
    /// Whether the engine is in our network namespace; nil where its process is out of our sight.
    package var sharesNetworkWithEngine: Bool?

    package init() {}
}

extension HostInspection {
    /// Looks, and changes nothing.
    ///
    /// - Parameter dataRoot: where the engine keeps its data, in its own words; nil when it did not answer.
    package static func look(engine address: EngineAddress, dataRoot: String?) async -> HostInspection {
        var facts = HostInspection()
        facts.isRoot = geteuid() == 0
        facts.capabilities = capabilities(in: text("/proc/self/status"))
        (facts.cgroupVersion, facts.cgroupControllers) = cgroups()
        facts.seccompActions = text("/proc/sys/kernel/seccomp/actions_avail").map { words($0) }
        facts.hasAppArmor = text("/sys/module/apparmor/parameters/enabled")?.hasPrefix("Y") == true
        facts.isClockSynchronized = isClockSynchronized()
        facts.hasTimeZones = access("/usr/share/zoneinfo/Etc/UTC", R_OK) == 0
        facts.showsSocketBuffers = await ScratchNamespace(FirewallCommand()).run(
            "test -e \"$1\" && echo yes || echo no", "/proc/sys/net/core/rmem_default", input: ""
        ).map { $0.hasPrefix("yes") }
        facts.firewall = await FirewallInspection.look()
        facts.policies.support = await FirewallDriver(engine: address).support()
        facts.engine = await LocalPreflight(address).facts(dataRoot: dataRoot)
        facts.sharesNetworkWithEngine = EngineProcess(listeningOn: address)?.sharesOurNetwork
        return facts
    }

    static func capabilities(in status: String?) -> UInt64? {
        guard let line = status?.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }) else { return nil }
        return line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
    }

    /// The version that the host's own hierarchy has, and the controllers that are on.
    private static func cgroups() -> (Int?, Set<String>) {
        // The root of a version 2 hierarchy has this file, and nothing else does.
        if let text = text("/sys/fs/cgroup/cgroup.controllers") { return (2, words(text)) }
        let controllers = controllers(in: text("/proc/cgroups"))
        return (controllers.isEmpty ? nil : 1, controllers)
    }

    /// The subsystems of cgroup v1 that are enabled.
    static func controllers(in table: String?) -> Set<String> {
        let rows = (table ?? "").split(separator: "\n").map { $0.split(separator: "\t") }
        return Set(rows.filter { $0.count == 4 && $0[3] == "1" }.map { String($0[0]) })
    }

    private static func isClockSynchronized() -> Bool? {
        var time = timex()
        let state = adjtimex(&time)
        if state < 0 { return nil }
        return state != TIME_ERROR && time.status & STA_UNSYNC == 0
    }

    private static func words(_ text: String) -> Set<String> {
        Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
    }

    /// nil where the file is not there, or not for our eyes.
    private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
