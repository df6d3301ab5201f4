/// `GET /info`, as far as we look.
package struct SystemInfo: Decodable, Sendable {
    package var serverVersion: String?
    package var cpus: Int?
    package var memory: Int64?
    package var swapLimit: Bool?
    /// Where images and containers are, on the engine's own machine.
    package var dataRoot: String?
    /// How layers are kept, such as `overlay2`.
    package var storageDriver: String?
    /// Pairs of words about it.
    package var storageStatus: [[String]]?
    package var limitsCPUTime: Bool?
    package var limitsCPUSet: Bool?
    package var weighsCPU: Bool?
    package var limitsMemory: Bool?
    package var limitsPids: Bool?
    /// What the engine misses of the kernel, in sentences.
    package var warnings: [String]?
    /// By name.
    package var runtimes: [String: Runtime]?
    /// Such as `name=seccomp,profile=default`.
    package var securityOptions: [String]?

    /// Its name says enough.
    package struct Runtime: Decodable, Sendable {}

    private enum CodingKeys: String, CodingKey {
        case serverVersion = "ServerVersion"
        case cpus = "NCPU"
        case memory = "MemTotal"
        case swapLimit = "SwapLimit"
        case dataRoot = "DockerRootDir"
        case storageDriver = "Driver"
        case storageStatus = "DriverStatus"
        case limitsCPUTime = "CpuCfsQuota"
        case limitsCPUSet = "CPUSet"
        case weighsCPU = "CPUShares"
        case limitsMemory = "MemoryLimit"
        case limitsPids = "PidsLimit"
        case warnings = "Warnings"
        case runtimes = "Runtimes"
        case securityOptions = "SecurityOptions"
    }
}

/// `GET /version`, as far as we look.
package struct SystemVersion: Decodable, Sendable {
    package var apiVersion: String
    package var minAPIVersion: String?

    private enum CodingKeys: String, CodingKey {
        case apiVersion = "ApiVersion"
        case minAPIVersion = "MinAPIVersion"
    }
}

/// One line of `GET /events`.
package struct EngineEvent: Decodable, Sendable {
    package struct Actor: Decodable, Sendable {
        package var id: String?

        private enum CodingKeys: String, CodingKey { case id = "ID" }
    }

    package var type: String?
    /// Such as `die`, or `health_status: healthy`.
    package var action: String?
    package var actor: Actor?

    private enum CodingKeys: String, CodingKey {
        case type = "Type"
        case action = "Action"
        case actor = "Actor"
    }
}
