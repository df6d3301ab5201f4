/// Docker's format, strictly: what an engine would ignore or refuse only at the start of a container is a finding here.
extension SeccompProfile: Declared {
    package static let definition = ObjectDefinition(
        "SeccompProfile", "A seccomp profile in Docker's format.", blank: Self(default: .errno),
        fields: [
            .required("defaultAction", \.defaultAction, .choice(), "What happens at calls without a rule."),
            .field("defaultErrnoRet", \.defaultErrno, .errno, "What calls without a rule return."),
            .field("defaultErrno", \.errnoName, .string, "The same by name, which only Podman reads."),
            .field("architectures", \.architectures, .list(of: .choice()), "The architectures of the filter."),
            .field("archMap", \.hostArchitectures, .list(of: .object), "The same by the architecture of the host."),
            .field("flags", \.flags, .list(of: .choice()), "How the kernel takes the filter."),
            .field("syscalls", \.rules, .list(of: .object), "The rules."),
        ],
        rules: [.atMostOne(of: ["architectures", "archMap"]), .number("defaultErrnoRet", beside: "defaultErrno")])

    /// Said by name and number; only the number counts.
    fileprivate var errnoName: String? {
        get { nil }
        set { _ = newValue }
    }
}

extension SeccompProfile.HostArchitecture: Declared {
    package static let definition = ObjectDefinition(
        "SeccompArchitecture", "An architecture of hosts.", blank: Self(.amd64),
        fields: [
            .required("architecture", \.architecture, .choice(), "That of the host."),
            .field("subArchitectures", \.others, .list(of: .choice()), "The others whose programs run on it."),
        ])
}

extension SeccompProfile.Rule: Declared {
    package static let definition = ObjectDefinition(
        "SeccompRule", "What happens at some calls.", blank: Self([], .errno),
        fields: [
            .field("names", \.names, .systemCalls, "The calls."),
            .field("name", \.name, .systemCall, "One call, as in the profiles of older engines."),
            .required("action", \.action, .choice(), "What happens."),
            .field("errnoRet", \.errno, .errno, "What a refused call returns."),
            .field("errno", \.note, .string, "The same by name, which only Podman reads."),
            .field("args", \.conditions, .conditions, "What must hold for the arguments, all of it."),
            .field("comment", \.note, .string, "For people."),
            .field("includes", \.includes, .object, "Where the rule holds."),
            .field("excludes", \.excludes, .object, "Where the rule does not hold."),
        ], rules: [.exactlyOne(of: ["names", "name"]), .number("errnoRet", beside: "errno")])

    fileprivate var name: String? {
        get { nil }
        set { names = newValue.map { [$0] } ?? names }
    }

    /// Text that says nothing to an engine.
    fileprivate var note: String? {
        get { nil }
        set { _ = newValue }
    }
}

extension SeccompProfile.Circumstances: Declared {
    package static let definition = ObjectDefinition(
        "SeccompCircumstances", "Circumstances of a container.", blank: Self(),
        fields: [
            .field("caps", \.capabilities, .list(of: .string(.prefixedCapability)), "Capabilities it may have."),
            .field("arches", \.architectures, .list(of: .string(.dockerArchitecture)), "Architectures of its host."),
            .field("minKernel", \.minimumKernel, .string(.kernelRelease), "The oldest kernel."),
        ])
}

/// One condition as Docker writes it.
private struct DockerCondition: Declared {
    enum Comparison: String, CaseIterable {
        case equal = "SCMP_CMP_EQ"
        case notEqual = "SCMP_CMP_NE"
        case less = "SCMP_CMP_LT"
        case lessOrEqual = "SCMP_CMP_LE"
        case greater = "SCMP_CMP_GT"
        case greaterOrEqual = "SCMP_CMP_GE"
        case maskedEqual = "SCMP_CMP_MASKED_EQ"
    }

    var index = 0
    var comparison = Comparison.equal
    var value: UInt64 = 0
    var second: UInt64 = 0

    static let definition = ObjectDefinition(
        "SeccompCondition", "What must hold for one argument.", blank: Self(),
        fields: [
            .required("index", \.index, .integer(in: 0...5), "Which argument; the first is 0."),
            .required("op", \.comparison, .choice(), "How it is compared."),
            .field("value", \.value, .integer(in: 0...UInt64(Int64.max)), "With what, or which bits of it."),
            .field("valueTwo", \.second, .integer(in: 0...UInt64(Int64.max)), "What the bits must be."),
        ],
        rules: [
            ObjectRule(nil, about: ["op", "valueTwo"]) { condition, reader in
                if condition.comparison == .maskedEqual || condition.second == 0 { return true }
                reader["valueTwo"]?.report(.conflictingFields, "'valueTwo' needs 'op: SCMP_CMP_MASKED_EQ'")
                return false
            },
            ObjectRule(nil, about: ["op", "value", "valueTwo"]) { condition, reader in
                if condition.condition.canHold { return true }
                let isMasked = condition.comparison == .maskedEqual
                let hint = isMasked ? "'valueTwo' has bits outside 'value', the mask" : "no number is less than 0"
                let field = reader["valueTwo"] ?? reader["value"] ?? reader.field
                field.report(.conflictingFields, "\(reader.field.name) fits no argument", hint: hint)
                return false
            },
        ])

    var condition: SeccompProfile.Condition {
        let comparison: SeccompProfile.Condition.Comparison =
            switch comparison {
            case .equal: .equal
            case .notEqual: .notEqual
            case .less: .less
            case .lessOrEqual: .lessOrEqual
            case .greater: .greater
            case .greaterOrEqual: .greaterOrEqual
            case .maskedEqual: .maskedEqual
            }
        let isMasked = comparison == .maskedEqual
        var condition = SeccompProfile.Condition(
            index: index, comparison: comparison, value: isMasked ? second : value)
        if isMasked { condition.mask = value }
        return condition
    }
}

extension ObjectRule {
    /// A number of an error beside its name, which engines do not read.
    fileprivate static func number(_ number: String, beside name: String) -> Self {
        Self(nil, about: [number, name]) { _, reader in
            guard let field = reader[name], reader[number] == nil else { return true }
            field.report(.missingKey, "'\(name)' needs '\(number)' beside it, because Docker reads only that")
            return false
        }
    }
}

extension ValueType where Value == UInt32 {
    /// What a filter has bits for; the kernel makes 4095 of larger ones.
    fileprivate static var errno: Self { .integer(in: 0...65_535) }
}

extension ValueType where Value == String {
    /// A name that is reported when no architecture knows it, and taken all the same: the reader may allow it.
    fileprivate static var systemCall: Self {
        ValueType.string(.systemCall).map { name, field in
            if !SystemCalls.isKnown(name) { field.context.report(.unknownSystemCall(name, at: field.node.position)) }
            return name
        }
    }
}

extension ValueType where Value == [String] {
    fileprivate static var systemCalls: Self {
        ValueType.list(of: .systemCall, counts: 1...2000).map { names, _ in Set(names).sorted() }
    }
}

extension ValueType where Value == [SeccompProfile.Condition] {
    fileprivate static var conditions: Self {
        ValueType<[DockerCondition]>.list(of: .object, counts: 0...6).map { conditions, field in
            let all = conditions.map(\.condition)
            return SeccompProfile.Condition.checkIndices(all, field) ? all : nil
        }
    }
}

extension SeccompProfile.Condition {
    /// Reports two conditions about one argument, which runc would take for alternatives.
    static func checkIndices(_ conditions: [Self], _ field: Field) -> Bool {
        var seen: Set<Int> = []
        guard let twice = conditions.first(where: { !seen.insert($0.index).inserted }) else { return true }
        field.report(
            .conflictingFields, "\(field.name) has several conditions about argument \(twice.index)",
            hint: "runc would let one of them do; write a range as several calls")
        return false
    }
}

extension Diagnostic {
    static func unknownSystemCall(_ name: String, at place: SourcePosition) -> Diagnostic {
        let nearest = SystemCalls.nearest(to: name).map { "did you mean '\($0)'?" }
        return Diagnostic(
            .unknownSyscall, at: place,
            "no architecture of Linux \(SystemCalls.kernel) has a system call \(quote(name))",
            hint: nearest ?? "'allowUnknownSyscalls: true' lets it pass")
    }
}

extension TextRule {
    fileprivate static let prefixedCapability = TextRule(
        "a capability such as 'CAP_SYS_ADMIN'", pattern: "^CAP_[A-Z_]+$", example: "CAP_SYS_ADMIN"
    ) { $0.hasPrefix("CAP_") && capabilities.contains(String($0.dropFirst(4))) }

    fileprivate static let dockerArchitecture = TextRule(
        "an architecture as Docker names it, such as 'amd64' or 'arm64'", pattern: "^[a-z0-9]+$", example: "amd64"
    ) { architectures.contains($0) }

    private static let architectures: Set<String> = [
        "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64n32", "mipsel", "mipsel64", "mipsel64n32", "ppc",
        "ppc64", "ppc64le", "riscv64", "s390", "s390x", "x32", "x86",
    ]

    fileprivate static let kernelRelease = TextRule(
        "two numbers such as '4.8'", pattern: "^[0-9]{1,3}\\.[0-9]{1,3}$", example: "4.8"
    ) { text in
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { $0.plainNumber(digits: 1...3) != nil }
    }
}
