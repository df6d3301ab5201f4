extension SeccompProfile {
    /// The profile in Docker's format, always the same bytes for the same profile: keys in alphabetical order, no space.
    package var json: String {
        var fields: [(String, String)] = []
        if !hostArchitectures.isEmpty { fields.append(("archMap", Self.list(hostArchitectures.map(\.json)))) }
        if !architectures.isEmpty { fields.append(("architectures", Self.strings(architectures.map(\.rawValue)))) }
        fields.append(("defaultAction", Self.string(defaultAction.rawValue)))
        if let defaultErrno { fields.append(("defaultErrnoRet", "\(defaultErrno)")) }
        if !flags.isEmpty { fields.append(("flags", Self.strings(flags.map(\.rawValue)))) }
        fields.append(("syscalls", Self.list(rules.map(\.json))))
        return Self.object(fields)
    }

    fileprivate static func object(_ fields: [(String, String)]) -> String {
        "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    fileprivate static func list(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }

    fileprivate static func strings(_ texts: [String]) -> String { list(texts.map(string)) }

    /// No text of a profile needs an escape: all are words of some grammar or table.
    fileprivate static func string(_ text: String) -> String { "\"\(text)\"" }
}

extension SeccompProfile.HostArchitecture {
    fileprivate var json: String {
        let own = SeccompProfile.string(architecture.rawValue)
        return SeccompProfile.object([
            ("architecture", own), ("subArchitectures", SeccompProfile.strings(others.map(\.rawValue))),
        ])
    }
}

extension SeccompProfile.Rule {
    /// Text by which rules have one order.
    var sortingKey: String { json }

    fileprivate var json: String {
        var fields = [("action", SeccompProfile.string(action.rawValue))]
        if !conditions.isEmpty { fields.append(("args", SeccompProfile.list(conditions.map(\.json)))) }
        if let errno { fields.append(("errnoRet", "\(errno)")) }
        if !excludes.isEmpty { fields.append(("excludes", excludes.json)) }
        if !includes.isEmpty { fields.append(("includes", includes.json)) }
        fields.append(("names", SeccompProfile.strings(names)))
        return SeccompProfile.object(fields)
    }
}

extension SeccompProfile.Circumstances {
    fileprivate var json: String {
        var fields: [(String, String)] = []
        if !architectures.isEmpty { fields.append(("arches", SeccompProfile.strings(architectures))) }
        if !capabilities.isEmpty { fields.append(("caps", SeccompProfile.strings(capabilities))) }
        if let minimumKernel { fields.append(("minKernel", SeccompProfile.string(minimumKernel))) }
        return SeccompProfile.object(fields)
    }
}

extension SeccompProfile.Condition {
    /// Docker's `value` is the mask where there is one, and the value to find stands in `valueTwo`.
    fileprivate var json: String {
        var fields = [("index", "\(index)"), ("op", SeccompProfile.string("SCMP_CMP_" + comparison.rawValue))]
        fields.append(("value", "\(mask ?? value)"))
        if mask != nil { fields.append(("valueTwo", "\(value)")) }
        return SeccompProfile.object(fields)
    }
}
