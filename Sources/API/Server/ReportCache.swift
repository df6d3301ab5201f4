import Foundation
import NIOCore
import Reconciler
import Specs
import Synchronization

/// What is shown of the host, made at most ten times a second however many ask.
///
/// A plan for the whole host is behind every report, and the controller has better things to do than to make one for each
/// request. Who asks gets what is not older than `fresh`; up to `stale` also something older, while a newer one is made.
/// Alone at it, one gets what holds now; and what a command changed is in every answer after it.
///
/// No actor: what is at hand is answered on the thread that asks. An actor that has work of others in its queue would take
/// its callers along to the shared threads, and these may all be busy.
final class ReportCache: Sendable {
    /// One report, and the documents that were made of it.
    struct Snapshot: Sendable {
        let report: HostReport
        let taken: ContinuousClock.Instant
        fileprivate var bodies: [Representation: ByteBuffer] = [:]
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

    private struct State {
        var current: Snapshot?
        var refresh: Task<Snapshot, any Error>?
        /// Counts up when what is known has become worthless.
        var generation = 0
        /// When each document was last asked for: what is asked for again and again is made with every report.
        var asked: [Representation: ContinuousClock.Instant] = [:]
        /// What the last report took, its documents included.
        var cost = Duration.zero
    }

    private struct Conditions {
        var ledger: ConditionLedger
        /// What was written down last.
        var kept: ConditionLedger
        /// Once the host was known, whatever is seen of it counts.
        var isSettled = false
    }

    private let host: any ServedHost
    private let now: @Sendable () -> Instant
    private let state = Mutex(State())
    /// Apart from the rest: to date all conditions takes longer than anybody should wait for what is at hand.
    private let conditions: Mutex<Conditions>

    init(_ host: any ServedHost, now: @escaping @Sendable () -> Instant) {
        self.host = host
        self.now = now
        let ledger = host.rememberedConditions()
        conditions = Mutex(Conditions(ledger: ledger, kept: ledger))
    }

    func report() async throws -> HostReport { try await snapshot(.now).report }

    /// The document, as the bytes of a response.
    func body(_ representation: Representation) async throws -> ByteBuffer {
        let snapshot = try await snapshot(representation.age, for: representation)
        if let body = snapshot.bodies[representation] { return body }
        let body = try await Aside.run { try representation.encode(snapshot.report) }
        state.withLock { state in
            if state.current?.taken == snapshot.taken { state.current?.bodies[representation] = body }
        }
        return body
    }

    /// Writes down since when conditions hold, for the next run of the program.
    func keepConditions() {
        let changed = conditions.withLock { conditions -> ConditionLedger? in
            guard conditions.ledger != conditions.kept else { return nil }
            conditions.kept = conditions.ledger
            return conditions.ledger
        }
        if let changed { host.remember(changed) }
    }

    /// Something was changed: who asks from now on sees it.
    func invalidate() {
        state.withLock { state in
            state.generation += 1
            state.current = nil
            state.refresh = nil
        }
    }

    private func snapshot(_ age: Age, for representation: Representation? = nil) async throws -> Snapshot {
        let (known, refresh) = state.withLock { state -> (Snapshot?, Task<Snapshot, any Error>?) in
            if let representation { state.asked[representation] = .now }
            guard let current = state.current else { return (nil, startRefresh(&state)) }
            // One of a host that was not yet seen is worth nothing as soon as it was.
            let age = current.report.isReady ? age : .now
            let elapsed = current.taken.duration(to: .now)
            // Where reports are dear they are made less often: most of the time is for the work. But always so early that
            // there is time to make one before anybody has to wait for it.
            if elapsed < max(age.fresh, min(state.cost * 9, age.stale / 2)) { return (current, nil) }
            let refresh = startRefresh(&state)
            return (elapsed < age.stale ? current : nil, refresh)
        }
        if let known { return known }
        guard let refresh else { throw CancellationError() }
        return try await refresh.value
    }

    private func startRefresh(_ state: inout State) -> Task<Snapshot, any Error> {
        if let refresh = state.refresh { return refresh }
        let (now, generation) = (ContinuousClock.now, state.generation)
        state.asked = state.asked.filter { $0.value.duration(to: now) < $0.key.age.stale }
        let representations = Set(state.asked.keys)
        let task = Task { try await makeSnapshot(with: representations, generation) }
        state.refresh = task
        return task
    }

    /// On the shared threads, beside those who go on being answered with what there is.
    private func makeSnapshot(with representations: Set<Representation>, _ generation: Int) async throws -> Snapshot {
        let begun = ContinuousClock.now
        var report = await host.report()
        let taken = ContinuousClock.now
        report.status = date(report)
        var snapshot = Snapshot(report: report, taken: taken)
        do {
            for representation in representations {
                snapshot.bodies[representation] = try representation.encode(report)
            }
        } catch {
            // Whoever asks next begins anew.
            state.withLock { if $0.generation == generation { $0.refresh = nil } }
            throw error
        }
        state.withLock { state in
            guard generation == state.generation else { return }
            state.current = snapshot
            state.refresh = nil
            state.cost = begun.duration(to: .now)
        }
        return snapshot
    }

    private func date(_ report: HostReport) -> HostStatus {
        let now = now()
        return conditions.withLock { conditions in
            if report.isReady { conditions.isSettled = true }
            return conditions.ledger.date(report.status, now: now, isSettled: conditions.isSettled)
        }
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
