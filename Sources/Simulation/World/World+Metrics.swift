import Invariants
import ReconcileTesting
import Reconciler
import Specs

// What canaries are judged by and autoscalers go by, and what comes of it.

extension World {
    mutating func measure(_ ticket: Ticket, _ questions: [MetricQuestion]) {
        let queries = questions.compactMap { question -> String? in
            if case .prometheus(let query, _) = question { query.query } else { nil }
        }
        guard queries.count == questions.count else { return }
        guard let object = scaled.first(where: { queries.first?.hasSuffix(" \($0)") ?? false }) else {
            let readings = queries.map { MetricReading.whole($0 == DraftObject.badQuery ? 1 : 0, at: moment.wall) }
            return schedule(.measured(run: run, ticket, readings), in: between(1, 20))
        }
        emit(.measuring(ask: ticket, object))
        let readings = queries.map { reading($0) }
        let isLate = chance(trouble.lateMetric)
        schedule(.measured(run: run, ticket, readings), in: isLate ? between(1_000, 20_000) : between(1, 20))
    }

    /// Where nothing goes wrong it leads every object to a number of its own, from wherever it comes.
    private mutating func reading(_ query: String) -> MetricReading {
        if trouble == .none { return .whole(query.hasPrefix(DraftObject.loadQuery) ? 3 : 9, at: moment.wall) }
        return series[query, default: MetricSeries()]
            .read(at: moment, since: now, badness: trouble.badMetric, using: &dice)
    }

    /// The program is told what it asked for.
    mutating func answer(_ ticket: Ticket, _ readings: [MetricReading]) {
        guard let program else { return }
        let measurements = readings.map { reading in
            if case .whole(let value, let at) = reading { return Measurement(value, at: at) }
            return Measurement(nil, at: moment.wall)
        }
        emit(.measured(ask: ticket, measurements, isInformed: program.loop.informer.observed.isComplete))
        tell(.measured(ticket, readings.map(sabotaged)))
    }

    /// Says how many members the autoscalers of the program give their objects, where that is news.
    mutating func announceSizes() {
        for object in scaled {
            guard let size = program?.loop.desired?.objects[object]?.liveSize?.size,
                size != checker.liveSize(of: object)
            else { continue }
            emit(.sized(object, size))
        }
    }
}

extension RevisionFacts {
    /// Objects that an autoscaler gives their number.
    var scaled: [ResourceID] { objects.values.filter { $0.scaling != nil }.map(\.id).sorted() }
}
