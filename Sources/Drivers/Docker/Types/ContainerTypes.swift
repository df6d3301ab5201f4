/// One line of `GET /containers/json`: whose it is. Its status is never read, since a list can be wrong about it for
/// ever (a container that could not start on a full disk stays "running" there).
package struct ContainerSummary: Decodable, Sendable {
    package var id: String
    package var names: [String]?
    package var labels: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case names = "Names"
        case labels = "Labels"
    }

    /// Without the leading slash, and without the aliases `/other/alias` of legacy links.
    package var ownNames: [String] {
        (names ?? []).map { String($0.dropFirst($0.hasPrefix("/") ? 1 : 0)) }.filter { !$0.contains("/") }
    }
}

/// `GET /containers/{id}/json`, as far as we look.
package struct ContainerDetails: Decodable, Sendable {
    package struct State: Decodable, Sendable {
        package struct Health: Decodable, Sendable {
            package var status: String?

            private enum CodingKeys: String, CodingKey { case status = "Status" }
        }

        package var status: String
        /// Of its first process, as the engine's machine counts; 0 while it does not run.
        package var pid: Int32?
        package var exitCode: Int
        package var startedAt: String?
        package var finishedAt: String?
        package var health: Health?
        private enum CodingKeys: String, CodingKey {
            case status = "Status"
            case pid = "Pid"
            case exitCode = "ExitCode"
            case startedAt = "StartedAt"
            case finishedAt = "FinishedAt"
            case health = "Health"
        }
    }

    package struct Config: Decodable, Sendable {
        /// The reference that it was created with.
        package var image: String?
        package var labels: [String: String]?
        /// Seconds; left out where the container was created without one.
        package var stopTimeout: Int?
        /// It has a terminal, so that its output is one stream without frames.
        package var hasTerminal: Bool?

        private enum CodingKeys: String, CodingKey {
            case image = "Image"
            case labels = "Labels"
            case hasTerminal = "Tty"
            case stopTimeout = "StopTimeout"
        }
    }

    package struct HostConfig: Decodable, Sendable {
        package struct RestartPolicy: Decodable, Sendable {
            package var name: String?

            private enum CodingKeys: String, CodingKey { case name = "Name" }
        }

        package var nanoCPUs: Int64?
        package var cpuQuota: Int64?
        package var cpuPeriod: Int64?
        package var memory: Int64?
        package var memorySwap: Int64?
        package var pidsLimit: Int64?
        package var memoryReservation: Int64?
        package var cpuShares: Int64?
        package var cpuset: String?
        package var blockIOWeight: Int64?
        package var readBytes: [DeviceRate]?
        package var writeBytes: [DeviceRate]?
        package var readOperations: [DeviceRate]?
        package var writeOperations: [DeviceRate]?
        package var ulimits: [UlimitName]?
        package var restartPolicy: RestartPolicy?
        package var security: SecurityOptions?
        package var runtime: String?
        /// The name of the network that it was created on.
        package var networkMode: String?

        package struct UlimitName: Decodable, Sendable {
            package var name: String

            private enum CodingKeys: String, CodingKey { case name = "Name" }
        }

        /// All throttles of block devices, of whatever kind.
        var throttles: [DeviceRate] {
            [readBytes, writeBytes, readOperations, writeOperations].flatMap { $0 ?? [] }
        }

        private enum CodingKeys: String, CodingKey {
            case memoryReservation = "MemoryReservation"
            case cpuShares = "CpuShares"
            case cpuset = "CpusetCpus"
            case blockIOWeight = "BlkioWeight"
            case readBytes = "BlkioDeviceReadBps"
            case writeBytes = "BlkioDeviceWriteBps"
            case readOperations = "BlkioDeviceReadIOps"
            case writeOperations = "BlkioDeviceWriteIOps"
            case ulimits = "Ulimits"
            case nanoCPUs = "NanoCpus"
            case cpuQuota = "CpuQuota"
            case cpuPeriod = "CpuPeriod"
            case memory = "Memory"
            case memorySwap = "MemorySwap"
            case pidsLimit = "PidsLimit"
            case restartPolicy = "RestartPolicy"
            case security = "SecurityOpt"
            case runtime = "Runtime"
            case networkMode = "NetworkMode"
        }
    }

    package struct NetworkSettings: Decodable, Sendable {
        package struct Endpoint: Decodable, Sendable {
            package var hardware: String?
            package var address: String?
            package var addressV6: String?

            private enum CodingKeys: String, CodingKey {
                case hardware = "MacAddress"
                case address = "IPAddress"
                case addressV6 = "GlobalIPv6Address"
            }
        }

        /// By the names of the networks.
        package var networks: [String: Endpoint?]?

        private enum CodingKeys: String, CodingKey { case networks = "Networks" }
    }

    package var id: String
    /// With a leading slash.
    package var name: String
    /// The image's id, `sha256:…`.
    package var image: String
    package var state: State
    package var config: Config?
    package var hostConfig: HostConfig?
    package var networkSettings: NetworkSettings?

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case name = "Name"
        case image = "Image"
        case state = "State"
        case config = "Config"
        case hostConfig = "HostConfig"
        case networkSettings = "NetworkSettings"
    }

    /// Its address on the network that it was created on; nil while it has none.
    package var address: String? {
        guard let endpoint = networkSettings?.networks?[hostConfig?.networkMode ?? ""] ?? nil else { return nil }
        return [endpoint.address, endpoint.addressV6].compactMap(\.self).first { !$0.isEmpty }
    }

    package var ownName: String { String(name.dropFirst(name.hasPrefix("/") ? 1 : 0)) }

    package var labels: [String: String] { config?.labels ?? [:] }
}

/// The limit of one block device: bytes or operations per second.
package struct DeviceRate: Codable, Hashable, Sendable {
    var path: String
    var rate: Int64

    private enum CodingKeys: String, CodingKey {
        case path = "Path"
        case rate = "Rate"
    }
}

/// The answer to a create.
package struct ContainerCreated: Decodable, Sendable {
    package var id: String
    package var warnings: [String]?

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case warnings = "Warnings"
    }
}

/// The answer to an update.
package struct ContainerUpdated: Decodable, Sendable {
    package var warnings: [String]?

    private enum CodingKeys: String, CodingKey { case warnings = "Warnings" }
}
