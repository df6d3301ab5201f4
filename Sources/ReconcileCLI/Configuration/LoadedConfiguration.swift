import Foundation
import GitSource
import HostFiles
import Specs

/// File, environment and flags on top of each other, and who said what.
///
/// All of them are read by the same definitions, as strictly as specs: everything that is wrong is found in one go, and
/// what nobody knows is refused.
struct LoadedConfiguration: Sendable {
    private(set) var values = HostConfiguration()
    /// What the file says by itself.
    private(set) var fileValues = HostConfiguration()
    /// By the keys of settings, and of the keys of maps such as `hostLabels.zone`. What is not here has its default.
    private(set) var origins: [String: SettingOrigin] = [:]
    /// The file that was read, if there is one.
    private(set) var path: String?
    /// Why nobody may act on it; for looking at it, it is good enough.
    private(set) var objection: String?
    private var findings: [String] = []

    typealias Entry = Setting<HostConfiguration>

    /// Read when nobody names another file and it is there.
    static let defaultPath = "/etc/reconcile/config.yaml"
    /// Names the file; not a setting, as it cannot stand in the file itself.
    static let pathVariable = "RECONCILE_CONFIG"
    /// Of this project's own scripts and tests.
    private static let foreignVariables: Set = ["RECONCILE_ENGINE", "RECONCILE_CORPORA", pathVariable]

    /// - Throws: `UsageError` with every finding: `file:line:column` in the file, else the name of the variable or flag.
    init(
        _ flags: Flags, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(UsageError) {
        if let path = Self.path(flags, environment) { try read(file: path) }
        fileValues = values
        read(environment)
        read(flags)
        findings += unknownVariables(environment)
        if !findings.isEmpty {
            throw UsageError(findings.map { Redaction.hidingUsers(in: $0) }.joined(separator: "\n"))
        }
    }

    /// What is wrong with the flags by themselves, before anything else is read.
    static func findings(in flags: Flags) -> [String] {
        var empty = LoadedConfiguration()
        empty.read(flags)
        return empty.findings
    }

    private init() {}

    /// A mistake that only several settings together make, told at the place of one of them.
    func problem(_ key: String, _ message: String) -> UsageError {
        switch origins[key] ?? .standard {
        case .file(let position): UsageError("\(position): error: \(message)")
        case .variable(let name), .flag(let name): UsageError("\(name): \(message)")
        case .standard: UsageError(message)
        }
    }

    // MARK: The file

    private static func path(_ flags: Flags, _ environment: [String: String]) -> String? {
        if let path = flags.host?.config { return path }
        if let path = environment[pathVariable], !path.isEmpty { return path }
        return FileManager.default.fileExists(atPath: defaultPath) ? defaultPath : nil
    }

    private mutating func read(file path: String) throws(UsageError) {
        self.path = path
        let bytes = try bytes(of: TrustedFile(path, .open, largest: 1 << 20))
        let stream = YAMLReader.read(SpecFile(path: path, bytes: bytes))
        if stream.documents.count > 1 { throw UsageError("\(path): a configuration file holds one document") }
        let context = DecodingContext()
        var written: [String: SettingOrigin] = [:]
        if let root = stream.documents.first?.root {
            read(section: "", Field(root, in: context), into: &written)
        }
        let diagnostics = (stream.diagnostics + context.diagnostics).filter { $0.severity == .error }
        findings += diagnostics.sorted { $0.position < $1.position }.map(\.description)
        merge(written)
    }

    private mutating func bytes(of file: TrustedFile) throws(UsageError) -> [UInt8] {
        do throws(TrustedFile.Failure) {
            return try file.read().bytes
        } catch {
            objection = "the configuration file '\(file.path)' \(error.reason)"
        }
        do throws(TrustedFile.Failure) {
            return try file.readUnchecked()
        } catch {
            throw UsageError("the configuration file '\(file.path)' \(error.reason)")
        }
    }

    /// Whoever may write the file decides whom this host obeys.
    ///
    /// - Throws: when that could be somebody else than root and the user that we run as.
    func requireTrust() throws(UsageError) {
        if let objection { throw UsageError(objection) }
    }

    /// Reads one map of the file; sections are what keys have in common before a dot.
    private mutating func read(section: String, _ field: Field, into written: inout [String: SettingOrigin]) {
        let keys = HostConfiguration.settings.map(\.key).filter { $0.hasPrefix(section) }
        var names: [String] = []
        for key in keys {
            let name = String(key.dropFirst(section.count).prefix { $0 != "." })
            if !names.contains(name) { names.append(name) }
        }
        guard let fields = field.fields(names) else { return }
        for name in names {
            guard let child = fields[name] else { continue }
            guard let setting = HostConfiguration.settings.first(where: { $0.key == section + name }) else {
                if case .mapping(let pairs) = child.node.content, pairs.isEmpty {
                    child.report(
                        .invalidValue, "\(child.name) says nothing", hint: "leave it out, or name a setting of it")
                }
                read(section: section + name + ".", child, into: &written)
                continue
            }
            if setting.read(child, &values) {
                note(setting, child.node, &written) { .file($0) }
            }
        }
    }

    // MARK: Environment and flags

    private mutating func read(_ environment: [String: String]) {
        var written: [String: SettingOrigin] = [:]
        for setting in HostConfiguration.settings {
            // Left empty, as composed environments often leave them, a variable says nothing. That nothing need be signed is
            // not said by leaving something out.
            if setting.key.hasPrefix(VerificationSettings.section), environment[setting.variable]?.isEmpty == true {
                findings.append("\(setting.variable) is empty: name a value, or take the variable away")
            }
            let names = [setting.variable] + (setting.alias.map { [$0] } ?? [])
            guard let name = names.first(where: { environment[$0]?.isEmpty == false }), let text = environment[name]
            else { continue }
            read(text, of: setting, from: .variable(name), &written)
        }
        merge(written)
    }

    private mutating func read(_ flags: Flags) {
        var written: [String: SettingOrigin] = [:]
        for setting in HostConfiguration.settings {
            guard let flag = setting.flag else { continue }
            for text in flag.texts(flags) { read(text, of: setting, from: .flag(flag.name), &written) }
        }
        for text in flags.host?.set ?? [] {
            guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
                findings.append("--set \(Diagnostic.quote(text)) must be written key=value")
                continue
            }
            let key = String(text[..<sign])
            guard let setting = HostConfiguration.settings.first(where: { $0.key == key }) else {
                let hint = NearestName.hint(for: key, among: HostConfiguration.settings.map(\.key))
                findings.append(
                    "--set: there is no setting \(Diagnostic.quote(key)) (\(hint ?? "'reconcile config' lists them"))")
                continue
            }
            let value = String(text[text.index(after: sign)...])
            read(value, of: setting, from: .flag("--set \(key)"), &written)
        }
        merge(written)
    }

    private mutating func read(
        _ text: String, of setting: Entry, from origin: SettingOrigin, _ written: inout [String: SettingOrigin]
    ) {
        let name = origin.description
        let position = SourcePosition(file: name, line: 1, column: 1)
        let node: YAMLNode
        do throws(InvalidText) {
            node = try setting.type.node(text, at: position)
        } catch {
            findings.append("\(Diagnostic.quote(name)) \(error)")
            return
        }
        let context = DecodingContext()
        // In a map of its own, so that findings call the value by the name of its variable or flag.
        let pair = YAMLPair(key: name, keyPosition: position, value: node)
        let root = Field(YAMLNode(.mapping([pair]), at: position), in: context)
        guard let field = root.fields([name])?[name] else { return }
        if setting.read(field, &values) { note(setting, node, &written) { _ in origin } }
        findings += context.diagnostics.map { finding in
            finding.message + (finding.hint.map { " (\($0))" } ?? "")
        }
    }

    private func unknownVariables(_ environment: [String: String]) -> [String] {
        let names = HostConfiguration.settings.map(\.variable)
        let known = Set(names).union(Self.foreignVariables).union(values.namedVariables)
        return environment.keys.filter { $0.hasPrefix("RECONCILE_") && !known.contains($0) }.sorted().map { name in
            let hint = NearestName.hint(for: name, among: names) ?? "'reconcile config --help' says how they are named"
            return "there is no setting for the variable \(Diagnostic.quote(name)) (\(hint))"
        }
    }

    // MARK: Who said it

    private func note(
        _ setting: Entry, _ node: YAMLNode, _ written: inout [String: SettingOrigin],
        _ origin: (SourcePosition) -> SettingOrigin
    ) {
        written[setting.key] = origin(node.position)
        guard case .map = setting.type, case .mapping(let pairs) = node.content else { return }
        for pair in pairs { written["\(setting.key).\(pair.key)"] = origin(pair.value.position) }
    }

    /// A layer wins over those before it; of settings that exclude each other it may hold one.
    private mutating func merge(_ written: [String: SettingOrigin]) {
        for group in HostConfiguration.alternatives {
            let given = group.filter { written[$0] != nil }
            if given.isEmpty { continue }
            if given.count > 1, let origin = written[given[1]] {
                findings.append("\(origin): '\(given[1])' cannot stand beside '\(given[0])' (keep one of the two)")
            }
            for key in group { origins[key] = nil }
        }
        origins.merge(written) { _, new in new }
    }
}
