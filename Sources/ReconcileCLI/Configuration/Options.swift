import ArgumentParser
import Reconciler

/// Where the specs come from.
struct SourceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Repository of the specs: https or ssh.", valueName: "url"))
    var repo: String?

    @Option(help: "Branch, tag or commit. (default: main)")
    var ref: String?

    @Option(help: "Folder within the repository. (default: its top)")
    var path: String?

    @Option(help: ArgumentHelp("Read the specs from this folder instead of a repository.", valueName: "dir"))
    var specs: String?

    @Option(
        help: ArgumentHelp("Between two looks at the repository, such as 30s. (default: 30s)", valueName: "duration"))
    var interval: Duration?

    @Flag(help: "Admit file: and http: repositories, which prove nothing about who answers.")
    var allowInsecure = false

    @Option(help: ArgumentHelp("File with an access token for https.", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("Private key for ssh, mode 0600.", valueName: "file"))
    var privateKey: String?

    @Option(help: ArgumentHelp("The only host keys that ssh trusts.", valueName: "file"))
    var knownHosts: String?

    @Option(
        help: ArgumentHelp(
            "Accept this commit although it does not descend from the accepted one, or declares nothing.",
            valueName: "sha"))
    var acceptRevision: String?

    /// A commit id, abbreviated to seven digits or more, or the name that stands for a folder without history.
    static func isRevision(_ text: String) -> Bool {
        let isCommit = (7...64).contains(text.utf8.count) && text.allSatisfy(\.isHexDigit)
        return isCommit || text == Revision.workingCopyID
    }
}

/// Who this host is and what it works with.
struct HostOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Configuration of this host. (default: /etc/reconcile/config.yaml if it exists)", valueName: "file"))
    var config: String?

    @Option(help: "Name of this host, for HostPools that name one. (default: the system's host name)")
    var hostName: String?

    @Option(
        help: ArgumentHelp(
            "Label of this host, for HostPools that select by labels; repeatable.", valueName: "key=value"))
    var hostLabel: [String] = []

    @Option(
        help: ArgumentHelp("Environment whose variables and patches hold here. (default: none)", valueName: "name"))
    var environment: String?

    @Option(help: "Only what carries this owner's mark is ever changed. (default: default)")
    var owner: String?

    @Option(
        help: ArgumentHelp("Where state, mirror, lock and socket are. (default: /var/lib/reconcile)", valueName: "dir"))
    var stateDir: String?

    @Option(
        help: ArgumentHelp(
            "The engine's socket. (default: DOCKER_HOST or unix:///var/run/docker.sock)", valueName: "url"))
    var dockerHost: String?

    @Option(
        help: ArgumentHelp(
            "Containers that one revision may remove without a person's word, as a count or a share. (default: 10%)",
            valueName: "count|percent"))
    var pruneBudget: String?

    @Option(
        help: ArgumentHelp(
            "Range that networks get their /22 subnets from. (default: 10.224.0.0/14)", valueName: "cidr"))
    var networkRange: String?
}

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case human, json
    /// Findings only: workflow commands of GitHub Actions.
    case github
    /// Findings only: SARIF 2.1.0.
    case sarif
}

/// How results are printed that are not findings.
enum PlainFormat {
    case human, json

    /// - Throws: `ValidationError` for a format of findings.
    init(_ format: OutputFormat) throws {
        switch format {
        case .human: self = .human
        case .json: self = .json
        case .github, .sarif: throw ValidationError("--output \(format.rawValue) is for `reconcile validate` only")
        }
    }
}

/// What a dry-run plans against.
enum Against: String, ExpressibleByArgument, CaseIterable {
    /// The live engine, read only.
    case host
    /// Nothing at all: everything is to be created.
    case none
}
