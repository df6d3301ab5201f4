import API
import NameFilter

extension FilterFigures {
    /// The filter's counters; every label is a word of the program, never a name that somebody asked for.
    var families: [MetricFamily] {
        var queries = MetricFamily(
            "reconcile_names_queries_total", .counter, "Queries to the DNS filter by what became of them.")
        for outcome in Outcome.allCases {
            queries.add(Double(outcomes[outcome] ?? 0), .init("outcome", outcome.rawValue))
        }
        var transports = MetricFamily(
            "reconcile_names_received_total", .counter, "Queries to the DNS filter by the protocol that they came over."
        )
        transports.add(Double(queriesOverUDP), .init("transport", "udp"))
        transports.add(Double(queriesOverTCP), .init("transport", "tcp"))
        var upstream = MetricFamily(
            "reconcile_names_upstream_total", .counter, "Queries to upstream resolvers by what became of them.")
        for outcome in UpstreamOutcome.allCases {
            upstream.add(Double(exchanges[outcome] ?? 0), .init("outcome", outcome.rawValue))
        }
        var durations = MetricFamily(
            "reconcile_names_first_answer_duration_seconds", .histogram,
            "How long answers took for which an upstream resolver or the firewall was waited for.")
        durations.add(counts: self.durations, bounds: Self.bounds, sum: durationSum / .seconds(1), [])
        return [
            queries, transports, upstream, durations,
            MetricFamily(
                "reconcile_names_stale_answers_total", .counter,
                "Expired answers that were served because no upstream resolver answered.", Double(staleAnswers)),
            MetricFamily(
                "reconcile_names_cached_answers", .gauge, "Answers that are remembered.", Double(cachedAnswers)),
            MetricFamily(
                "reconcile_names_open_addresses", .gauge, "Addresses that are open for a bridge because of a name.",
                Double(openAddresses)),
        ]
    }
}
