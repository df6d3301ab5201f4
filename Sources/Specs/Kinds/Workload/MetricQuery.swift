/// A query to a metrics server that the hosts' own configuration names.
package struct MetricQuery: Hashable, Sendable {
    /// A name from the host's configuration; nil is its default server.
    package var server: String?
    /// PromQL that gives one number.
    package var query: String
    package var timeout: Duration

    package init(server: String? = nil, query: String, timeout: Duration = .seconds(5)) {
        self.server = server
        self.query = query
        self.timeout = timeout
    }

    /// What stands for the time that an error budget looks at, as Prometheus writes durations.
    package static let window = "$window"
    /// What stands for the names of the new members of a canary, as a regular expression.
    package static let members = "$members"

    /// The query with everything in the place of what stands for it.
    package func filled(members: [String], window: Duration? = nil) -> MetricQuery {
        var copy = self
        copy.query = query.replacing(Self.members, with: members.joined(separator: "|"))
        if let window { copy.query = copy.query.replacing(Self.window, with: "\(window.components.seconds)s") }
        return copy
    }
}

extension MetricQuery: Declared {
    package static let definition = ObjectDefinition(
        "MetricQuery", "A query to a Prometheus server that the hosts' own configuration names.",
        blank: MetricQuery(query: ""),
        fields: [
            .field(
                "server", \.server, .string(.objectName), "The name of the server in the host's configuration.",
                whenLeftOut: "the host's default server"),
            .required("query", \.query, .string(.query), "PromQL that gives one number."),
            .field("timeout", \.timeout, .duration(in: .milliseconds(100) ... .minutes(1)), "How long to wait for it."),
        ])
}

extension TextRule {
    fileprivate static let query = TextRule(
        "a query of 1-4096 characters", pattern: #"^[\s\S]{1,4096}$"#, example: "sum(rate(requests_total[1m]))"
    ) {
        !$0.isEmpty && $0.utf8.count <= 4096
    }
}
