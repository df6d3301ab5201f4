package import Specs

/// Turns what the source brings into the revision in force: one good revision after the other, and the last good one
/// when there is none.
package actor SourceWatcher {
    /// What one look at the source came to.
    package enum Outcome: Sendable {
        case accepted(DesiredState)
        case unchanged
        /// The specs are wrong: nothing of the revision is used.
        case rejected(candidate: Revision, [Diagnostic])
        /// Following it could remove what nobody meant to remove, and a person must say `--accept-revision`; or its
        /// signatures do not suffice.
        case held(candidate: Revision, SourceStatus.State, message: String)
        case failed(SourceError)
    }

    private let source: any Source
    private let store: any StateJournal
    private let host: HostSettings
    /// The wall clock, for the history of revisions.
    private let now: @Sendable () -> Instant
    /// The commit that a person allowed although it does not descend from the accepted one.
    private let allowedRevision: String?
    private var accepted: AcceptedRevision?
    /// False when this version cannot read what an earlier one accepted; then nothing is in force.
    private var isInForce = true
    /// What is worth a word about the revision in force.
    private var advice: [Diagnostic] = []
    /// Who signed the revision in force, where signatures are asked for.
    private var signers: [String]?
    /// What the history says of each revision, so that the same trouble is written down once, not at every poll.
    private var written: [Revision: Verdict] = [:]
    private(set) package var status = SourceStatus(.starting)

    /// What became of a revision, without the time.
    private struct Verdict: Equatable {
        var outcome: RevisionRecord.Outcome
        var message: String
    }

    package init(
        source: any Source, store: any StateJournal, host: HostSettings, allowing allowedRevision: String? = nil,
        now: @escaping @Sendable () -> Instant
    ) {
        self.source = source
        self.store = store
        self.host = host
        self.allowedRevision = allowedRevision
        self.now = now
    }

    /// The revision that was in force when the program last ran; nil when there is none or it cannot be read any more.
    package func restore() throws(StateStoreError) -> DesiredState? {
        accepted = try store.load().accepted
        for record in try store.history(limit: 100) {
            written[record.revision] = Verdict(outcome: record.outcome, message: record.message)
        }
        guard let accepted else { return nil }
        let loaded = SpecLoader.load(accepted.files, environment: host.environment)
        isInForce = loaded.specs != nil
        advice = isInForce ? loaded.diagnostics : []
        return loaded.specs.map { DesiredState(specs: $0, revision: accepted.revision, host: host) }
    }

    /// Looks for a new revision and puts it in force if it is good.
    package func poll() async throws(StateStoreError) -> Outcome {
        let outcome = try await look()
        status = Self.status(after: outcome, previous: status, advice: advice, signers: signers)
        return outcome
    }

    private func look() async throws(StateStoreError) -> Outcome {
        // What the last look brought is in force.
        if status.state == .current, isInForce, source.isUnchanged { return .unchanged }
        let snapshot: SourceSnapshot
        do throws(SourceError) {
            snapshot = try await source.fetch(accepted: accepted?.revision.id)
        } catch {
            return .failed(error)
        }
        // Before anything else is made of it: what nobody vouches for is not even read.
        if case .refused(let failure) = snapshot.verification { return try refuse(snapshot, failure) }
        let candidate = AcceptedRevision(revision: snapshot.revision, files: snapshot.files)
        if case .verified(let names) = snapshot.verification, candidate == accepted { signers = names }
        if candidate == accepted && isInForce { return .unchanged }
        let loaded = SpecLoader.load(snapshot.files, environment: host.environment)
        guard let specs = loaded.specs else {
            let summary = Self.summary(of: loaded.diagnostics)
            let event = EventRecord(
                time: now(), severity: .warning, reason: SourceStatus.State.rejected.rawValue,
                message: "nothing of \(snapshot.revision) was applied: \(summary)", revision: accepted?.revision.id)
            try record(snapshot, Verdict(outcome: .rejected, message: summary), and: event)
            return .rejected(candidate: snapshot.revision, loaded.diagnostics)
        }
        let rule = HoldRule(accepted: accepted, allowing: allowedRevision)
        if let finding = rule.finding(on: snapshot, specs) {
            return try hold(snapshot, finding.state, finding.message)
        }
        let names: [String]? = if case .verified(let names) = snapshot.verification { names } else { nil }
        let signed = names.map { "signed by \($0.joined(separator: ", "))" } ?? ""
        try record(snapshot, Verdict(outcome: .accepted, message: signed), with: [.accept(candidate)])
        accepted = candidate
        signers = names
        isInForce = true
        advice = loaded.diagnostics
        return .accepted(DesiredState(specs: specs, revision: snapshot.revision, host: host))
    }

    /// Keeps what is in force, whatever the revision holds.
    private func refuse(_ snapshot: SourceSnapshot, _ failure: VerificationFailure) throws(StateStoreError) -> Outcome {
        let isAccepted = snapshot.revision.id == accepted?.revision.id
        if isAccepted { signers = nil }
        // A quiet repository must not look broken when the key of its last commit ends in due time.
        if isAccepted && isInForce && failure.isOfAge { return .unchanged }
        let old = isInForce ? accepted?.revision.description ?? "nothing" : "nothing"
        let rest = isAccepted ? "it stays in force, as it was accepted before" : "\(old) stays in force"
        return try hold(snapshot, failure.state, "\(failure.message); \(rest)")
    }

    private func hold(
        _ snapshot: SourceSnapshot, _ state: SourceStatus.State, _ message: String
    ) throws(StateStoreError) -> Outcome {
        let event = EventRecord(
            time: now(), severity: .warning, reason: state.rawValue, message: message, revision: accepted?.revision.id)
        try record(snapshot, Verdict(outcome: .held, message: message), and: event)
        return .held(candidate: snapshot.revision, state, message: message)
    }

    /// Writes down what became of a revision, in the same commit as what follows from it.
    private func record(
        _ snapshot: SourceSnapshot, _ verdict: Verdict, with changes: [StateChange] = [], and event: EventRecord? = nil
    ) throws(StateStoreError) {
        if changes.isEmpty && written[snapshot.revision] == verdict { return }
        var changes = changes
        // What is in force stays what a rollback may go back to, whatever is found out about it later.
        if verdict.outcome != .held || snapshot.revision != accepted?.revision {
            changes.append(
                .history(
                    RevisionRecord(
                        revision: snapshot.revision, commit: snapshot.commit, outcome: verdict.outcome,
                        message: verdict.message, time: now())))
        }
        if let event { changes.append(.event(event)) }
        try store.commit(changes)
        // Only what comes again matters.
        if written.count > 200 { written.removeAll() }
        written[snapshot.revision] = verdict
    }

    /// How many findings there are, and the first that made the revision useless.
    private static func summary(of diagnostics: [Diagnostic]) -> String {
        let count = "findings: \(diagnostics.count)"
        guard let first = diagnostics.first(where: { $0.severity == .error }) else { return count }
        return "\(count), the first at \(first.position): \(first.message)"
    }

    private static func status(
        after outcome: Outcome, previous: SourceStatus, advice: [Diagnostic], signers: [String]?
    ) -> SourceStatus {
        switch outcome {
        case .accepted, .unchanged: SourceStatus(.current, diagnostics: advice, signers: signers)
        case .rejected(let candidate, let diagnostics):
            SourceStatus(
                .rejected, "nothing of \(candidate) was applied, findings: \(diagnostics.count)",
                candidate: candidate.id, diagnostics: diagnostics)
        case .held(let candidate, let state, let message): SourceStatus(state, message, candidate: candidate.id)
        case .failed(let error): SourceStatus(.failing, error.description, candidate: previous.candidate)
        }
    }
}
