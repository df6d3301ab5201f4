import GitSource
import Reconciler
import Specs

/// Where the specs come from, and how we prove who we are there.
struct SourceSettings: Sendable {
    var repository: String?
    var reference = "main"
    var path = ""
    var interval = Duration.seconds(30)
    var timeout = Duration.seconds(60)
    var allowInsecure = false
    var caFile: String?
    var credentials = GitCredentials()
    var verify = VerificationSettings()
}

extension SourceSettings {
    static let settings: [Setting<SourceSettings>] =
        ownSettings + VerificationSettings.settings.embedded(in: "verify", at: \.verify)

    private static let ownSettings: [Setting<SourceSettings>] = [
        Setting(
            "repository", \.repository, .repository, "Repository of the specs: https or ssh.",
            flag: SettingFlag("--repo", \.source?.repo, valueName: "url")),
        Setting(
            "reference", \.reference, .reference, "Branch, tag or commit.",
            flag: SettingFlag("--ref", \.source?.ref, valueName: "name")),
        Setting(
            "path", \.path, .specsPath, "Folder within the repository.", whenLeftOut: "its top",
            flag: SettingFlag("--path", \.source?.path)),
        Setting(
            "interval", \.interval, .duration(in: .milliseconds(100) ... .seconds(86_400)),
            "Between two looks at the repository.",
            flag: SettingFlag("--interval", \.source?.interval, valueName: "duration")),
        Setting(
            "timeout", \.timeout, .duration(in: .seconds(1) ... .seconds(3600)), "What one look may take, all in all."),
        Setting(
            "allowInsecure", \.allowInsecure, .boolean,
            "Admit file: and http: repositories, which prove nothing about who answers.",
            flag: SettingFlag("--allow-insecure", isGiven: \.source?.allowInsecure)),
        Setting(
            "caFile", \.caFile, .string(.path), "Certificate authorities for https, in PEM.",
            whenLeftOut: "the system's"),
        Setting(
            "tokenFile", \.tokenFile, .string(.path), "File with an access token for https.",
            flag: SettingFlag("--token-file", \.source?.tokenFile, valueName: "file")),
        Setting(
            "tokenVariable", \.tokenVariable, .string(.variableName),
            "Variable of the environment that holds an access token for https, in place of a file."),
        Setting("tokenUser", \.credentials.tokenUser, .string(.word), "User name that goes with the token."),
        Setting(
            "privateKeyFile", \.credentials.privateKeyFile, .string(.path), "Private key for ssh, mode 0600.",
            flag: SettingFlag("--private-key", \.source?.privateKey, valueName: "file")),
        Setting(
            "knownHostsFile", \.credentials.knownHostsFile, .string(.path), "The only host keys that ssh trusts.",
            flag: SettingFlag("--known-hosts", \.source?.knownHosts, valueName: "file")),
    ]

    /// A token has one place; the one that was named last counts.
    fileprivate var tokenFile: String? {
        get { if case .file(let path) = credentials.token { path } else { nil } }
        set { credentials.token = newValue.map { .file($0) } }
    }

    fileprivate var tokenVariable: String? {
        get { if case .environment(let name) = credentials.token { name } else { nil } }
        set { credentials.token = newValue.map { .environment($0) } }
    }

    /// Variables that hold a secret: they are not settings, whatever they are called.
    var namedVariables: [String] { tokenVariable.map { [$0] } ?? [] }
}

extension ValueType where Value == String {
    /// Text that this library of sources reads; it is kept as it was written.
    private static func source(
        _ expected: String, example: String, _ check: @escaping @Sendable (String) throws(SourceError) -> Void
    ) -> Self {
        let written = ValueType<String>.text(expected, example: example) { text throws(InvalidText) in
            do throws(SourceError) {
                try check(text)
            } catch {
                throw InvalidText(error.message)
            }
            return text
        }
        return written.map(text: { ValueType.string.text($0) }) { text, _ in text }
    }

    /// Whether what proves nothing is admitted is asked later: another layer may say so.
    fileprivate static var repository: Self {
        source("the address of a repository", example: "https://git.example.com/team/specs.git") {
            text throws(SourceError) in _ = try RepositoryURL(text, allowInsecure: true)
        }
    }

    fileprivate static var reference: Self {
        source("a branch, a tag, a full commit id or refs/...", example: "main") {
            text throws(SourceError) in _ = try GitReference(text)
        }
    }

    fileprivate static var specsPath: Self {
        source("a folder within the repository", example: "deploy/prod") {
            text throws(SourceError) in _ = try SpecsPath(text)
        }
    }
}
