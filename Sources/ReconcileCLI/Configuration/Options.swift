import ArgumentParser
import Reconciler

/// Where the specs come from.
struct SourceOptions: ParsableArguments {
    @Option(help: .setting("source.repository"))
    var repo: String?

    @Option(help: .setting("source.reference"))
    var ref: String?

    @Option(help: .setting("source.path"))
    var path: String?

    @Option(
        help: ArgumentHelp("Read the specs from this folder instead of a repository.", valueName: "dir"),
        completion: .directory)
    var specs: String?

    @Option(help: .setting("source.interval"))
    var interval: String?

    @Flag(help: .setting("source.allowInsecure"))
    var allowInsecure = false

    @Option(help: .setting("source.tokenFile"), completion: .file())
    var tokenFile: String?

    @Option(help: .setting("source.privateKeyFile"), completion: .file())
    var privateKey: String?

    @Option(help: .setting("source.knownHostsFile"), completion: .file())
    var knownHosts: String?

    @Option(
        help: ArgumentHelp(
            "Accept this commit although it does not descend from the accepted one, or declares nothing.",
            valueName: "sha"))
    var acceptRevision: String?

    func validate() throws { try Flags(source: self).validate() }

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
            "Configuration of this host. (default: /etc/reconcile/config.yaml if it exists)", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Any setting of the configuration, such as source.timeout=90s; repeatable. 'reconcile config' lists them.",
            valueName: "key=value"))
    var set: [String] = []

    @Option(help: .setting("hostName"))
    var hostName: String?

    @Option(help: .setting("hostLabels"))
    var hostLabel: [String] = []

    @Option(help: .setting("environment"))
    var environment: String?

    @Option(help: .setting("owner"))
    var owner: String?

    @Option(help: .setting("stateDirectory"), completion: .directory)
    var stateDir: String?

    @Option(help: .setting("dockerHost"))
    var dockerHost: String?

    @Option(help: .setting("pruneBudget"))
    var pruneBudget: String?

    @Option(help: .setting("networkRange"))
    var networkRange: String?

    @Option(help: .setting("seccompBaseline"))
    var seccompBaseline: String?

    /// Something is said of the host that a daemon there knows for itself.
    var saysWhatHostIs: Bool {
        !hostLabel.isEmpty
            || [hostName, environment, owner, dockerHost, pruneBudget, networkRange, seccompBaseline].contains {
                $0 != nil
            }
    }

    func validate() throws { try Flags(host: self).validate() }
}

/// What is logged, and how it looks.
struct LogOptions: ParsableArguments {
    @Option(help: .setting("log.level"))
    var logLevel: String?

    @Option(help: .setting("log.format"))
    var logFormat: String?

    func validate() throws { try Flags(log: self).validate() }
}

extension Flags {
    /// - Throws: `ValidationError` with everything that is wrong.
    fileprivate func validate() throws {
        let findings = LoadedConfiguration.findings(in: self)
        if !findings.isEmpty { throw ValidationError(findings.joined(separator: "\n")) }
    }
}

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case human, json
    /// Findings and plans: workflow commands of GitHub Actions.
    case github
    /// Findings and plans: SARIF 2.1.0.
    case sarif
    /// Plans only: a comment on a pull request.
    case markdown
    /// Plans only: a code quality report of GitLab.
    case gitlab
    /// Windows only: a calendar file.
    case ics
}

extension OutputFormat {
    /// What the command of this line can print; everything where it does not say yet what is to be done.
    static func known(to line: [String]) -> [OutputFormat] {
        let commands = ReconcileCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        switch line.dropFirst().first(where: { commands.contains($0) || ["--dry-run", "--once"].contains($0) }) {
        case nil: return allCases
        case "--dry-run": return allCases.filter { (try? PlanFormat($0)) != nil }
        case ValidateCommand.configuration.commandName: return ValidateCommand.formats
        case CalendarCommand.configuration.commandName: return CalendarCommand.formats
        default: return allCases.filter { (try? PlainFormat($0)) != nil }
        }
    }
}

/// How results are printed that are not findings.
enum PlainFormat {
    case human, json

    /// - Throws: `ValidationError` for a format of findings.
    init(_ format: OutputFormat) throws {
        switch format {
        case .human: self = .human
        case .json: self = .json
        case .github, .sarif:
            throw ValidationError("--output \(format.rawValue) is for `reconcile validate` and `--dry-run` only")
        case .markdown, .gitlab: throw ValidationError("--output \(format.rawValue) is for `--dry-run` only")
        case .ics: throw ValidationError("--output ics is for `reconcile calendar` only")
        }
    }
}

/// How plans are printed.
enum PlanFormat: CaseIterable {
    case human, json, markdown, github, gitlab, sarif

    /// - Throws: `ValidationError` for a format of something else.
    init(_ format: OutputFormat) throws {
        switch format {
        case .human: self = .human
        case .json: self = .json
        case .markdown: self = .markdown
        case .github: self = .github
        case .gitlab: self = .gitlab
        case .sarif: self = .sarif
        case .ics: throw ValidationError("--output ics is for `reconcile calendar` only")
        }
    }
}

/// What a dry-run plans against.
enum Against: Hashable, ExpressibleByArgument {
    /// The live engine, read only.
    case host
    /// Nothing at all: everything is to be created.
    case none
    /// What a host has published of itself; a file, or a folder of them.
    case snapshot(String)

    init(argument: String) {
        switch argument {
        case "host": self = .host
        case "none": self = .none
        case let path: self = .snapshot(path)
        }
    }

    var snapshotPath: String? { if case .snapshot(let path) = self { path } else { nil } }
    var isSnapshot: Bool { snapshotPath != nil }
}
