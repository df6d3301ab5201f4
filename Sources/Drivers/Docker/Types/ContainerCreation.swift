/// The body of `POST /containers/create`, as far as we set it. nil leaves a setting to the image or the engine.
package struct ContainerCreation: Encodable, Sendable {
    package struct Healthcheck: Encodable, Sendable {
        /// `CMD` and the words of the command.
        var test: [String]
        /// Nanoseconds, like the other times here.
        var interval: Int64
        var timeout: Int64
        var retries: Int
        var startPeriod: Int64

        private enum CodingKeys: String, CodingKey {
            case test = "Test"
            case interval = "Interval"
            case timeout = "Timeout"
            case retries = "Retries"
            case startPeriod = "StartPeriod"
        }
    }

    package struct PortBinding: Encodable, Sendable {
        var hostIP: String
        var hostPort: String

        private enum CodingKeys: String, CodingKey {
            case hostIP = "HostIp"
            case hostPort = "HostPort"
        }
    }

    package struct MountPoint: Encodable, Sendable {
        package struct TmpfsOptions: Encodable, Sendable {
            var sizeBytes: Int64

            private enum CodingKeys: String, CodingKey { case sizeBytes = "SizeBytes" }
        }

        var type: String
        var source: String?
        var target: String
        var readOnly: Bool
        var tmpfsOptions: TmpfsOptions?

        private enum CodingKeys: String, CodingKey {
            case type = "Type"
            case source = "Source"
            case target = "Target"
            case readOnly = "ReadOnly"
            case tmpfsOptions = "TmpfsOptions"
        }
    }

    package struct UlimitSetting: Encodable, Sendable {
        var name: String
        var soft: Int64
        var hard: Int64

        private enum CodingKeys: String, CodingKey {
            case name = "Name"
            case soft = "Soft"
            case hard = "Hard"
        }
    }

    package struct LogConfig: Encodable, Sendable {
        var type: String
        var config: [String: String]

        private enum CodingKeys: String, CodingKey {
            case type = "Type"
            case config = "Config"
        }
    }

    package struct HostConfig: Encodable, Sendable {
        var portBindings: [String: [PortBinding]]
        var mounts: [MountPoint]
        var restartPolicy: RestartPolicySetting
        var nanoCPUs: Int64?
        var memory: Int64?
        var memorySwap: Int64?
        var pidsLimit: Int64?
        var ulimits: [UlimitSetting]
        var shmSize: Int64?
        var memoryReservation: Int64?
        var cpuShares: Int64?
        var cpuset: String?
        var oomScoreAdjustment: Int64?
        var blockIOWeight: Int64?
        var readBytes: [DeviceRate]?
        var writeBytes: [DeviceRate]?
        var readOperations: [DeviceRate]?
        var writeOperations: [DeviceRate]?
        /// `size` alone; the engine refuses it where its storage has no quota.
        var storageOptions: [String: String]?
        var logConfig: LogConfig
        var networkMode: String
        /// Resolvers, asked from within the container's network; nil leaves them to the engine.
        var nameServers: [String]?
        /// What confines it; nil leaves it to the engine.
        var securityOptions: [String]?
        var addedCapabilities: [String]?
        var droppedCapabilities: [String]?
        var isRootReadOnly: Bool?
        var runtime: String?

        private enum CodingKeys: String, CodingKey {
            case portBindings = "PortBindings"
            case mounts = "Mounts"
            case restartPolicy = "RestartPolicy"
            case nanoCPUs = "NanoCpus"
            case memory = "Memory"
            case memorySwap = "MemorySwap"
            case pidsLimit = "PidsLimit"
            case ulimits = "Ulimits"
            case shmSize = "ShmSize"
            case memoryReservation = "MemoryReservation"
            case cpuShares = "CpuShares"
            case cpuset = "CpusetCpus"
            case oomScoreAdjustment = "OomScoreAdj"
            case blockIOWeight = "BlkioWeight"
            case readBytes = "BlkioDeviceReadBps"
            case writeBytes = "BlkioDeviceWriteBps"
            case readOperations = "BlkioDeviceReadIOps"
            case writeOperations = "BlkioDeviceWriteIOps"
            case storageOptions = "StorageOpt"
            case logConfig = "LogConfig"
            case networkMode = "NetworkMode"
            case nameServers = "Dns"
            case securityOptions = "SecurityOpt"
            case addedCapabilities = "CapAdd"
            case droppedCapabilities = "CapDrop"
            case isRootReadOnly = "ReadonlyRootfs"
            case runtime = "Runtime"
        }
    }

    package struct NetworkingConfig: Encodable, Sendable {
        /// By the network's name.
        var endpoints: [String: EmptyObject]

        private enum CodingKeys: String, CodingKey { case endpoints = "EndpointsConfig" }
    }

    var image: String
    var entrypoint: [String]?
    var command: [String]?
    var environment: [String]
    var labels: [String: String]
    var exposedPorts: [String: EmptyObject]
    var user: String?
    var healthcheck: Healthcheck?
    /// Seconds.
    var stopTimeout: Int
    var hostConfig: HostConfig
    var networkingConfig: NetworkingConfig

    private enum CodingKeys: String, CodingKey {
        case image = "Image"
        case entrypoint = "Entrypoint"
        case command = "Cmd"
        case environment = "Env"
        case labels = "Labels"
        case exposedPorts = "ExposedPorts"
        case user = "User"
        case healthcheck = "Healthcheck"
        case stopTimeout = "StopTimeout"
        case hostConfig = "HostConfig"
        case networkingConfig = "NetworkingConfig"
    }
}

/// `{}`
package struct EmptyObject: Encodable, Sendable {}

package struct RestartPolicySetting: Encodable, Sendable {
    var name: String

    private enum CodingKeys: String, CodingKey { case name = "Name" }
}

/// The body of `POST /containers/{id}/update`. nil changes nothing.
package struct ContainerChange: Encodable, Sendable {
    var nanoCPUs: Int64?
    var memory: Int64?
    var memorySwap: Int64?
    var pidsLimit: Int64?
    var memoryReservation: Int64?
    var cpuShares: Int64?
    var cpuset: String?
    var blockIOWeight: Int64?
    var restartPolicy: RestartPolicySetting

    private enum CodingKeys: String, CodingKey {
        case nanoCPUs = "NanoCpus"
        case memory = "Memory"
        case memorySwap = "MemorySwap"
        case pidsLimit = "PidsLimit"
        case memoryReservation = "MemoryReservation"
        case cpuShares = "CpuShares"
        case cpuset = "CpusetCpus"
        case blockIOWeight = "BlkioWeight"
        case restartPolicy = "RestartPolicy"
    }
}
