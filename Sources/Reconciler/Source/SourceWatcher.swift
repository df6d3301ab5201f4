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
        /// Following it could remove what nobody meant to remove: a person must say `--accept-revision`.
        case held(candidate: Revision, SourceStatus.State, message: String)
        case failed(SourceError)
    }

    private let source: any Source
    private let store: any StateStore
    private let host: HostSettings
    /// The commit that a person allowed although it does not descend from the accepted one.
    private let allowedRevision: String?
    private var accepted: AcceptedRevision?
    /// False when this version cannot read what an earlier one accepted; then nothing is in force.
    private var isInForce = true
    /// What is worth a word about the revision in force.
    private var advice: [Diagnostic] = []
    private(set) package var status = SourceStatus(.starting)

    package init(source: any Source, store: any StateStore, host: HostSettings, allowing allowedRevision: String? = nil)
    {
        self.source = source
        self.store = store
        self.host = host
        self.allowedRevision = allowedRevision
    }

    /// The revision that was in force when the program last ran; nil when there is none or it cannot be read any more.
    package func restore() throws(StateStoreError) -> DesiredState? {
        accepted = try store.acceptedRevision()
        guard let accepted else { return nil }
        let loaded = SpecLoader.load(accepted.files, environment: host.environment)
        isInForce = loaded.specs != nil
        advice = isInForce ? loaded.diagnostics : []
        return loaded.specs.map { DesiredState(specs: $0, revision: accepted.revision, host: host) }
    }

    /// Looks for a new revision and puts it in force if it is good.
    package func poll() async throws(StateStoreError) -> Outcome {
        let outcome = try await look()
        status = Self.status(after: outcome, previous: status, advice: advice)
        return outcome
    }

    private func look() async throws(StateStoreError) -> Outcome {
        let snapshot: SourceSnapshot
        do throws(SourceError) {
            snapshot = try await source.fetch(accepted: accepted?.revision.id)
        } catch {
            return .failed(error)
        }
        let candidate = AcceptedRevision(revision: snapshot.revision, files: snapshot.files)
        if candidate == accepted && isInForce { return .unchanged }
        let loaded = SpecLoader.load(snapshot.files, environment: host.environment)
        guard let specs = loaded.specs else { return .rejected(candidate: snapshot.revision, loaded.diagnostics) }
        let rule = HoldRule(accepted: accepted, allowing: allowedRevision)
        if let finding = rule.finding(on: snapshot, specs) {
            return .held(candidate: snapshot.revision, finding.state, message: finding.message)
        }
        try store.accept(candidate)
        accepted = candidate
        isInForce = true
        advice = loaded.diagnostics
        return .accepted(DesiredState(specs: specs, revision: snapshot.revision, host: host))
    }

    private static func status(after outcome: Outcome, previous: SourceStatus, advice: [Diagnostic]) -> SourceStatus {
        switch outcome {
        case .accepted, .unchanged: SourceStatus(.current, diagnostics: advice)
        case .rejected(let candidate, let diagnostics):
            SourceStatus(
                .rejected, "nothing of \(candidate) was applied, findings: \(diagnostics.count)",
                candidate: candidate.id, diagnostics: diagnostics)
        case .held(let candidate, let state, let message): SourceStatus(state, message, candidate: candidate.id)
        case .failed(let error): SourceStatus(.failing, error.description, candidate: previous.candidate)
        }
    }
}
