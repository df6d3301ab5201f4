import API
import ArgumentParser
import Drivers
import GitSource
import Logging
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// What is in force after file, environment and flags.
struct SettingsTests {
    private static func settings(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> EffectiveSettings {
        let command = try ReconcileCommand.parse(arguments)
        return try EffectiveSettings(command.flags, environment: environment)
    }

    @Test("a configuration that others may write can be looked at, and nothing is done by it")
    func looseFile() async throws {
        try await ScratchFolder.with { folder in
            for (mode, isTrusted) in [(0o600, true), (0o644, true), (0o664, false), (0o606, false)] {
                let file = try folder.write("config.yaml", "owner: blue\n", mode: mode)
                let settings = try Self.settings(["--specs", "specs", "--config", file])
                #expect(settings.host.owner == "blue")
                let objection = settings.configuration.objection
                #expect((objection == nil) == isTrusted, "\(mode)")
                guard !isTrusted else { continue }
                #expect(objection?.contains("others may write it: chmod go-w '\(file)'") == true)
                #expect(throws: UsageError.self) { try settings.configuration.requireTrust() }
            }
        }
    }

    @Test("without a word about it everything has its default")
    func defaults() throws {
        let settings = try Self.settings(["--specs", "specs"])
        #expect(settings.host.owner == "default")
        #expect(settings.host.networkRange == .default)
        #expect(settings.host.pruneBudget == .default && settings.host.preflight == .default)
        #expect(settings.host.identity.labels == [:])
        #expect(!settings.host.identity.name.isEmpty)
        #expect(settings.engine.socketPath == "/var/run/docker.sock")
        #expect(settings.stateDirectory == "/var/lib/reconcile")
        #expect(!settings.isStateDirectoryNamed)
        #expect(settings.interval == .seconds(30))
    }

    private static let file = """
        hostName: from-file
        hostLabels: {zone: a, tier: web}
        owner: file-owner
        stateDirectory: /file/state
        dockerHost: unix:///file.sock
        networkRange: 10.8.0.0/16
        pruneBudget: 25%
        preflight: {minFreeDisk: 3Gi}
        source:
          repository: https://git.example.com/specs.git
          interval: 1m
        """

    @Test("the file is read where no flag speaks")
    func fromFile() async throws {
        try await ScratchFolder.with { folder in
            let settings = try Self.settings(["--config", try folder.write("config.yaml", Self.file)])
            #expect(settings.host.identity == HostIdentity(name: "from-file", labels: ["zone": "a", "tier": "web"]))
            #expect(settings.host.owner == "file-owner")
            #expect(settings.host.networkRange.range.description == "10.8.0.0/16")
            #expect(settings.host.pruneBudget == PruneBudget(.percent(Percentage(25))))
            #expect(settings.host.preflight.minFreeDisk == .bytes(ByteQuantity(bytes: 3 << 30)))
            #expect(settings.stateDirectory == "/file/state")
            #expect(settings.isStateDirectoryNamed)
            #expect(settings.engine.socketPath == "/file.sock")
            #expect(settings.interval == .seconds(60))
        }
    }

    @Test("flags win over the file, and labels are merged one by one")
    func flagsWin() async throws {
        try await ScratchFolder.with { folder in
            let flags = [
                "--config", try folder.write("config.yaml", Self.file), "--host-name", "flag", "--host-label", "zone=b",
                "--host-label", "empty=", "--owner", "flag-owner", "--state-dir", "/flag", "--docker-host",
                "unix:///flag.sock", "--network-range", "10.9.0.0/16", "--interval", "5s",
                "--prune-budget", "7",
            ]
            let settings = try Self.settings(flags, environment: ["DOCKER_HOST": "unix:///environment.sock"])
            #expect(settings.host.identity.name == "flag")
            #expect(settings.host.identity.labels == ["zone": "b", "tier": "web", "empty": ""])
            #expect(settings.host.owner == "flag-owner")
            #expect(settings.stateDirectory == "/flag")
            #expect(settings.engine.socketPath == "/flag.sock")
            #expect(settings.host.networkRange.range.description == "10.9.0.0/16")
            #expect(settings.host.pruneBudget == PruneBudget(.count(7)))
            #expect(settings.interval == .seconds(5))
        }
    }

    @Test("DOCKER_HOST stands between file and flag, below our own variable; empty counts as unset")
    func dockerHost() async throws {
        try await ScratchFolder.with { folder in
            let config = ["--config", try folder.write("config.yaml", Self.file)]
            var environment = ["DOCKER_HOST": "unix:///environment.sock"]
            #expect(try Self.settings(config, environment: environment).engine.socketPath == "/environment.sock")
            environment["RECONCILE_DOCKER_HOST"] = "unix:///own.sock"
            #expect(try Self.settings(config, environment: environment).engine.socketPath == "/own.sock")
        }
        let empty = try Self.settings(["--specs", "s"], environment: ["DOCKER_HOST": "", "RECONCILE_OWNER": ""])
        #expect(empty.engine.socketPath == "/var/run/docker.sock" && empty.host.owner == "default")
    }

    @Test("variables are named after their settings, and no two alike")
    func variables() {
        let names = HostConfiguration.settings.map(\.variable)
        #expect(Set(names).count == names.count)
        #expect(names.contains("RECONCILE_SOURCE_PRIVATE_KEY_FILE"))
        #expect(names.allSatisfy { $0.wholeMatch(of: /RECONCILE(_[A-Z]+)+/) != nil })
    }

    @Test("a variable that holds a token is no setting, whatever it is called")
    func tokenVariable() throws {
        let environment = [
            "RECONCILE_SOURCE_TOKEN_VARIABLE": "RECONCILE_GIT_TOKEN", "RECONCILE_GIT_TOKEN": "canary",
            "RECONCILE_SOURCE_REPOSITORY": "https://git.example.com/x",
        ]
        let configuration = try LoadedConfiguration(Flags(), environment: environment)
        let document = ConfigurationDocument(configuration)
        #expect(!document.text.contains("canary") && !document.json.text.contains("canary"))
        #expect(document.text.contains("RECONCILE_GIT_TOKEN"))
    }

    @Test("a variable about signatures that was left empty is refused, and not taken for none")
    func emptyVerification() throws {
        let environment = ["RECONCILE_SOURCE_VERIFY_MODE": "", "RECONCILE_OWNER": ""]
        let error = #expect(throws: UsageError.self) { try LoadedConfiguration(Flags(), environment: environment) }
        #expect(
            error?.description == "RECONCILE_SOURCE_VERIFY_MODE is empty: name a value, or take the variable away")
    }

    @Test("a token that a stronger layer names takes the place of the other kind")
    func tokenPlaces() async throws {
        try await ScratchFolder.with { folder in
            let path = try folder.write("config.yaml", "source: {tokenVariable: T}\n")
            let flags = try ReconcileCommand.parse(["--config", path, "--token-file", "/t"]).flags
            let configuration = try LoadedConfiguration(flags, environment: [:])
            #expect(configuration.values.source.credentials.token == .file("/t"))
            #expect(configuration.origins["source.tokenVariable"] == nil)
        }
    }

    @Test("a bad value is refused with what would be right", arguments: BadValue.all)
    func badValues(_ c: BadValue) {
        let error = #expect(throws: (any Error).self) { try Self.settings(c.arguments, environment: c.environment) }
        guard let error else { return }
        let message = (error as? UsageError)?.description ?? ReconcileCommand.message(for: error)
        #expect(message == c.message)
    }

    @Test("a bad configuration file is refused with file, line and column", arguments: BadFile.all)
    func badFiles(_ c: BadFile) async throws {
        try await ScratchFolder.with { folder in
            let path = try folder.write("config.yaml", c.text)
            let error = #expect(throws: UsageError.self) { try Self.settings(["--specs", "s", "--config", path]) }
            let message = error?.description.replacing(path, with: "config.yaml") ?? ""
            #expect(message.hasPrefix(c.message), "\(message)")
        }
    }

    @Test("signatures are asked for by the configuration, for a repository; a folder has none")
    func verification() async throws {
        try await ScratchFolder.with { folder in
            let text = "source:\n  repository: https://git.example.com/x\n  verify: {mode: tag, keyringFile: /none}\n"
            let config = ["--config", try folder.write("config.yaml", text)]
            let settings = try Self.settings(config)
            #expect(!settings.lacksSignatures)
            let error = #expect(throws: SourceError.self) {
                try settings.makeSource(mirror: folder.path, logger: Logger(label: "test"))
            }
            #expect(error?.message.hasPrefix("source.verify.keyringFile: the file '/none' cannot be opened") == true)
            #expect(try Self.settings(config + ["--specs", folder.path]).lacksSignatures)
            #expect(try !Self.settings(["--specs", folder.path]).lacksSignatures)
        }
    }

    @Test("an empty configuration file says nothing", arguments: ["", "# only a comment\n"])
    func emptyFile(text: String) async throws {
        try await ScratchFolder.with { folder in
            let path = try folder.write("config.yaml", text)
            #expect(try Self.settings(["--specs", "s", "--config", path]).host.owner == "default")
        }
    }

    @Test("every finding of a file is told at once")
    func allFindings() async throws {
        try await ScratchFolder.with { folder in
            let path = try folder.write("config.yaml", "ownr: a\nhostname: b\n")
            let error = #expect(throws: UsageError.self) { try Self.settings(["--specs", "s", "--config", path]) }
            #expect(error?.description.split(separator: "\n").count == 2)
        }
    }

    @Test("the state directory alone needs no source")
    func stateDirectoryAlone() async throws {
        try await ScratchFolder.with { folder in
            let path = try folder.write("config.yaml", Self.file)
            func directory(_ arguments: [String]) throws -> String {
                try EffectiveSettings.stateDirectory(try ReconcileCommand.parse(arguments).host)
            }
            #expect(try directory(["--config", path]) == "/file/state")
            #expect(try directory(["--config", path, "--state-dir", "/flag"]) == "/flag")
            #expect(try directory([]) == "/var/lib/reconcile")
        }
    }
}

extension SettingsTests {
    @Test("the API is where the file says, and the socket of a named state directory is in it")
    func api() async throws {
        try await ScratchFolder.with { folder in
            let text = """
                stateDirectory: /file/state
                api:
                  socket: /run/r.sock
                  socketGroup: ops
                  listen: 127.0.0.1:9480
                  tokenFile: /t
                  webhookSecretFile: /w
                """
            let path = try folder.write("config.yaml", text)
            func socket(_ arguments: [String]) throws -> String {
                try EffectiveSettings.socket(try ReconcileCommand.parse(arguments).host)
            }
            #expect(try socket(["--config", path]) == "/run/r.sock")
            #expect(try socket(["--config", path, "--state-dir", "/flag"]) == "/flag/reconcile.sock")
            #expect(try socket(["--config", path, "--state-dir", "/file/state"]) == "/run/r.sock")
            let other = try Self.settings(["--specs", "s", "--config", path, "--state-dir", "/flag"]).api
            #expect(other.socketPath == "/flag/reconcile.sock")
            let api = try Self.settings(["--specs", "s", "--config", path]).api
            #expect(api.socketPath == "/run/r.sock")
            #expect(api.listen?.port == 9480 && api.socketGroup == "ops" && api.tokenFile == "/t")
            let wrong = try folder.write("wrong.yaml", "api: {listen: everywhere}\n")
            let error = #expect(throws: UsageError.self) { try Self.settings(["--specs", "s", "--config", wrong]) }
            #expect(
                error?.description
                    == "\(wrong):1:15: error: 'api.listen': 'everywhere' must be IP:PORT, such as 127.0.0.1:9480 or "
                    + "[::1]:9480")
        }
    }
}

struct BadValue: Sendable, CustomTestStringConvertible {
    var arguments: [String] = []
    var environment: [String: String] = [:]
    let message: String

    var testDescription: String { (arguments + environment.map { "\($0.key)=\($0.value)" }).joined(separator: " ") }

    /// The same value in a variable and in a flag.
    private static func twice(_ variable: String, _ flag: String, _ value: String, _ message: String) -> [BadValue] {
        [
            BadValue(arguments: ["--specs", "s", "\(flag)=\(value)"], message: "'\(flag)' \(message)"),
            BadValue(
                arguments: ["--specs", "s"], environment: [variable: value], message: "'\(variable)' \(message)"),
        ]
    }

    private static func range(_ text: String) -> [BadValue] {
        let message = "'\(text)' must be an IPv4 range of /22 or wider, such as 10.224.0.0/14"
        return [
            BadValue(arguments: ["--specs", "s", "--network-range", text], message: "'--network-range': \(message)"),
            BadValue(
                arguments: ["--specs", "s"], environment: ["RECONCILE_NETWORK_RANGE": text],
                message: "'RECONCILE_NETWORK_RANGE': \(message)"),
        ]
    }

    static let all: [BadValue] =
        [
            BadValue(
                message: "say where the specs are: --repo URL, --specs DIR, or source.repository in the configuration"),
            BadValue(
                arguments: ["--specs", "s", "--repo", "https://git.example.com/x"],
                message: "--specs and --repo exclude each other"),
            BadValue(
                arguments: ["--specs", "s", "--config", "/nonexistent/config.yaml"],
                message: "the configuration file '/nonexistent/config.yaml' cannot be opened: no such file or directory"
            ),
            BadValue(
                arguments: ["--specs", "s", "--docker-host", "tcp://10.0.0.1:2375"],
                message: "'--docker-host': 'tcp://10.0.0.1:2375' is not supported: only Unix sockets are, as in "
                    + "'unix:///var/run/docker.sock'"),
            BadValue(
                arguments: ["--specs", "s", "--docker-host", "unix://relative.sock"],
                message: "'--docker-host': 'unix://relative.sock' must name an absolute path, as in "
                    + "'unix:///var/run/docker.sock'"),
            BadValue(
                arguments: ["--specs", "s"], environment: ["RECONCILE_OWNR": "a"],
                message: "there is no setting for the variable 'RECONCILE_OWNR' (did you mean 'RECONCILE_OWNER'?)"),
            BadValue(
                arguments: ["--repo", "file:///specs.git"],
                message:
                    "--repo: the repository's address 'file:///specs.git' is refused: file proves nothing about the "
                    + "server: use https or ssh, or say --allow-insecure (source.allowInsecure)"),
            BadValue(
                environment: ["RECONCILE_SOURCE_REPOSITORY": "https://bot:canary@git.example.com/x"],
                message: "'RECONCILE_SOURCE_REPOSITORY': the repository's address 'https://***@git.example.com/x' is "
                    + "refused: secrets do not belong into the address: configure a token file or variable"),
            BadValue(
                environment: [
                    "RECONCILE_SOURCE_REPOSITORY": "https://git.example.com/x", "RECONCILE_SOURCE_TOKEN_FILE": "/t",
                    "RECONCILE_SOURCE_TOKEN_VARIABLE": "T",
                ],
                message: "RECONCILE_SOURCE_TOKEN_VARIABLE: 'source.tokenVariable' cannot stand beside "
                    + "'source.tokenFile' (keep one of the two)"),
        ] + twice("RECONCILE_HOST_LABELS", "--host-label", "zone", "must be written key=value, not 'zone'")
        + twice("RECONCILE_HOST_LABELS", "--host-label", "=a", "must be written key=value, not '=a'")
        + twice("RECONCILE_PRUNE_BUDGET", "--prune-budget", "-1", "must be 0-10000, not '-1'")
        + twice("RECONCILE_PRUNE_BUDGET", "--prune-budget", "101%", "must be 0% to 100%, not '101%'")
        + twice(
            "RECONCILE_LOG_FORMAT", "--log-format", "jsn",
            "must be auto, json or text, not 'jsn' (did you mean 'json'?)")
        + twice(
            "RECONCILE_HOST_NAME", "--host-name", "My_Host",
            "must be a host name of a-z, 0-9, '-' and '.', not 'My_Host'")
        + ["10.0.0.0/23", "10.0.0.1/8", "all", "fd00::/8"].flatMap(range)
}

struct BadFile: Sendable, CustomTestStringConvertible {
    let text: String
    let message: String

    var testDescription: String { message }

    static let all: [BadFile] = [
        BadFile(text: "owner: a\nownr: b\n", message: "config.yaml:2:1: error: unknown key 'ownr'"),
        BadFile(text: "owner: [a]\n", message: "config.yaml:1:8: error: "),
        BadFile(text: "source:\n  interval: 10\n", message: "config.yaml:2:13: error: "),
        BadFile(text: "source:\n  interval: 10ms\n", message: "config.yaml:2:13: error: "),
        BadFile(text: "source:\n  repo: x\n", message: "config.yaml:2:3: error: unknown key 'repo'"),
        BadFile(
            text: "source:\n  verify: {keyringFile: /k}\n",
            message: "config.yaml:2:25: error: 'source.verify.keyringFile' needs 'source.verify.mode': head for"),
        BadFile(text: "source:\n  verify: {}\n", message: "config.yaml:2:11: error: 'source.verify' says nothing"),
        BadFile(
            text: "source:\n  verify: {mode: heads}\n",
            message: "config.yaml:2:18: error: 'source.verify.mode' must be head, tag or tagAndHead, not 'heads'"),
        BadFile(
            text: "source:\n  verify: {mode: head, keyring: /k}\n",
            message: "config.yaml:2:24: error: unknown key 'keyring'"),
        BadFile(
            text: "source:\n  verify: {mode: head, maxCommitAge: 1}\n", message: "config.yaml:2:38: error: "),
        BadFile(text: "pruneBudget: most\n", message: "config.yaml:1:14: error: "),
        BadFile(text: "preflight: {minFreeDisk: 101%}\n", message: "config.yaml:1:26: error: "),
        BadFile(text: "preflight: {minFree: 1Gi}\n", message: "config.yaml:1:13: error: unknown key 'minFree'"),
        BadFile(text: "hostLabels: {a: [b]}\n", message: "config.yaml:1:17: error: "),
        BadFile(text: "owner: a\nowner: b\n", message: "config.yaml:2:1: error: "),
        BadFile(text: "owner: \"a\n", message: "config.yaml:"),
        BadFile(text: "- owner\n", message: "config.yaml:1:1: error: "),
        BadFile(text: "owner: a\n---\nowner: b\n", message: "config.yaml: a configuration file holds one document"),
    ]
}
