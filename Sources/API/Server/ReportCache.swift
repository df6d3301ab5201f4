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

    private static let fresh = Duration.milliseconds(100)
    private static let stale = Duration.seconds(1)

    private let host: any ServedHost
    private let now: @Sendable () -> Instant
    private var ledger = ConditionLedger()
    private var current: Snapshot?
    private var refresh: Task<Snapshot, any Error>?
    /// Counts up when what is known has become worthless.
    private var generation = 0
    /// What was asked for since the current snapshot, and is made together with the next.
    private var asked: Set<Representation> = []

    init(_ host: any ServedHost, now: @escaping @Sendable () -> Instant) {
        self.host = host
        self.now = now
    }

    func report() async throws -> HostReport { try await snapshot().report }

    /// The document, as the bytes of a response.
    func body(_ representation: Representation) async throws -> ByteBuffer {
        asked.insert(representation)
        let snapshot = try await snapshot()
        return try snapshot.bodies[representation] ?? representation.encode(snapshot.report)
    }

    /// Something was changed: who asks from now on sees it.
    func invalidate() {
        generation += 1
        current = nil
        refresh = nil
    }

    private func snapshot() async throws -> Snapshot {
        if let current {
            let age = current.taken.duration(to: .now)
            if age < Self.fresh { return current }
            let refresh = startRefresh()
            if age < Self.stale { return current }
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
            report.status = date(report.status)
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

    private func date(_ status: HostStatus) -> HostStatus { ledger.date(status, now: now()) }

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

    func encode(_ report: HostReport) throws -> ByteBuffer {
        switch self {
        case .status: try JSONBody.encode(report.status)
        case .objects: try JSONBody.encode(ObjectList(report.status, kind: nil))
        case .conditions: try JSONBody.encode(ConditionList(report.status, of: nil))
        case .plan: try JSONBody.encode(report.planDocument)
        }
    }
}
