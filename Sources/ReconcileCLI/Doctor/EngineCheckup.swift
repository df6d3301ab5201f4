import Drivers

/// Judges what an engine says about itself.
enum EngineCheckup {
    static func results(_ engine: EngineInspection, _ host: HostInspection) -> [CheckResult] {
        let info = engine.info
        return [version(info), api(engine)] + ownership(info) + [swarm(info), keeping(info)] + storage(info)
            + [logging(info)] + (info.warnings ?? []).map { CheckResult("engine.warning", .warning, $0) }
    }

    private static func version(_ info: EngineInfo) -> CheckResult {
        let words = [info.version.map { "Docker \($0)" } ?? "an engine without a version", info.operatingSystem]
            .compactMap { $0 }.joined(separator: " on ")
        if info.osType == "linux" { return CheckResult("engine", .ok, words) }
        return CheckResult(
            "engine", .failed, "\(words), for '\(info.osType ?? "unknown")' containers",
            hint: "only Linux containers are kept")
    }

    private static func api(_ engine: EngineInspection) -> CheckResult {
        let range = "\(engine.oldestAPI ?? "?") to \(engine.newestAPI)"
        let known = "known here: \(APIVersion.oldest) to \(APIVersion.newest)"
        return CheckResult("engine.api", .ok, "\(engine.spokenAPI) is spoken; the engine has \(range), \(known)")
    }

    /// What stands between a user of the host and a user of a container.
    private static func ownership(_ info: EngineInfo) -> [CheckResult] {
        var results: [CheckResult] = []
        let features = info.securityFeatures
        if features.contains("rootless") {
            results.append(
                CheckResult(
                    "engine.rootless", .warning, "the engine runs without root",
                    hint: "untested: limits need cgroup v2 with delegation, and the firewall is not the host's"))
        } else {
            results.append(CheckResult("engine.rootless", .ok, "no, as tested"))
        }
        if features.contains("userns") {
            results.append(
                CheckResult(
                    "engine.userns", .warning, "user namespaces are remapped",
                    hint: "untested: files of mounted folders belong to shifted users"))
        } else {
            results.append(
                CheckResult(
                    "engine.userns", .ok, "not remapped: root in a container is root on the host, within its bounds"))
        }
        return results
    }

    private static func swarm(_ info: EngineInfo) -> CheckResult {
        let state = info.swarm?.state ?? "inactive"
        if state == "inactive" || state.isEmpty { return CheckResult("engine.swarm", .ok, "not a member of a swarm") }
        return CheckResult(
            "engine.swarm", .warning, "member of a swarm: \(state)",
            hint: "containers of its services carry no mark of ours and are left alone; stacks are not managed")
    }

    private static func keeping(_ info: EngineInfo) -> CheckResult {
        if info.keepsContainers == true { return CheckResult("engine.live-restore", .ok, "on") }
        return CheckResult(
            "engine.live-restore", .warning, "off: a restart of Docker restarts every container",
            hint: "set \"live-restore\": true in /etc/docker/daemon.json, unless the engine is in a swarm")
    }

    private static func storage(_ info: EngineInfo) -> [CheckResult] {
        let driver = info.storageDriver ?? "unknown"
        let backing = info.storage("Backing Filesystem")
        let words = backing.map { "\(driver) on \($0)" } ?? driver
        var results: [CheckResult] = []
        switch driver {
        case "overlay2", "overlayfs": results.append(CheckResult("engine.storage", .ok, words))
        case "vfs":
            results.append(
                CheckResult(
                    "engine.storage", .warning, words, hint: "each container copies its whole image: slow, and large"))
        case "devicemapper", "aufs", "overlay":
            results.append(
                CheckResult(
                    "engine.storage", .warning, words, hint: "Docker has given this driver up: move to overlay2"))
        default:
            results.append(CheckResult("engine.storage", .warning, words, hint: "untested: overlay2 is what is tested"))
        }
        // Docker says which file system it is, and not whether it was mounted with quotas.
        let mayLimit = ["btrfs", "zfs", "windowsfilter"].contains(driver) || (driver == "overlay2" && backing == "xfs")
        results.append(
            mayLimit
                ? CheckResult(
                    "engine.disk-limits", .unknown, "\(words) has them if it is mounted with quotas",
                    hint: "xfs needs the mount option pquota")
                : CheckResult(
                    "engine.disk-limits", .unsupported, "\(words) cannot limit the disk of a container",
                    hint:
                        "'resources.disk' needs overlay2 on xfs with pquota; limit what is written by a read-only root")
        )
        return results
    }

    private static func logging(_ info: EngineInfo) -> CheckResult {
        let driver = info.loggingDriver ?? "unknown"
        guard driver == "json-file" else { return CheckResult("engine.logging", .ok, driver) }
        return CheckResult(
            "engine.logging", .ok, "json-file",
            hint: "without max-size in /etc/docker/daemon.json logs grow until the disk is full")
    }
}
