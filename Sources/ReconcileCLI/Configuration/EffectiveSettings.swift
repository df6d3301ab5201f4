import API
import Drivers
import Foundation
import GitSource
import Logging
import NameFilter
import Reconciler
import Specs
import Storage

/// What is in force for a run of the program: the configuration of the host, and what only a command line says.
struct EffectiveSettings: Sendable {
    let configuration: LoadedConfiguration
    /// The folder that stands in for a repository.
    private let workingCopy: String?
    /// As git writes it.
    let acceptRevision: String?

    /// - Throws: `UsageError` that says which setting is wrong and what would be right.
    init(
        _ flags: Flags, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(UsageError) {
        try self.init(flags, environment: environment, asksSource: true)
    }

    /// For commands that ask nothing of the source.
    init(ofHost flags: Flags) throws(UsageError) {
        try self.init(flags, environment: ProcessInfo.processInfo.environment, asksSource: false)
    }

    private init(_ flags: Flags, environment: [String: String], asksSource: Bool) throws(UsageError) {
        configuration = try LoadedConfiguration(flags, environment: environment)
        try configuration.requireVerificationMode()
        workingCopy = flags.source?.specs
        acceptRevision = flags.source?.acceptRevision?.lowercased()
        if workingCopy != nil {
            if flags.source?.repo != nil { throw UsageError("--specs and --repo exclude each other") }
        } else if asksSource {
            try configuration.requireRepository()
        }
    }

    /// The state directory alone, for commands that need nothing else.
    static func stateDirectory(_ host: HostOptions) throws(UsageError) -> String {
        try LoadedConfiguration(Flags(host: host)).values.stateDirectory
    }

    /// Where the daemon listens, for commands that only ask it.
    static func socket(_ host: HostOptions) throws(UsageError) -> String {
        try LoadedConfiguration(Flags(host: host)).socketPath
    }

    private var values: HostConfiguration { configuration.values }

    var host: HostSettings {
        var host = HostSettings(
            identity: HostIdentity(name: values.hostName, labels: values.hostLabels), owner: values.owner,
            networkRange: values.networkRange, environment: values.environment, pruneBudget: values.pruneBudget,
            preflight: values.preflight)
        host.seccompBaseline = SeccompBaseline(values.seccompBaseline)
        host.claimRoot = values.pools.runtimeDirectory
        return host
    }

    var engine: EngineAddress { values.dockerHost }
    var stateDirectory: String { values.stateDirectory }
    /// False when nobody named one; a dry-run then leaves the default alone.
    var isStateDirectoryNamed: Bool { configuration.origins["stateDirectory"] != nil }
    /// Somebody said who this host is; a plan against nothing then is the plan of that host.
    var isHostNamed: Bool { configuration.origins["hostName"] != nil || !values.hostLabels.isEmpty }
    var log: LogSettings { values.log }
    var controller: ControllerSettings { values.controller }
    var interval: Duration { values.source.interval }
    /// What the name filter does for every bridge.
    var names: FilterConfiguration { values.names.configuration }
    var metrics: MetricSettings { values.metrics }
    var snapshots: SnapshotSettings { values.snapshot }
    var api: APISettings { values.api.settings(socket: configuration.socketPath) }
    /// The specs come from a folder and not from a repository.
    var isWorkingCopy: Bool { workingCopy != nil }
    /// Where the specs are: within the repository, or the folder that stands in for one.
    var specsFolder: String { workingCopy ?? values.source.path }

    /// The configuration asks for signatures, and the specs come from a folder, which has none.
    var lacksSignatures: Bool { isWorkingCopy && values.source.verify.verification != nil }

    /// The source of the specs, with its mirror at this place.
    ///
    /// - Parameter reference: another one than the configuration names; only for a repository.
    func makeSource(mirror: String, reference: String? = nil, logger: Logger) throws(SourceError) -> any Source {
        if let workingCopy { return WorkingCopySource(directory: workingCopy) }
        var configuration = values.source.git(mirror: mirror)
        if let reference { configuration.reference = reference }
        return try GitSource(configuration, logger: logger)
    }
}

extension LoadedConfiguration {
    /// - Throws: `UsageError` when no repository is configured, or one that proves nothing about who answers.
    func requireRepository() throws(UsageError) {
        guard let repository = values.source.repository else {
            throw UsageError(
                "say where the specs are: --repo URL, --specs DIR, or source.repository in the configuration")
        }
        do throws(SourceError) {
            _ = try RepositoryURL(repository, allowInsecure: values.source.allowInsecure)
        } catch {
            throw problem("source.repository", error.message)
        }
    }
}

extension SourceSettings {
    /// The same for the library that fetches, with the mirror at this place.
    func git(mirror: String) -> GitSourceConfiguration {
        GitSourceConfiguration(
            url: repository ?? "", reference: reference, path: path, mirrorDirectory: mirror, credentials: credentials,
            caFile: caFile, allowInsecure: allowInsecure, verification: verify.verification, deadline: timeout)
    }
}

extension HostConfiguration {
    /// Settings of which one layer may hold one.
    static let alternatives = [["source.tokenFile", "source.tokenVariable"]]

    /// Variables that hold a secret: they are not settings, whatever they are called.
    var namedVariables: [String] { source.namedVariables }
}
