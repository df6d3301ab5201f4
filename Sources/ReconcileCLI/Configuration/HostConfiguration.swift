import Drivers
import Foundation
import Reconciler
import Specs

/// Everything that the configuration of a host says, with the defaults for what it leaves out.
struct HostConfiguration: Sendable {
    var hostName = ProcessInfo.processInfo.hostName
    var hostLabels: [String: String] = [:]
    var owner = "default"
    var environment: String?
    var stateDirectory = "/var/lib/reconcile"
    var dockerHost = EngineAddress.default
    var networkRange = NetworkRange.default
    var pruneBudget = PruneBudget.default
    var preflight = PreflightThresholds.default
    var seccompBaseline = SecurityProfile.Seccomp.Base.dockerDefault
    var source = SourceSettings()
    var controller = ControllerSettings()
    var names = NameSettings()
    var pools = PoolSettings()
    var metrics = MetricSettings()
    var api = APISection()
    var snapshot = SnapshotSettings()
    var log = LogSettings()
}

extension HostConfiguration {
    /// All settings, in the order of the documentation.
    static let settings: [Setting<HostConfiguration>] =
        hostSettings + SourceSettings.settings.embedded(in: "source", at: \.source)
        + ControllerSettings.settings.embedded(in: "controller", at: \.controller)
        + NameSettings.settings.embedded(in: "names", at: \.names)
        + PoolSettings.settings.embedded(in: "pools", at: \.pools) + metricSettings
        + APISection.settings.embedded(in: "api", at: \.api)
        + SnapshotSettings.settings.embedded(in: "snapshot", at: \.snapshot)
        + LogSettings.settings.embedded(in: "log", at: \.log)

    private static let hostSettings: [Setting<HostConfiguration>] = [
        Setting(
            "hostName", \.hostName, .string(.hostName), "Name of this host, for HostPools that name one.",
            whenLeftOut: "the system's host name", flag: SettingFlag("--host-name", \.host?.hostName)),
        Setting(
            "hostLabels", merged: \.hostLabels, .labels,
            "Labels of this host, for HostPools that select by labels; file, environment and flags each add their own.",
            whenLeftOut: "none",
            flag: SettingFlag("--host-label", repeated: \.host?.hostLabel, valueName: "key=value")),
        Setting(
            "owner", \.owner, .string(.owner), "Only what carries this owner's mark is ever changed.",
            flag: SettingFlag("--owner", \.host?.owner)),
        Setting(
            "environment", \.environment, .string(.word), "Environment whose variables and patches hold here.",
            whenLeftOut: "none", flag: SettingFlag("--environment", \.host?.environment, valueName: "name")),
        Setting(
            "stateDirectory", \.stateDirectory, .string(.path), "Where state, mirror, lock and socket are.",
            flag: SettingFlag("--state-dir", \.host?.stateDir, valueName: "dir")),
        Setting(
            "dockerHost", \.dockerHost, .engine, "The engine's socket.",
            flag: SettingFlag("--docker-host", \.host?.dockerHost, valueName: "url"), alias: "DOCKER_HOST"),
        Setting(
            "networkRange", \.networkRange, .networkRange, "Range that networks get their /22 subnets from.",
            flag: SettingFlag("--network-range", \.host?.networkRange, valueName: "cidr")),
        Setting(
            "pruneBudget", \.pruneBudget, .pruneBudget,
            "Containers that one revision may remove without a person's word, as a count or a share.",
            flag: SettingFlag("--prune-budget", \.host?.pruneBudget, valueName: "count|percent")),
        Setting(
            "preflight.minFreeDisk", \.preflight.minFreeDisk, .diskSpace,
            "Nothing is taken away for a replacement while the engine's disk has less room than this.",
            whenLeftOut: "5%, at most 2Gi"),
        Setting(
            "seccompBaseline", \.seccompBaseline,
            .choice([
                .dockerDefault: "what Docker lets through by default",
                .sandbox: "reconcile's own baseline for untrusted code, also for containers without a SecurityProfile",
            ]), "The most system calls that a SecurityProfile of the repository can let through.",
            flag: SettingFlag("--seccomp-baseline", \.host?.seccompBaseline, valueName: "name")),
    ]
}

extension TextRule {
    /// A path of this host.
    static let path = TextRule("a path", example: "/etc/reconcile/token") { !$0.isEmpty && !$0.utf8.contains(0) }

    static let word = TextRule("1-63 characters of A-Z, a-z, 0-9, '-', '_' and '.'", example: "production") {
        !$0.isEmpty && TextRule.labelValue.allows($0)
    }

    /// Part of a label of containers.
    static let owner = TextRule("1-128 printable characters", example: "default") {
        (1...128).contains($0.count) && $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }

    /// The name of a variable of the environment.
    static let variableName = TextRule("the name of a variable", example: "GIT_TOKEN") {
        TextRule.environmentName.allows($0)
    }
}

extension ValueType where Value == EngineAddress {
    /// `unix:///var/run/docker.sock`
    static var engine: Self {
        let written = ValueType<WrittenAddress>.text("the engine's socket", example: "unix:///var/run/docker.sock") {
            text throws(InvalidText) in
            do throws(DriverError) {
                return WrittenAddress(address: try EngineAddress(dockerHost: text))
            } catch {
                throw InvalidText(error.message)
            }
        }
        return written.map(text: { "\"\(WrittenAddress(address: $0))\"" }) { value, _ in value.address }
    }
}

private struct WrittenAddress: Sendable, CustomStringConvertible {
    var address: EngineAddress

    var description: String { "unix://" + address.socketPath }
}

extension ValueType where Value == NetworkRange {
    static var networkRange: Self {
        let prefix = NetworkRange.default.subnetPrefix
        let subnet = ValueType<IPv4Subnet>.text("an IPv4 range of /\(prefix) or wider", example: "10.224.0.0/14") {
            text throws(InvalidText) in
            guard let subnet = IPv4Subnet(text), subnet.prefix <= prefix else {
                throw InvalidText(
                    "\(Diagnostic.quote(text)) must be an IPv4 range of /\(prefix) or wider, such as 10.224.0.0/14")
            }
            return subnet
        }
        return subnet.map(text: { "\"\($0.range)\"" }) { value, _ in
            NetworkRange(range: value, subnetPrefix: prefix)
        }
    }
}

extension ValueType where Value == PruneBudget {
    static var pruneBudget: Self {
        ValueType<CountOrPercent>.countOrPercent(upTo: 10_000).map(text: { $0.description }) { limit, _ in
            PruneBudget(limit)
        }
    }
}

extension ValueType where Value == PreflightThresholds.DiskSpace {
    /// A share of the disk, or bytes.
    static var diskSpace: Self {
        .either(
            .percent(in: Percentage(0)...Percentage(100)),
            .bytes(in: ByteQuantity(bytes: 0)...ByteQuantity(bytes: .max)), isFirst: { $0.isShare },
            { .share($0) }, { .bytes($0) }, text: { $0.text })
    }
}

extension PreflightThresholds.DiskSpace {
    fileprivate var text: String {
        switch self {
        case .bytes(let bytes): bytes.description
        case .share(let share): share.description
        }
    }
}

extension YAMLNode {
    /// Whether this is text that ends like a percentage.
    fileprivate var isShare: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.text.hasSuffix("%")
    }
}
