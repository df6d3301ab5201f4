extension SecurityProfile: KindSpec {
    package static let kind = ResourceKind.securityProfile
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.securityProfiles
    package static let enforcement = Enforcement.by("Docker driver")

    package static let definition = ObjectDefinition(
        "SecurityProfile", "What confines the containers whose templates name it.", blank: SecurityProfile(),
        fields: [
            .field(
                "seccomp", \.seccomp, .object, "Which system calls are let through.",
                whenLeftOut: "the host's baseline", byDriver),
            .field(
                "appArmor", \.appArmor, .object, "A profile of AppArmor.", whenLeftOut: "the engine's default", byDriver
            ),
            .field("capabilities", \.capabilities, .object, "Capabilities of Linux.", byDriver),
            .field(
                "noNewPrivileges", \.noNewPrivileges, .boolean, "Whether programs cannot gain privileges by execve(2).",
                byDriver),
            .field(
                "readOnlyRootFilesystem", \.readOnlyRootFilesystem, .boolean,
                "Whether the container's own file system cannot be written to.", byDriver),
            .field(
                "user", \.user, .stringOrInteger(.user),
                "The user that runs the program; a template's own `user` wins.",
                whenLeftOut: "the template's", byDriver),
            .field(
                "runtime", \.runtime, .string(.engineName), "The OCI runtime, such as `runc` or `runsc`.",
                whenLeftOut: "the engine's default", byDriver),
        ])

    /// Told to the engine, and looked for in the kernel after each start.
    private static let byDriver = Enforcement.by("Docker driver")
}

extension SecurityProfile.Seccomp: Declared {
    package static let definition = ObjectDefinition(
        "Seccomp", "Which system calls are let through; never more than the host's own baseline.", blank: Self(),
        fields: [
            .field(
                "base", \.base,
                .choice([
                    .dockerDefault: "what Docker lets through by default",
                    .sandbox: "reconcile's own baseline for untrusted code",
                ]), "What `allow` and `deny` start from."),
            .field(
                "file", \.file, .string(.repositoryPath),
                "A profile in Docker's format, a `*.json` file in the specs folder; instead of `base`.",
                whenLeftOut: "`base`"),
            .field(
                "allow", \.allow, .list(of: SecurityProfile.Call.type, counts: 0...1000),
                "Calls that are let through besides."),
            .field(
                "deny", \.deny, .list(of: SecurityProfile.Call.type, counts: 0...1000),
                "Calls that are refused; wins over `allow`."),
            .field(
                "mode", \.mode,
                .choice([
                    .enforce: "other calls fail", .log: "other calls are written to the kernel's log and let through",
                ]), "What happens to calls that are not let through."),
            .field(
                "allowUnknownSyscalls", \.allowUnknownSyscalls, .boolean,
                "Whether names are let pass that are not known on any architecture."),
        ], rules: [.atMostOne(of: ["base", "file"])])
}

extension SecurityProfile.Call {
    /// A name, or a map with arguments.
    fileprivate static let type = ValueType<Self>.either(
        .string(.systemCall), .object, isFirst: \.isScalar, { Self($0) }, { $0 },
        text: { $0.arguments.isEmpty ? $0.name : nil })
}

extension SecurityProfile.Call: Declared {
    package static let definition = ObjectDefinition(
        "SystemCall", "One system call, with some arguments or any; a plain string is a name.", blank: Self(""),
        fields: [
            .required("name", \.name, .string(.systemCall), "The name of the call."),
            .field(
                "args", \.arguments, .list(of: .object, counts: 1...6), "What must hold for its arguments, all of it.",
                whenLeftOut: "any arguments"),
        ],
        rules: [
            ObjectRule("Each of `args` is about another argument.", about: ["args"]) { call, reader in
                reader["args"].map { SeccompProfile.Condition.checkIndices(call.arguments, $0) } ?? true
            }
        ])
}

extension SecurityProfile.Argument: Declared {
    package static let definition = ObjectDefinition(
        "SystemCallArgument", "What must hold for one argument of a call.",
        blank: Self(index: 0, comparison: .equal, value: 0),
        fields: [
            .required("index", \.index, .integer(in: 0...5), "Which argument; the first is 0."),
            .required("op", \.comparison, .choice(), "How it is compared."),
            .required("value", \.value, .integer(in: 0...UInt64(Int64.max)), "What it is compared with."),
            .field("mask", \.mask, .integer(in: 1...UInt64(Int64.max)), "For `MASKED_EQ`: which bits are compared."),
        ],
        rules: [
            ObjectRule("`mask` belongs to `MASKED_EQ`, which needs it.", about: ["op", "mask"]) { argument, reader in
                if argument.comparison == .maskedEqual { return reader.required("mask") != nil }
                guard let field = reader["mask"] else { return true }
                field.report(.conflictingFields, "\(field.name) needs 'op: MASKED_EQ'")
                return false
            },
            ObjectRule("Some argument can fit.", about: ["op", "value", "mask"]) { argument, reader in
                if argument.canHold { return true }
                let isMasked = argument.comparison == .maskedEqual
                let hint = isMasked ? "'value' has bits outside 'mask'" : "no number is less than 0"
                reader["value"]?.report(.conflictingFields, "\(reader.field.name) fits no argument", hint: hint)
                return false
            },
        ])
}

extension SecurityProfile.AppArmor: Declared {
    package static let definition = ObjectDefinition(
        "AppArmor", "A profile of AppArmor.", blank: Self(),
        fields: [
            .field("file", \.file, .string(.repositoryPath), "A profile in the repository; it is loaded before use."),
            .field("profile", \.profile, .string(.engineName), "A profile that the host has loaded."),
            .field("required", \.required, .boolean, "Whether a host without AppArmor must not run the containers."),
        ], rules: [.exactlyOne(of: ["file", "profile"])])
}

extension SecurityProfile.Capabilities: Declared {
    package static let definition = ObjectDefinition(
        "Capabilities", "Capabilities of Linux, without `CAP_`.", blank: Self(),
        fields: [
            .field(
                "drop", \.drop, .set(of: .string(.capability), by: { $0 }, named: { "'\($0)'" }),
                "What is taken from Docker's default set; `ALL` takes all."),
            .field(
                "add", \.add, .set(of: .string(.capability), by: { $0 }, named: { "'\($0)'" }),
                "What is given, after `drop`."),
        ])
}

extension TextRule {
    static let systemCall = TextRule(
        "the name of a system call such as 'openat'", pattern: "^[a-z0-9_]{1,64}$", example: "openat"
    ) { text in
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { Grammar.isLowerOrDigit($0) || $0 == UInt8(ascii: "_") }
    }

    /// The names of capabilities(7) up to Linux 6.18.
    static let capabilities: Set<String> = [
        "ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN",
        "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE",
        "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST",
        "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT",
        "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG",
        "WAKE_ALARM",
    ]

    fileprivate static let capability = TextRule(
        "a capability such as 'NET_RAW', without 'CAP_'", hint: "upper case, as in capabilities(7), or 'ALL'",
        pattern: "^[A-Z][A-Z_]+$", example: "NET_RAW"
    ) { capabilities.contains($0) }

    static let repositoryPath = TextRule(
        "a path within the specs' folder, without '..' or a '/' in front", pattern: "^[^/].*$",
        example: "profiles/sandbox.json"
    ) { !$0.isEmpty && Grammar.isNormalisedPath("/" + $0) }
}
