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
