import API
import ArgumentParser
import Drivers
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
        return try EffectiveSettings(command.source, command.host, environment: environment)
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

    @Test("DOCKER_HOST stands between file and flag; empty counts as unset")
    func environment() async throws {
        try await ScratchFolder.with { folder in
            let config = ["--config", try folder.write("config.yaml", Self.file)]
            let set = try Self.settings(config, environment: ["DOCKER_HOST": "unix:///environment.sock"])
            #expect(set.engine.socketPath == "/environment.sock")
        }
        let empty = try Self.settings(["--specs", "s"], environment: ["DOCKER_HOST": ""])
        #expect(empty.engine.socketPath == "/var/run/docker.sock")
    }

    @Test("a bad value is refused with what would be right", arguments: BadValue.all)
    func badValues(_ c: BadValue) {
        let error = #expect(throws: UsageError.self) { try Self.settings(c.arguments) }
        #expect(error?.description == c.message)
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
                error?.description == "api.listen 'everywhere' must be IP:PORT, such as 127.0.0.1:9480 or [::1]:9480")
        }
    }
}

struct BadValue: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let message: String

    var testDescription: String { arguments.joined(separator: " ") }

    private static func range(_ text: String) -> BadValue {
        BadValue(
            arguments: ["--specs", "s", "--network-range", text],
            message: "the network range '\(text)' must be an IPv4 range of /22 or wider, such as 10.224.0.0/14")
    }

    private static func budget(_ text: String) -> BadValue {
        BadValue(
            arguments: ["--specs", "s", "--prune-budget=\(text)"],
            message: "--prune-budget '\(text)' must be a count of containers such as 5, or a share such as 10%")
    }

    static let all: [BadValue] = [
        BadValue(
            arguments: [],
            message: "say where the specs are: --repo URL, --specs DIR, or source.repository in the configuration"),
        BadValue(
            arguments: ["--specs", "s", "--repo", "https://git.example.com/x"],
            message: "--specs and --repo exclude each other"),
        BadValue(
            arguments: ["--specs", "s", "--host-label", "zone"],
            message: "--host-label 'zone' must be written key=value"),
        BadValue(
            arguments: ["--specs", "s", "--host-label", "=a"], message: "--host-label '=a' must be written key=value"),
        budget("-1"), budget("101%"), budget("some"), range("10.0.0.0/23"), range("10.0.0.1/8"), range("all"),
        range("fd00::/8"),
        BadValue(
            arguments: ["--specs", "s", "--config", "/nonexistent/config.yaml"],
            message: "the configuration file '/nonexistent/config.yaml' cannot be read"),
        BadValue(
            arguments: ["--specs", "s", "--docker-host", "tcp://10.0.0.1:2375"],
            message: "docker host: 'tcp://10.0.0.1:2375' is not supported: only Unix sockets are, as in "
                + "'unix:///var/run/docker.sock'"),
        BadValue(
            arguments: ["--specs", "s", "--docker-host", "unix://relative.sock"],
            message:
                "docker host: 'unix://relative.sock' must name an absolute path, as in 'unix:///var/run/docker.sock'"),
    ]
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
