extension Mount {
    private enum Kind: String, CaseIterable { case volume, bind, tmpfs }

    /// All mounts in the order of their targets; nil after reporting what is wrong with any of them.
    static func decodeAll(_ field: Field) -> [Mount]? {
        var seen: [String: SourcePosition] = [:]
        return field.list { item in
            guard let mount = decode(item) else { return nil }
            let place = item.context.fields["\(item.path).target"] ?? item.node.position
            if let first = seen[mount.target] {
                let message = "target \(Diagnostic.quote(mount.target)) is mounted twice"
                item.context.report(Diagnostic(.conflictingFields, at: place, message, related: first))
            }
            seen[mount.target] = seen[mount.target] ?? place
            return mount
        }?.sorted()
    }

    private static func decode(_ field: Field) -> Mount? {
        guard let fields = field.fields(["type", "source", "target", "readOnly", "size"]) else { return nil }
        let kind = fields.required("type")?.choice(Kind.self)
        let target = fields.required("target")?.string(.mountTarget)
        let readOnly = fields["readOnly"].map { $0.boolean() } ?? false
        guard let kind, let source = source(fields, kind), let target, let readOnly else { return nil }
        return Mount(source, target: target, readOnly: readOnly)
    }

    private static func source(_ fields: FieldReader, _ kind: Kind) -> Source? {
        let misplaced = kind == .tmpfs ? fields["source"] : fields["size"]
        if let misplaced {
            let message = "\(misplaced.name) does not belong to a mount of type '\(kind.rawValue)'"
            misplaced.report(.conflictingFields, message, hint: "remove it")
            return nil
        }
        switch kind {
        case .volume: return fields.required("source")?.string(.volumeName).map { .volume($0) }
        case .bind: return fields.required("source").flatMap { $0.hostPath() }.map { .bind($0) }
        case .tmpfs:
            guard let size = fields["size"] else { return .tmpfs(size: nil) }
            return size.bytes(in: ByteQuantity.page...ByteQuantity.most).map { .tmpfs(size: $0) }
        }
    }
}

extension TextRule {
    /// `/proc` is the kernel's, and no runtime lets anything be mounted there.
    fileprivate static let mountTarget = TextRule(
        "an absolute path in the container without '.', '..' or a '/' at its end, other than / and /proc"
    ) { $0 != "/" && Grammar.isNormalisedPath($0) && !HostPaths.contains("/proc", $0) }

    fileprivate static let hostPath = TextRule(
        "an absolute path of the host without '.', '..' or a '/' at its end"
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

    /// Whether `path` is `folder` or lies below it.
    static func contains(_ folder: String, _ path: String) -> Bool {
        path == folder || path.hasPrefix(folder + "/")
    }
}
