extension ContainerTemplate: KindSpec {
    package static let kind = ResourceKind.containerTemplate
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.containerTemplates

    package static let definition = ObjectDefinition(
        "ContainerTemplate", "What every container of an object looks like.", blank: ContainerTemplate(image: ""),
        fields: [
            .required("image", \.image, .string(.image), "The image, as Docker names it.", .by("Docker driver")),
            .field(
                "command", \.command, .list(of: .string, counts: 1...10_000),
                "The program and its first arguments; replaces the image's entrypoint.",
                whenLeftOut: "the image's entrypoint", .by("Docker driver")),
            .field(
                "args", \.args, .list(of: .string, counts: 1...10_000), "Arguments; replace the image's command.",
                whenLeftOut: "the image's command, unless `command` is set", .by("Docker driver")),
            .field(
                "env", \.env, .map(keys: .environmentName, values: .writtenText),
                "Variables of the environment; numbers and booleans are taken as they were written.",
                .by("Docker driver")),
            .field("labels", \.labels, .labels, "Labels of the containers.", .by("Docker driver")),
            .field("mounts", \.mounts, Mount.list, "Storage that the containers see.", .by("Docker driver")),
            .field(
                "ports", \.ports,
                .set(of: ContainerPort.type, by: { $0 }, named: { "port '\($0)'" }),
                "Ports that the containers listen on, for people and policies; none is published by this.",
                .by("Docker driver")),
            .field(
                "user", \.user, .stringOrInteger(.user), "The user, and optionally the group, that runs the program.",
                whenLeftOut: "the image's user", .by("Docker driver")),
            .field(
                "healthCheck", \.healthCheck, .object, "Decides when a member is ready and whether it is healthy.",
                whenLeftOut: "ready when it has run for the host's minimum ready time", .by("Docker driver")),
            .field(
                "stopTimeout", \.stopTimeout, .wholeSeconds(upTo: 3600),
                "How long the program may take to stop before it is killed; whole seconds.", .by("Docker driver")),
            .field(
                "pullPolicy", \.pullPolicy,
                .choice([
                    .always: "a moved tag is a change", .ifNotPresent: "only when the host does not have it",
                    .never: "the host must have it",
                ]), "When the image is pulled.", .by("Docker driver")),
            .field("resources", \.resources, .object, "What a container may use of its host."),
            .field(
                "securityProfile", \.securityProfile, .string(.objectName),
                "The SecurityProfile that confines the containers.",
                whenLeftOut: "the engine's defaults, within the host's baseline", .by("Docker driver")),
            .field("network", \.network, .object, "Networks and names besides the object's own network.", .notYet),
        ])
}

extension ContainerNetwork: Declared {
    package static let definition = ObjectDefinition(
        "ContainerNetwork", "What a container joins besides the network of its object.", blank: Self(),
        fields: [
            .field(
                "external", \.external, .string(.engineName),
                "A network that exists already and is not managed.", whenLeftOut: "the object's own network alone"),
            .field(
                "aliases", \.aliases,
                .set(of: .string(.objectName), by: { $0 }, counts: 0...16, named: { "alias '\($0)'" }),
                "Names under which other containers of the network find the members."),
        ])
}

extension ContainerPort {
    fileprivate static let type = ValueType<ContainerPort>(
        .either([
            .integer(1...65535),
            .string(
                TextDescription("a port such as 80 or 53/udp", pattern: TextPattern.containerPort, example: "53/udp")),
        ]), decode: { decode($0) }, text: { $0.transport == .tcp ? "\($0.number)" : $0.description })

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

extension HealthCheck: Declared {
    private static let times: ClosedRange<Duration> = .seconds(1) ... .hours(24)

    package static let definition = ObjectDefinition(
        "HealthCheck", "A command that exits with 0 in a container that is ready.", blank: HealthCheck(command: []),
        fields: [
            .required(
                "command", \.command, .list(of: .string, counts: 1...10_000),
                "The program and its arguments, run without a shell."),
            .field("interval", \.interval, .duration(in: times), "Between two probes of a container that is ready."),
            .field("timeout", \.timeout, .duration(in: times), "How long one probe may take."),
            .field(
                "retries", \.retries, .integer(in: 1...100),
                "Failures in a row before a container counts as unhealthy."),
            .field(
                "startPeriod", \.startPeriod, startPeriod, "Failures within this time of the start do not count."),
        ])

    /// Docker takes either no start period or one of at least a millisecond.
    private static let startPeriod = ValueType<Duration>.duration(in: .zero ... .hours(24)).map(
        text: { $0.quantityText }
    ) { value, field in
        if value == .zero || value >= .milliseconds(1) { return value }
        field.report(.outOfRange, "\(field.name) must be 0s, or 1ms or more, not '\(value.goText)'")
        return nil
    }
}

extension ValueType where Value == Duration {
    /// A time in whole seconds, because Docker counts it in them.
    static func wholeSeconds(upTo most: Int) -> ValueType<Duration> {
        ValueType.duration(in: .zero ... .seconds(most)).map(text: { $0.quantityText }) { value, field in
            if value.components.attoseconds == 0 { return value }
            field.report(.invalidValue, "\(field.name) must be whole seconds, not '\(value.goText)'")
            return nil
        }
    }
}
