import Foundation
import GitSource
import Reconciler
import Specs

/// The host's own configuration, as its file says it. Flags win over it; nil is left to the defaults.
///
/// Read by the same strict reader as the specs: an unknown key is an error with file, line and column.
struct HostConfigurationFile: Sendable {
    var hostName: String?
    var hostLabels: [String: String] = [:]
    var owner: String?
    var environment: String?
    var stateDirectory: String?
    var dockerHost: String?
    var networkRange: String?
    var pruneBudget: CountOrPercent?
    var minFreeDisk: PreflightThresholds.DiskSpace?
    var source = SourceSection()
    var api = APISection()

    struct SourceSection: Sendable {
        var repository: String?
        var reference: String?
        var path: String?
        var interval: Duration?
        var allowInsecure: Bool?
        var caFile: String?
        var credentials = GitCredentials()
    }

    /// Read when no `--config` is given and it is there.
    static let defaultPath = "/etc/reconcile/config.yaml"

    /// - Throws: `UsageError` with every finding, or that the file cannot be read.
    init(path: String) throws(UsageError) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw UsageError("the configuration file '\(path)' cannot be read")
        }
        let stream = YAMLReader.read(SpecFile(path: path, bytes: [UInt8](bytes)))
        let context = DecodingContext()
        if stream.documents.count > 1 { throw UsageError("\(path): a configuration file holds one document") }
        if let root = stream.documents.first?.root { decode(Field(root, in: context)) }
        let findings = (stream.diagnostics + context.diagnostics).filter { $0.severity == .error }
        if !findings.isEmpty { throw UsageError(findings.map(\.description).joined(separator: "\n")) }
    }

    private mutating func decode(_ field: Field) {
        let keys = [
            "hostName", "hostLabels", "owner", "environment", "stateDirectory", "dockerHost", "networkRange",
            "pruneBudget", "preflight", "source", "api",
        ]
        guard let fields = field.fields(keys) else { return }
        hostName = fields["hostName"]?.string()
        hostLabels = fields["hostLabels"]?.labels() ?? [:]
        owner = fields["owner"]?.string()
        environment = fields["environment"]?.string()
        stateDirectory = fields["stateDirectory"]?.string()
        dockerHost = fields["dockerHost"]?.string()
        networkRange = fields["networkRange"]?.string()
        pruneBudget = fields["pruneBudget"].flatMap { Self.countOrPercent.decode($0) }
        if let section = fields["preflight"]?.fields(["minFreeDisk"]) {
            minFreeDisk = section["minFreeDisk"].flatMap { Self.diskSpace.decode($0) }
        }
        if let section = fields["source"] { decodeSource(section) }
        if let section = fields["api"] { api = APISection(section) }
    }

    private static let countOrPercent = ValueType<CountOrPercent>.countOrPercent(upTo: 10_000)

    /// A share of the disk, or bytes.
    private static let diskSpace = ValueType<PreflightThresholds.DiskSpace>.either(
        .percent(in: Percentage(0)...Percentage(100)), .bytes(in: ByteQuantity(bytes: 0)...ByteQuantity(bytes: .max)),
        isFirst: { $0.isShare }, { .share($0) }, { .bytes($0) })

    private mutating func decodeSource(_ field: Field) {
        let keys = [
            "repository", "reference", "path", "interval", "allowInsecure", "caFile", "tokenFile", "tokenVariable",
            "tokenUser", "privateKeyFile", "knownHostsFile",
        ]
        guard let fields = field.fields(keys) else { return }
        source.repository = fields["repository"]?.string()
        source.reference = fields["reference"]?.string()
        source.path = fields["path"]?.string()
        source.interval = fields["interval"]?.duration(in: .seconds(1)...(.seconds(86_400)))
        source.allowInsecure = fields["allowInsecure"]?.boolean()
        source.caFile = fields["caFile"]?.string()
        if let file = fields["tokenFile"]?.string() { source.credentials.token = .file(file) }
        if let variable = fields["tokenVariable"]?.string() { source.credentials.token = .environment(variable) }
        if let user = fields["tokenUser"]?.string() { source.credentials.tokenUser = user }
        source.credentials.privateKeyFile = fields["privateKeyFile"]?.string()
        source.credentials.knownHostsFile = fields["knownHostsFile"]?.string()
    }
}

extension YAMLNode {
    /// Whether this is text that ends like a percentage.
    fileprivate var isShare: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.text.hasSuffix("%")
    }
}

/// The command line or configuration cannot be used as it is.
struct UsageError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
