import API
import Drivers
import Foundation
import GitSource
import Logging
import Reconciler
import Specs
import Storage

/// What is in force after file, environment and flags, in that order of increasing precedence.
struct EffectiveSettings: Sendable {
    var host: HostSettings
    var engine: EngineAddress
    var stateDirectory: String
    /// False when nobody named one; a dry-run then leaves the default alone.
    var isStateDirectoryNamed: Bool
    /// Somebody said who this host is; a plan against nothing then is the plan of that host.
    var isHostNamed: Bool
    var interval: Duration
    var acceptRevision: String?
    var api: APISettings
    private var sourceKind: SourceKind

    private enum SourceKind: Sendable {
        case workingCopy(String)
        case git(GitSourceConfiguration)
    }

    /// The specs come from a folder and not from a repository.
    var isWorkingCopy: Bool {
        if case .workingCopy = sourceKind { true } else { false }
    }

    static let defaultStateDirectory = "/var/lib/reconcile"

    /// - Throws: `UsageError` that says which setting is wrong and what would be right.
    init(
        _ source: SourceOptions, _ host: HostOptions,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(UsageError) {
        let file = try Self.file(host)
        let identity = HostIdentity(
            name: host.hostName ?? file?.hostName ?? ProcessInfo.processInfo.hostName,
            labels: try Self.labels(host.hostLabel, over: file?.hostLabels ?? [:]))
        isHostNamed = !identity.labels.isEmpty || host.hostName != nil || file?.hostName != nil
        self.host = HostSettings(
            identity: identity, owner: host.owner ?? file?.owner ?? "default",
            networkRange: try Self.range(host.networkRange ?? file?.networkRange),
            environment: host.environment ?? file?.environment,
            pruneBudget: try Self.pruneBudget(host.pruneBudget) ?? file?.pruneBudget.map { PruneBudget($0) }
                ?? .default,
            preflight: PreflightThresholds(minFreeDisk: file?.minFreeDisk))
        engine = try Self.engine(host.dockerHost ?? environment["DOCKER_HOST"] ?? file?.dockerHost)
        let named = host.stateDir ?? file?.stateDirectory
        isStateDirectoryNamed = named != nil
        stateDirectory = named ?? Self.defaultStateDirectory
        interval = source.interval ?? file?.source.interval ?? .seconds(30)
        // As git writes it.
        acceptRevision = source.acceptRevision?.lowercased()
        api = try (file?.api ?? APISection()).settings(socket: Self.socket(host, file))
        sourceKind = try Self.source(source, file?.source)
    }

    /// The state directory alone, for commands that need nothing else.
    static func stateDirectory(_ host: HostOptions) throws(UsageError) -> String {
        if let directory = host.stateDir { return directory }
        return try file(host)?.stateDirectory ?? defaultStateDirectory
    }

    /// Where the daemon listens, for commands that only ask it.
    static func socket(_ host: HostOptions) throws(UsageError) -> String { socket(host, try file(host)) }

    /// Who names another state directory than the file does means another daemon, which listens in it.
    private static func socket(_ host: HostOptions, _ file: HostConfigurationFile?) -> String {
        let usual = file?.stateDirectory ?? defaultStateDirectory
        let directory = host.stateDir ?? usual
        if directory == usual, let socket = file?.api.socket { return socket }
        return StateDirectory.socket(in: directory)
    }

    private static func file(_ host: HostOptions) throws(UsageError) -> HostConfigurationFile? {
        if let path = host.config { return try HostConfigurationFile(path: path) }
        let path = HostConfigurationFile.defaultPath
        return FileManager.default.fileExists(atPath: path) ? try HostConfigurationFile(path: path) : nil
    }

    private static func labels(_ texts: [String], over base: [String: String]) throws(UsageError) -> [String: String] {
        var labels = base
        for text in texts {
            let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty else {
                throw UsageError("--host-label '\(text)' must be written key=value")
            }
            labels[String(pair[0])] = String(pair[1])
        }
        return labels
    }

    private static func pruneBudget(_ text: String?) throws(UsageError) -> PruneBudget? {
        guard let text else { return nil }
        if let count = Int(text), count >= 0 { return PruneBudget(.count(count)) }
        do throws(QuantityError) {
            let share = try Percentage.parse(text)
            if share <= Percentage(100) { return PruneBudget(.percent(share)) }
        } catch {
            // Said below, as for every other mistake.
        }
        throw UsageError("--prune-budget '\(text)' must be a count of containers such as 5, or a share such as 10%")
    }

    private static func range(_ text: String?) throws(UsageError) -> NetworkRange {
        guard let text else { return .default }
        let prefix = NetworkRange.default.subnetPrefix
        guard let subnet = IPv4Subnet(text), subnet.prefix <= prefix else {
            throw UsageError(
                "the network range '\(text)' must be an IPv4 range of /\(prefix) or wider, such as 10.224.0.0/14")
        }
        return NetworkRange(range: subnet, subnetPrefix: prefix)
    }

    private static func engine(_ text: String?) throws(UsageError) -> EngineAddress {
        guard let text, !text.isEmpty else { return .default }
        do {
            return try EngineAddress(dockerHost: text)
        } catch {
            throw UsageError(error.description)
        }
    }

    private static func source(
        _ options: SourceOptions, _ file: HostConfigurationFile.SourceSection?
    ) throws(UsageError) -> SourceKind {
        if let directory = options.specs {
            if options.repo != nil { throw UsageError("--specs and --repo exclude each other") }
            return .workingCopy(directory)
        }
        guard let url = options.repo ?? file?.repository else {
            throw UsageError(
                "say where the specs are: --repo URL, --specs DIR, or source.repository in the configuration")
        }
        var credentials = file?.credentials ?? GitCredentials()
        if let token = options.tokenFile { credentials.token = .file(token) }
        if let key = options.privateKey { credentials.privateKeyFile = key }
        if let hosts = options.knownHosts { credentials.knownHostsFile = hosts }
        return .git(
            GitSourceConfiguration(
                url: url, reference: options.ref ?? file?.reference ?? "main",
                path: options.path ?? file?.path ?? "", mirrorDirectory: "", credentials: credentials,
                caFile: file?.caFile, allowInsecure: options.allowInsecure || file?.allowInsecure == true))
    }

    /// The source of the specs, with its mirror at this place.
    func makeSource(mirror: String, logger: Logger) throws(SourceError) -> any Source {
        switch sourceKind {
        case .workingCopy(let directory): return WorkingCopySource(directory: directory)
        case .git(var configuration):
            configuration.mirrorDirectory = mirror
            return try GitSource(configuration, logger: logger)
        }
    }
}
