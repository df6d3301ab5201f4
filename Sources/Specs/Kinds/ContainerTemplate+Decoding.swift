extension ContainerTemplate {
    private static let keys = [
        "image", "command", "args", "env", "labels", "mounts", "ports", "user", "healthCheck", "stopTimeout",
        "pullPolicy", "resources",
    ]

    /// The template, or nil after reporting why there is none.
    static func decode(_ field: Field) -> ContainerTemplate? {
        guard let fields = field.fields(keys), let image = fields.required("image")?.string(.image) else {
            return nil
        }
        var template = ContainerTemplate(image: image)
        template.command = fields["command"]?.nonEmptyList { $0.string() }
        template.args = fields["args"]?.nonEmptyList { $0.string() }
        template.env = fields["env"]?.map(keys: .environmentName) { $0.writtenText() } ?? [:]
        template.labels = fields["labels"]?.labels() ?? [:]
        template.mounts = fields["mounts"].flatMap { Mount.decodeAll($0) } ?? []
        template.ports = fields["ports"].flatMap { ContainerPort.decodeAll($0) } ?? []
        template.user = fields["user"]?.stringOrInteger(.user)
        template.healthCheck = fields["healthCheck"].flatMap { HealthCheck.decode($0) }
        template.stopTimeout = fields["stopTimeout"]?.stopTimeout() ?? template.stopTimeout
        template.pullPolicy = fields["pullPolicy"]?.choice() ?? template.pullPolicy
        template.resources = fields["resources"].flatMap { Resources.decode($0) } ?? Resources()
        return template
    }
}

extension Field {
    /// Whole seconds, because Docker counts this time in them.
    fileprivate func stopTimeout() -> Duration? {
        guard let value = duration(in: .zero ... .seconds(3600)) else { return nil }
        guard value.components.attoseconds == 0 else {
            report(.invalidValue, "\(name) must be whole seconds, not '\(value.goText)'")
            return nil
        }
        return value
    }
}

extension ContainerPort {
    fileprivate static func decodeAll(_ field: Field) -> [ContainerPort]? {
        var seen: [ContainerPort: SourcePosition] = [:]
        return field.list { item in
            guard let port = decode(item) else { return nil }
            if let first = seen.updateValue(item.node.position, forKey: port) {
                item.report(.conflictingFields, "port '\(port)' is listed twice", related: first)
            }
            return port
        }?.sorted()
    }

    private static func decode(_ field: Field) -> ContainerPort? {
        if case .scalar(let scalar) = field.node.content, scalar.value != .string {
            return field.integer(in: 1...65535).map { ContainerPort($0) }
        }
        guard let text = field.string() else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, parts[0].utf8.allSatisfy(Grammar.isDigit), let number = UInt16(parts[0]), number > 0,
            let transport = Transport(rawValue: String(parts[1]))
        {
            return ContainerPort(number, transport)
        }
        let message = "\(field.name) must be a port such as 80 or 53/udp, not \(Diagnostic.quote(text))"
        field.report(.invalidValue, message, hint: "ports are 1-65535, protocols are tcp, udp and sctp")
        return nil
    }
}

extension HealthCheck {
    private static let probeTimes: ClosedRange<Duration> = .seconds(1) ... .seconds(86_400)

    fileprivate static func decode(_ field: Field) -> HealthCheck? {
        let keys = ["command", "interval", "timeout", "retries", "startPeriod"]
        guard let fields = field.fields(keys) else { return nil }
        let command = fields.required("command")?.nonEmptyList { $0.string() }
        var check = HealthCheck(command: command ?? [])
        check.interval = fields["interval"]?.duration(in: probeTimes) ?? check.interval
        check.timeout = fields["timeout"]?.duration(in: probeTimes) ?? check.timeout
        check.retries = fields["retries"]?.integer(in: 1...100) ?? check.retries
        check.startPeriod = fields["startPeriod"]?.startPeriod() ?? check.startPeriod
        return command == nil ? nil : check
    }
}

extension Field {
    /// Docker takes either no start period or one of at least a millisecond.
    fileprivate func startPeriod() -> Duration? {
        guard let value = duration(in: .zero ... .seconds(86_400)) else { return nil }
        guard value == .zero || value >= .milliseconds(1) else {
            report(.outOfRange, "\(name) must be 0s, or 1ms or more, not '\(value.goText)'")
            return nil
        }
        return value
    }
}
