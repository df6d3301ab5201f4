import Foundation
import NIOCore
import Reconciler
import Specs

/// What is shown of the host, made at most ten times a second however many ask.
///
/// A plan for the whole host is behind every report, and the controller has better things to do than to make one for each
/// request. Who asks gets what is not older than `fresh`; up to `stale` also something older, while a newer one is made.
/// Alone at it, one gets what holds now; and what a command changed is in every answer after it.
actor ReportCache {
    /// One report, and the documents that were made of it.
    struct Snapshot: Sendable {
        let report: HostReport
        let taken: ContinuousClock.Instant
        fileprivate let bodies: [Representation: ByteBuffer]
    }

    /// How old an answer may be, and how old while a newer one is made.
    struct Age: Sendable {
        var fresh: Duration
        var stale: Duration

        /// For whoever acts on what they see.
        static let now = Age(fresh: .milliseconds(100), stale: .seconds(1))
        /// For whoever draws lines: somebody looks every ten seconds anyway, and nobody waits for a plan.
        static let recently = Age(fresh: .seconds(11), stale: .seconds(30))
    }

    private let host: any ServedHost
    private let now: @Sendable () -> Instant
    private var ledger: ConditionLedger
    /// What was written down last.
    private var kept: ConditionLedger
    /// Once the host was known, whatever is seen of it counts.
    private var isSettled = false
    private var current: Snapshot?
    private var refresh: Task<Snapshot, any Error>?
    /// Counts up when what is known has become worthless.
    private var generation = 0
    /// What was asked for since the current snapshot, and is made together with the next.
    private var asked: Set<Representation> = []

    init(_ host: any ServedHost, now: @escaping @Sendable () -> Instant) {
        self.host = host
        self.now = now
        ledger = host.rememberedConditions()
        kept = ledger
    }

    func report() async throws -> HostReport { try await snapshot().report }

    /// The document, as the bytes of a response.
    func body(_ representation: Representation) async throws -> ByteBuffer {
        asked.insert(representation)
        let snapshot = try await snapshot(representation.age)
        if let body = snapshot.bodies[representation] { return body }
        return try await Self.encode(representation, snapshot.report)
    }

    private static func encode(_ representation: Representation, _ report: HostReport) async throws -> ByteBuffer {
        try await Aside.run { try representation.encode(report) }
    }

    /// Writes down since when conditions hold, for the next run of the program.
    func keepConditions() {
        guard ledger != kept else { return }
        kept = ledger
        host.remember(ledger)
    }

    /// Something was changed: who asks from now on sees it.
    func invalidate() {
        generation += 1
        current = nil
        refresh = nil
    }

    private func snapshot(_ age: Age = .now) async throws -> Snapshot {
        if let current {
            let elapsed = current.taken.duration(to: .now)
            if elapsed < age.fresh { return current }
            let refresh = startRefresh()
            if elapsed < age.stale { return current }
            return try await refresh.value
        }
        return try await startRefresh().value
    }

    private func startRefresh() -> Task<Snapshot, any Error> {
        if let refresh { return refresh }
        let (representations, generation) = (asked, generation)
        asked = []
        let task = Task {
            var report = await host.report()
            let taken = ContinuousClock.now
            report.status = date(report)
            do {
                let snapshot = try await Self.snapshot(report, taken, representations)
                put(snapshot, generation)
                return snapshot
            } catch {
                // Whoever asks next begins anew.
                if generation == self.generation { refresh = nil }
                throw error
            }
        }
        refresh = task
        return task
    }

    private func date(_ report: HostReport) -> HostStatus {
        if report.isReady { isSettled = true }
        return ledger.date(report.status, now: now(), isSettled: isSettled)
    }

    /// Beside the actor, which goes on answering with what there is.
    @concurrent
    private static func snapshot(
        _ report: HostReport, _ taken: ContinuousClock.Instant, _ representations: Set<Representation>
    ) async throws -> Snapshot {
        var bodies: [Representation: ByteBuffer] = [:]
        for representation in representations { bodies[representation] = try representation.encode(report) }
        return Snapshot(report: report, taken: taken, bodies: bodies)
    }

    private func put(_ snapshot: Snapshot, _ generation: Int) {
        guard generation == self.generation else { return }
        current = snapshot
        refresh = nil
    }
}

/// What is asked for so often that it is made once for all who ask.
enum Representation: Hashable, Sendable {
    case status, objects, conditions, plan
    /// The part of the metrics that is about the host.
    case metrics

    fileprivate var age: ReportCache.Age { self == .metrics ? .recently : .now }

    func encode(_ report: HostReport) throws -> ByteBuffer {
        switch self {
        case .status: try JSONBody.encode(report.status)
        case .objects: try JSONBody.encode(ObjectList(report.status, kind: nil))
        case .conditions: try JSONBody.encode(ConditionList(report.status, of: nil))
        case .plan: try JSONBody.encode(report.planDocument)
        case .metrics: ByteBuffer(string: PrometheusText.text(HostMetrics.families(report, now: wallClock)))
        }
    }

    private var wallClock: Double { Date().timeIntervalSince1970 }
}
