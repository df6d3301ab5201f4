import Drivers
import Reconciler
import Specs

/// Judges what the kernel and the programs of a host can do.
enum HostCheckup {
    static func results(_ info: EngineInfo, _ host: HostInspection) -> [CheckResult] {
        [
            cgroups(info, host), limits(info), seccomp(info, host), appArmor(info, host), runtimes(info, host),
            timeZones(host), forwarding(info),
        ]
    }

    // MARK: Limits

    /// What limits of containers rest on.
    private static let neededControllers: Set = ["cpu", "memory", "pids"]

    private static func cgroups(_ info: EngineInfo, _ host: HostInspection) -> CheckResult {
        let version = info.cgroupVersion ?? host.cgroupVersion.map { String($0) } ?? "unknown"
        var words = "version \(version), driver \(info.cgroupDriver ?? "unknown")"
        if let ours = host.cgroupVersion, String(ours) != version {
            words += "; this process sees version \(ours)"
        } else if !host.cgroupControllers.isEmpty {
            words += ", controllers: " + host.cgroupControllers.sorted().joined(separator: " ")
        }
        let missing = neededControllers.subtracting(host.cgroupControllers).sorted()
        if !host.cgroupControllers.isEmpty, !missing.isEmpty {
            return CheckResult(
                "cgroups", .warning, words, hint: "no \(Diagnostic.list(missing)): such limits would have no effect")
        }
        if version == "2" {
            return CheckResult(
                "cgroups", .ok, words, hint: "tested is version 1; version 2 should work and is untested")
        }
        return CheckResult("cgroups", .ok, words)
    }

    private static func limits(_ info: EngineInfo) -> CheckResult {
        let all: [(name: String, isThere: Bool?)] = [
            ("memory", info.limitsMemory), ("memorySwap", info.limitsSwap), ("cpus", info.limitsCPU),
            ("pids", info.limitsPids), ("cpuset", info.limitsCPUSet), ("cpuShares", info.weighsCPU),
        ]
        let missing = all.filter { $0.isThere == false }.map(\.name)
        let there = all.filter { $0.isThere == true }.map(\.name)
        if missing.isEmpty { return CheckResult("limits", .ok, there.joined(separator: ", ")) }
        let hint =
            missing.contains("memorySwap")
            ? "limits of swap need the kernel parameter swapaccount=1" : "the engine takes such limits and does nothing"
        return CheckResult("limits", .unsupported, "without " + missing.joined(separator: ", "), hint: hint)
    }

    // MARK: Confinement

    private static func seccomp(_ info: EngineInfo, _ host: HostInspection) -> CheckResult {
        guard info.securityFeatures.contains("seccomp") else {
            return CheckResult(
                "seccomp", .unsupported, "the engine filters no system calls",
                hint: "profiles would have no effect, and objects that ask for one are not confined by it")
        }
        let profile =
            info.securityOptions?.flatMap { $0.split(separator: ",") }.first { $0.hasPrefix("profile=") }.map {
                String($0.dropFirst("profile=".count))
            }
        let actions = host.seccompActions.map { ", actions: " + $0.sorted().joined(separator: " ") } ?? ""
        if profile == "unconfined" {
            return CheckResult(
                "seccomp", .warning, "on, but the engine's own profile is 'unconfined'\(actions)",
                hint: "objects without a SecurityProfile run without a filter")
        }
        return CheckResult("seccomp", .ok, "the engine's own profile: \(profile ?? "default")\(actions)")
    }

    private static func appArmor(_ info: EngineInfo, _ host: HostInspection) -> CheckResult {
        if info.securityFeatures.contains("apparmor") { return CheckResult("apparmor", .ok, "the engine uses it") }
        let words = host.hasAppArmor ? "the kernel has it, and the engine does not use it" : "not in this kernel"
        let other = info.securityFeatures.contains("selinux") ? "; SELinux is on" : ""
        return CheckResult(
            "apparmor", .unsupported, words + other,
            hint: "objects that require a profile are held; others run without it, and are Degraded")
    }

    private static func runtimes(_ info: EngineInfo, _ host: HostInspection) -> CheckResult {
        let names = (info.runtimes ?? [:]).keys.sorted()
        if names.isEmpty { return CheckResult("runtimes", .unknown, "the engine does not name any") }
        let words = names.joined(separator: ", ") + "; by default \(info.defaultRuntime ?? "unknown")"
        if names.contains(where: { !ConfinementExpectation.sharesKernel($0) }) {
            guard names.contains("runsc"), host.showsSocketBuffers == true else {
                return CheckResult("runtimes", .ok, words)
            }
            // Releases of 2022, as in Debian 12, take a network that shows this for the host's own.
            return CheckResult(
                "runtimes", .ok, words + "; networks of this kernel show net.core.rmem_default",
                hint: "an old runsc (Debian 12) refuses networks here: runtimeArgs '--network=none', or a newer one")
        }
        return CheckResult(
            "runtimes", .unsupported, words + "; none with a kernel of its own",
            hint: "for 'runtime: runsc' install runsc and name it under 'runtimes' of /etc/docker/daemon.json")
    }

    private static func timeZones(_ host: HostInspection) -> CheckResult {
        if host.hasTimeZones { return CheckResult("time-zones", .ok, "/usr/share/zoneinfo") }
        return CheckResult(
            "time-zones", .warning, "no /usr/share/zoneinfo",
            hint: "windows and schedules know UTC only: install tzdata")
    }

    // MARK: Network

    private static func forwarding(_ info: EngineInfo) -> CheckResult {
        if info.forwardsIPv4 == false {
            return CheckResult(
                "network", .warning, "the kernel forwards no IPv4",
                hint: "containers reach nothing outside: sysctl net.ipv4.ip_forward=1")
        }
        if info.filtersBridges == false {
            return CheckResult(
                "network", .ok, "IPv4 is forwarded",
                hint: "br_netfilter is off: rules do not see traffic between containers of one network")
        }
        return CheckResult("network", .ok, "IPv4 is forwarded, traffic on bridges passes the firewall")
    }

    static func firewall(_ host: HostInspection) -> [CheckResult] {
        [filter(host), chains(host), nft(host.firewall), policies(host.policies)]
    }

    private static func policies(_ facts: FirewallFacts) -> CheckResult {
        switch facts.support {
        case .by(.nftables):
            CheckResult("policies", .ok, "network policies by nftables: IPv4, IPv6, sets that forget")
        case .by(.iptables):
            CheckResult(
                "policies", .warning, "network policies by iptables and ip6tables",
                hint: "names cannot be allowed, and Docker up to 27 leaves gaps when networks are made: install nft")
        case .missing(let why):
            CheckResult(
                "policies", .unsupported, "network policies cannot be enforced: \(why)",
                hint: "objects that one selects are held")
        case .unknown: CheckResult("policies", .unknown, "the packet filter was not looked at")
        }
    }

    private static func filter(_ host: HostInspection) -> CheckResult {
        let facts = host.firewall
        guard let version = facts.iptablesVersion else {
            return CheckResult(
                "firewall", .unknown, "there is no iptables", hint: "without it, Docker's chains cannot be looked for")
        }
        let words = "iptables \(version), backend \(facts.backend?.rawValue ?? "unknown")"
        let counts = "rules: \(facts.nftRules ?? 0) in nf_tables, \(facts.legacyRules ?? 0) in legacy"
        if facts.isMixed {
            return CheckResult(
                "firewall", .warning, "\(words); \(counts)",
                hint: "both filters are in use: each drops what the other lets pass. Move one tool with "
                    + "update-alternatives --config iptables, and restart Docker")
        }
        if host.sharesNetworkWithEngine == false {
            return CheckResult(
                "firewall", .ok, words, hint: "the engine is in another network namespace than this process")
        }
        return CheckResult("firewall", .ok, "\(words); \(counts)")
    }

    private static func chains(_ host: HostInspection) -> CheckResult {
        switch host.engine.firewallChains {
        case .present: CheckResult("firewall.docker", .ok, "Docker's chains are there")
        case .missing:
            CheckResult(
                "firewall.docker", .warning, "Docker's chains are not there",
                hint:
                    "restart Docker if somebody flushed the firewall; nothing to do if Docker was told to leave it alone"
            )
        case .unknown: CheckResult("firewall.docker", .unknown, "it cannot be seen whether Docker's chains are there")
        }
    }

    private static func nft(_ facts: FirewallInspection) -> CheckResult {
        guard let version = facts.nftVersion else {
            return CheckResult("nftables", .unsupported, "there is no nft", hint: "network policies will need it")
        }
        if facts.nftWorks == true { return CheckResult("nftables", .ok, "nft \(version)") }
        return CheckResult("nftables", .unsupported, "nft \(version) is not answered by the kernel, or lacks rights")
    }
}
