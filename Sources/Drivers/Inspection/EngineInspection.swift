import FoundationEssentials
package import Reconciler

/// What an engine says about itself, for somebody who wants to know what it can carry out.
package struct EngineInspection: Sendable {
    package var info: EngineInfo
    /// The newest and the oldest version of the API that it speaks, such as `1.41`.
    package var newestAPI: String
    package var oldestAPI: String?
    /// The version that is spoken with it.
    package var spokenAPI: String
    /// How far its clock is ahead of ours; nil where it did not say.
    package var clockOffset: Duration?

    package init(
        info: EngineInfo, newestAPI: String, oldestAPI: String? = nil, spokenAPI: String, clockOffset: Duration? = nil
    ) {
        self.info = info
        self.newestAPI = newestAPI
        self.oldestAPI = oldestAPI
        self.spokenAPI = spokenAPI
        self.clockOffset = clockOffset
    }
}

extension DockerClient {
    /// Asks the engine about itself: three reads.
    package func inspectEngine() async throws(DriverError) -> EngineInspection {
        let spoken = try await negotiatedVersion()
        let version: SystemVersion = try await get("/version")
        let asked = Date.now
        let info: EngineInfo = try await get("/info", deadline: deadlines.list)
        let answered = Date.now
        return EngineInspection(
            info: info, newestAPI: version.apiVersion, oldestAPI: version.minAPIVersion, spokenAPI: spoken.description,
            clockOffset: info.offset(asked: asked, answered: answered))
    }
}

/// `GET /info`, as far as it says what an engine can do. What an engine leaves out is nil.
package struct EngineInfo: Decodable, Sendable {
    package struct Swarm: Decodable, Sendable {
        package var state: String?

        private enum CodingKeys: String, CodingKey { case state = "LocalNodeState" }
    }

    package struct Firewall: Decodable, Sendable {
        package var driver: String?

        private enum CodingKeys: String, CodingKey { case driver = "Driver" }
    }

    package var version: String?
    package var osType: String?
    package var architecture: String?
    package var kernel: String?
    package var operatingSystem: String?
    package var storageDriver: String?
    /// Pairs of a name and a value.
    package var storageStatus: [[String]]?
    package var dataRoot: String?
    package var cgroupVersion: String?
    package var cgroupDriver: String?
    package var limitsMemory: Bool?
    package var limitsSwap: Bool?
    package var limitsCPU: Bool?
    package var limitsPids: Bool?
    package var limitsCPUSet: Bool?
    package var weighsCPU: Bool?
    package var forwardsIPv4: Bool?
    package var filtersBridges: Bool?
    /// Such as `name=seccomp,profile=default`.
    package var securityOptions: [String]?
    /// By name.
    package var runtimes: [String: SystemInfo.Runtime]?
    package var defaultRuntime: String?
    package var swarm: Swarm?
    package var keepsContainers: Bool?
    package var loggingDriver: String?
    package var firewall: Firewall?
    package var time: String?
    package var warnings: [String]?

    private enum CodingKeys: String, CodingKey {
        case version = "ServerVersion"
        case osType = "OSType"
        case architecture = "Architecture"
        case kernel = "KernelVersion"
        case operatingSystem = "OperatingSystem"
        case storageDriver = "Driver"
        case storageStatus = "DriverStatus"
        case dataRoot = "DockerRootDir"
        case cgroupVersion = "CgroupVersion"
        case cgroupDriver = "CgroupDriver"
        case limitsMemory = "MemoryLimit"
        case limitsSwap = "SwapLimit"
        case limitsCPU = "CpuCfsQuota"
        case limitsPids = "PidsLimit"
        case limitsCPUSet = "CPUSet"
        case weighsCPU = "CPUShares"
        case forwardsIPv4 = "IPv4Forwarding"
        case filtersBridges = "BridgeNfIptables"
        case securityOptions = "SecurityOptions"
        case runtimes = "Runtimes"
        case defaultRuntime = "DefaultRuntime"
        case swarm = "Swarm"
        case keepsContainers = "LiveRestoreEnabled"
        case loggingDriver = "LoggingDriver"
        case firewall = "FirewallBackend"
        case time = "SystemTime"
        case warnings = "Warnings"
    }

    /// The names among the security options: `seccomp`, `apparmor`, `rootless`, `userns`, `selinux`, `cgroupns`.
    package var securityFeatures: Set<String> { Self.features(in: securityOptions ?? []) }

    static func features(in options: [String]) -> Set<String> {
        Set(
            options.flatMap { $0.split(separator: ",") }.compactMap { part in
                part.hasPrefix("name=") ? String(part.dropFirst(5)) : nil
            })
    }

    /// What the storage driver says of itself under this name.
    package func storage(_ name: String) -> String? {
        storageStatus?.first { $0.count == 2 && $0[0] == name }?[1]
    }

    /// How far its clock is ahead, given when it was asked; what the answer took is not held against it.
    func offset(asked: Date, answered: Date) -> Duration? {
        // A time that cannot be read says nothing about the clock.
        guard let time,
            let theirs = try? Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        else { return nil }
        if theirs < asked { return .seconds(theirs.timeIntervalSince(asked)) }
        return .seconds(max(0, theirs.timeIntervalSince(answered)))
    }
}
