/// What every container of a Workload or WarmPool looks like.
package struct ContainerTemplate: Hashable, Sendable {
    /// When an image is pulled, in Kubernetes' words.
    package enum PullPolicy: String, CaseIterable, Hashable, Sendable {
        /// A moved tag is drift: every observation compares the image behind the tag.
        case always = "Always"
        case ifNotPresent = "IfNotPresent"
        case never = "Never"
    }

    /// An image reference as Docker takes it: `name[:tag][@sha256:…]`.
    package var image: String
    /// Replaces the image's entrypoint, as in Kubernetes; nil keeps it.
    package var command: [String]?
    /// Replaces the image's command, as in Kubernetes; nil keeps it unless `command` is set.
    package var args: [String]?
    package var env: [String: String]
    package var labels: [String: String]
    package var mounts: [Mount]
    package var ports: [ContainerPort]
    /// `user`, `user:group`, `uid` or `uid:gid`; nil keeps the image's.
    package var user: String?
    package var healthCheck: HealthCheck?
    /// How long a container may take to stop before it is killed; whole seconds.
    package var stopTimeout: Duration
    package var pullPolicy: PullPolicy
    package var resources: Resources
    /// The name of the `SecurityProfile` that confines the containers; nil leaves them to the engine's defaults.
    package var securityProfile: String?
    package var network: ContainerNetwork

    package init(
        image: String, command: [String]? = nil, args: [String]? = nil, env: [String: String] = [:],
        labels: [String: String] = [:], mounts: [Mount] = [], ports: [ContainerPort] = [], user: String? = nil,
        healthCheck: HealthCheck? = nil, stopTimeout: Duration = .seconds(10),
        pullPolicy: PullPolicy = .ifNotPresent, resources: Resources = Resources()
    ) {
        self.image = image
        self.command = command
        self.args = args
        self.env = env
        self.labels = labels
        self.mounts = mounts
        self.ports = ports
        self.user = user
        self.healthCheck = healthCheck
        self.stopTimeout = stopTimeout
        self.pullPolicy = pullPolicy
        self.resources = resources
        network = ContainerNetwork()
    }
}

/// What a container joins besides the network of its object.
package struct ContainerNetwork: Hashable, Sendable {
    /// A network that is not ours and exists already; nil is the object's own network alone.
    package var external: String?
    /// Names under which other containers of the network find the members.
    package var aliases: [String]

    package init(external: String? = nil, aliases: [String] = []) {
        self.external = external
        self.aliases = aliases
    }
}

/// Storage that a container sees under one of its paths.
package struct Mount: Hashable, Comparable, Sendable {
    package enum Source: Hashable, Sendable {
        /// A named volume; it is created when missing and never removed by us.
        case volume(String)
        /// A path of the host that must exist already.
        case bind(String)
        /// Memory, up to `size` bytes.
        case tmpfs(size: ByteQuantity?)
    }

    package var source: Source
    /// An absolute path in the container; unique within a template.
    package var target: String
    package var readOnly: Bool

    package init(_ source: Source, target: String, readOnly: Bool = false) {
        self.source = source
        self.target = target
        self.readOnly = readOnly
    }

    package static func < (a: Self, b: Self) -> Bool { a.target < b.target }
}

/// A port that the container listens on.
package struct ContainerPort: Hashable, Comparable, Sendable, CustomStringConvertible {
    package enum Transport: String, CaseIterable, Hashable, Sendable { case tcp, udp, sctp }

    /// 1-65535.
    package var number: UInt16
    package var transport: Transport

    package init(_ number: UInt16, _ transport: Transport = .tcp) {
        self.number = number
        self.transport = transport
    }

    /// Docker's spelling: `80/tcp`.
    package var description: String { "\(number)/\(transport.rawValue)" }

    package static func < (a: Self, b: Self) -> Bool {
        (a.number, a.transport.rawValue) < (b.number, b.transport.rawValue)
    }
}

/// A command that exits with 0 in a container that is ready.
package struct HealthCheck: Hashable, Sendable {
    /// The program and its arguments, run without a shell.
    package var command: [String]
    /// Between two probes of a running container: 1 s or more.
    package var interval: Duration
    /// 1 s or more.
    package var timeout: Duration
    /// Failures in a row before a container counts as unhealthy: 1-100.
    package var retries: Int
    /// Failures within this time of the start do not count.
    package var startPeriod: Duration

    package init(
        command: [String], interval: Duration = .seconds(10), timeout: Duration = .seconds(2), retries: Int = 3,
        startPeriod: Duration = .zero
    ) {
        self.command = command
        self.interval = interval
        self.timeout = timeout
        self.retries = retries
        self.startPeriod = startPeriod
    }
}
