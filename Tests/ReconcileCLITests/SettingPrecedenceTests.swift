import ArgumentParser
import ReconcileTesting
import Specs
import Testing

@testable import ReconcileCLI

/// File, environment and flags, setting by setting.
struct SettingPrecedenceTests {
    @Test("of file, environment and flag the last one that speaks holds, for every setting", arguments: Sample.all)
    func precedence(_ c: Sample) async throws {
        try await ScratchFolder.with { folder in
            let setting = try #require(HostConfiguration.settings.first { $0.key == c.key })
            let path = try folder.write("config.yaml", Self.yaml(c.key, c.values[0]))
            func row(_ flags: Flags, _ environment: [String: String]) throws -> ConfigurationDocument.Row? {
                let document = ConfigurationDocument(try LoadedConfiguration(flags, environment: environment))
                return document.rows.first { $0.key == c.key || $0.key.hasPrefix(c.key + ".") }
            }
            let config = ["--config", path]
            let given = try SettingFlags.parse(config).flags
            let environment = [setting.variable: c.values[1]]
            let standard = try row(Flags(), [:])
            let file = try row(given, [:])
            let variable = try row(given, environment)
            let set = try row(SettingFlags.parse(config + ["--set", "\(c.key)=\(c.values[2])"]).flags, environment)
            #expect(standard?.origin == .standard)
            guard case .file(let position) = file?.origin else {
                Issue.record("\(String(describing: file))")
                return
            }
            #expect(position.file == path)
            #expect(variable?.origin == .variable(setting.variable))
            #expect(set?.origin == .flag("--set \(c.key)"))
            let seen = [file, variable, set].compactMap { $0?.value?.plain }
            #expect(seen == c.shown, "\(c.key)")
            guard let flag = setting.flag else { return }
            let isGiven = c.values[2] == "true"
            let words = config + [isGiven ? flag.name : "\(flag.name)=\(c.values[2])"]
            let written = try row(SettingFlags.parse(words).flags, environment)
            #expect(written?.origin == .flag(flag.name))
            #expect(written?.value == set?.value)
        }
    }

    @Test("there is a sample for every setting")
    func samples() {
        #expect(Sample.all.map(\.key).sorted() == HostConfiguration.settings.map(\.key).sorted())
    }

    private static func yaml(_ key: String, _ value: String) -> String {
        var text = ""
        var indent = ""
        let names = key.split(separator: ".")
        for name in names.dropLast() {
            text += "\(indent)\(name):\n"
            indent += "  "
        }
        let written =
            ["hostLabels", "hooks", "prometheus"].contains(key) ? "{\(value.replacing("=", with: ": "))}" : value
        return text + "\(indent)\(names.last ?? ""): \(written)\n"
    }
}

/// The flags of settings without the commands, whose own checks take the parser a while in a build for tests.
private struct SettingFlags: ParsableArguments {
    @OptionGroup var source: SourceOptions
    @OptionGroup var host: HostOptions
    @OptionGroup var log: LogOptions

    var flags: Flags { Flags(source: source, host: host, log: log) }
}

/// Three values of one setting: in the file, in its variable, and in a flag.
struct Sample: Sendable, CustomTestStringConvertible {
    let key: String
    let values: [String]
    /// As they are printed.
    let shown: [String]

    var testDescription: String { key }

    private init(_ key: String, _ values: String..., shown: [String]? = nil) {
        self.key = key
        self.values = values
        self.shown = shown ?? values
    }

    static let all = [
        Sample("hostName", "a", "b", "c"),
        Sample("hostLabels", "zone=a", "zone=b", "zone=c", shown: ["a", "b", "c"]),
        Sample("hooks", "cloud=/a", "cloud=/b", "cloud=/c", shown: ["/a", "/b", "/c"]),
        Sample(
            "prometheus", "default=http://a", "default=http://b", "default=http://c",
            shown: ["http://a", "http://b", "http://c"]),
        Sample("owner", "a", "b", "c"), Sample("environment", "a", "b", "c"),
        Sample("stateDirectory", "/a", "/b", "/c"), Sample("dockerHost", "unix:///a", "unix:///b", "unix:///c"),
        Sample("networkRange", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"), Sample("pruneBudget", "1", "20%", "3"),
        Sample("preflight.minFreeDisk", "1Gi", "20%", "3Gi"),
        Sample("seccompBaseline", "sandbox", "docker-default", "sandbox"),
        Sample("source.repository", "https://a.test/x", "https://b.test/x", "https://c.test/x"),
        Sample("source.reference", "a", "b", "c"), Sample("source.path", "a", "b", "c"),
        Sample("source.interval", "1m", "2s", "300ms", shown: ["1m", "2s", "300ms"]),
        Sample("source.timeout", "1m", "2m", "3m"), Sample("source.allowInsecure", "true", "false", "true"),
        Sample("source.caFile", "/a", "/b", "/c"), Sample("source.tokenFile", "/a", "/b", "/c"),
        Sample("source.tokenVariable", "A", "B", "C"), Sample("source.tokenUser", "a", "b", "c"),
        Sample("source.privateKeyFile", "/a", "/b", "/c"), Sample("source.knownHostsFile", "/a", "/b", "/c"),
        Sample("source.verify.mode", "head", "tag", "tagAndHead"),
        Sample("source.verify.allowedSignersFile", "/a", "/b", "/c"),
        Sample("source.verify.revokedKeysFile", "/a", "/b", "/c"),
        Sample("source.verify.keyringFile", "/a", "/b", "/c"),
        Sample("source.verify.fingerprints", "[A]", "[B]", "[C]"),
        Sample("source.verify.maxCommitAge", "1h", "2h", "3h"),
        Sample("names.resolvConf", "/a", "/b", "/c"), Sample("names.types", "[txt]", "[mx]", "[txt, srv]"),
        Sample("names.queriesPerSecond", "10", "20", "30"), Sample("names.lookupsPerSecond", "1", "2", "3"),
        Sample("names.lookupBurst", "1", "2", "3"), Sample("names.newNamesPerMinute", "1", "2", "3"),
        Sample("names.newNameBurst", "1", "2", "3"), Sample("names.bytesBelowWildcard", "1", "2", "3"),
        Sample("names.openAddresses", "64", "65", "66"), Sample("names.cachedAnswers", "100", "200", "300"),
        Sample("pools.runtimeDirectory", "/a", "/b", "/c"),
        Sample("controller.concurrency", "1", "2", "3"),
        Sample("controller.resyncInterval", "1m", "2m", "3m"),
        Sample("controller.imageRefreshInterval", "1m", "2m", "3m"), Sample("controller.stopGrace", "1s", "2s", "3s"),
        Sample("api.socket", "/a", "/b", "/c"), Sample("api.socketGroup", "a", "b", "c"),
        Sample("api.listen", "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"),
        Sample("api.certificateFile", "/a", "/b", "/c"), Sample("api.privateKeyFile", "/a", "/b", "/c"),
        Sample("api.tokenFile", "/a", "/b", "/c"), Sample("api.webhookSecretFile", "/a", "/b", "/c"),
        Sample("snapshot.path", "/a", "/b", "/c"), Sample("snapshot.interval", "1m", "2m", "3m"),
        Sample("snapshot.keyFile", "/a", "/b", "/c"),
        Sample("log.level", "debug", "info", "error"), Sample("log.format", "json", "text", "auto"),
    ]
}
