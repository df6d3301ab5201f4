/// A mount as it is written: one map for all three types.
private struct MountDraft: Hashable, Sendable {
    enum Kind: String, CaseIterable, Hashable, Sendable { case volume, bind, tmpfs }

    var kind = Kind.volume
    var source: String?
    var target = ""
    var readOnly = false
    var size: ByteQuantity?
}

extension MountDraft: Declared {
    static let definition = ObjectDefinition(
        "Mount", "Storage that a container sees under one of its paths.", blank: MountDraft(),
        fields: [
            .required(
                "type", \.kind,
                .choice([
                    .volume: "a named volume; created when it is missing and never removed",
                    .bind: "a path of the host that must exist already", .tmpfs: "memory",
                ]), "What is mounted."),
            .field(
                "source", \.source, .string, "The name of the volume, or the path of the host.",
                whenLeftOut: "nothing, for `tmpfs` only"),
            .required(
                "target", \.target, .string(.mountTarget), "The path in the container; unique within a template."),
            .field("readOnly", \.readOnly, .boolean, "Whether the container may only read."),
            .field(
                "size", \.size, .bytes(in: ByteQuantity.page...ByteQuantity.most), "The most that a `tmpfs` holds.",
                whenLeftOut: "half of the host's memory"),
        ],
        rules: [
            .belonging(
                "`size` belongs to `tmpfs`, `source` to the others, which need it.", to: "type", \.kind, of: "mount",
                [
                    Belonging("size", to: [.tmpfs]),
                    Belonging("source", to: [.volume, .bind], isNeeded: true),
                ]),
            ObjectRule(
                nil, about: ["type", "source"],
                conditions: [
                    ObjectCondition(
                        when: [.has("type", ["volume"])],
                        then: [.takes("source", .string(TextRule.volumeName.description))]),
                    ObjectCondition(
                        when: [.has("type", ["bind"])], then: [.takes("source", .string(TextRule.hostPath.description))]
                    ),
                ]
            ) { draft, reader in
                guard let source = reader["source"] else { return true }
                return switch draft.kind {
                case .volume: source.string(.volumeName) != nil
                case .bind: source.hostPath() != nil
                case .tmpfs: true
                }
            },
        ])

    var mount: Mount {
        let what: Mount.Source =
            switch kind {
            case .volume: .volume(source ?? "")
            case .bind: .bind(source ?? "")
            case .tmpfs: .tmpfs(size: size)
            }
        return Mount(what, target: target, readOnly: readOnly)
    }
}

extension Mount {
    /// All mounts of a template in the order of their targets.
    static let list = ValueType<[Mount]>(
        .list(ValueType<MountDraft>.object.description, counts: 0...10_000, isUnique: true),
        decode: { decodeAll($0) }, text: { $0.isEmpty ? "[]" : nil })

    private static func decodeAll(_ field: Field) -> [Mount]? {
        var seen: [String: SourcePosition] = [:]
        return field.list { item in
            guard let mount = MountDraft.definition.decode(item)?.mount else { return nil }
            let place = item.context.fields["\(item.path).target"] ?? item.node.position
            if let first = seen[mount.target] {
                let message = "target \(Diagnostic.quote(mount.target)) is mounted twice"
                item.context.report(Diagnostic(.conflictingFields, at: place, message, related: first))
            }
            seen[mount.target] = seen[mount.target] ?? place
            return mount
        }?.sorted()
    }
}

extension TextRule {
    /// Parts that are not empty, `.` or `..`.
    private static let parts = #"(/([^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+))+$"#

    /// `/proc` is the kernel's, and no runtime lets anything be mounted there.
    fileprivate static let mountTarget = TextRule(
        "an absolute path in the container without '.', '..' or a '/' at its end, other than / and /proc",
        pattern: "^(?!/proc(/|$))" + parts, example: "/data"
    ) { $0 != "/" && Grammar.isNormalisedPath($0) && !HostPaths.contains("/proc", $0) }

    fileprivate static let hostPath = TextRule(
        "an absolute path of the host without '.', '..' or a '/' at its end",
        pattern: "^" + HostPaths.free + parts, example: "/srv/data"
    ) { Grammar.isNormalisedPath($0) }
}

extension Field {
    /// A path of the host that a container may see; symbolic links are the host's business and not followed here.
    fileprivate func hostPath() -> String? {
        guard let path = string(.hostPath) else { return nil }
        guard let reserved = HostPaths.reserved(by: path) else { return path }
        let reach = reserved == path ? "" : " because of '\(reserved)'"
        report(
            .reserved, "\(name) must not be \(Diagnostic.quote(path))\(reach)",
            hint: "it would give the container control of the host; use a folder of its own or a volume")
        return nil
    }
}

/// Paths of the host whose contents amount to control of the host.
enum HostPaths {
    // /var/run is the same folder as /run on every current distribution.
    private static let closed = [
        "/boot", "/dev", "/etc", "/proc", "/run", "/sys", "/var/lib/containerd", "/var/lib/docker", "/var/run",
    ]

    /// The closed path that this one is, lies below, or holds; nil when the path is free.
    static func reserved(by path: String) -> String? {
        if path.hasSuffix("/docker.sock") { return path }
        if path == "/" { return path }
        return closed.first { contains($0, path) || contains(path, $0) }
    }

    /// In front of the pattern of a path: it is none of those that are closed.
    fileprivate static let free: String = {
        let folders = closed.map { $0 + "(/|$)" }
        let holding = Set(closed.flatMap { ancestors(of: $0) }).sorted().map { $0 + "$" }
        return "(?!(" + (folders + holding).joined(separator: "|") + ")|.*/docker\\.sock$)"
    }()

    /// `/var/lib` and `/var` of `/var/lib/docker`.
    private static func ancestors(of path: String) -> [String] {
        let parts = path.split(separator: "/")
        return (1..<max(parts.count, 1)).map { "/" + parts[..<$0].joined(separator: "/") }
    }

    /// Whether `path` is `folder` or lies below it.
    static func contains(_ folder: String, _ path: String) -> Bool {
        path == folder || path.hasPrefix(folder + "/")
    }
}
