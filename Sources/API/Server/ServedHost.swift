package import Reconciler

/// What the API serves: the daemon, or a host of a test.
///
/// Everything is asked for by value; a route holds nothing of the host while its answer is on the way.
package protocol ServedHost: Sendable {
    /// Everything that may be shown, as of now, with the state of the source.
    func report() async -> HostReport

    /// Does what a person asks for, and answers what holds now, as a sentence for them.
    ///
    /// - Parameter name: who asks, for the audit log.
    /// - Throws: `CommandRefusal`; nothing has changed then.
    func carryOut(_ request: CommandRequest, by name: String) async throws(CommandRefusal) -> String

    /// Looks at the source and at the host now, and answers when the source was looked at.
    func sync(by name: String) async -> SyncAnswer

    /// The source may have something new; whoever says so is not told what became of it.
    func hint(from name: String)

    /// Waits for a member of a pool, and makes it the caller's. A caller that is cancelled has no claim when this returns.
    ///
    /// - Throws: `ClaimRefusal`; no member is the caller's then.
    func claim(_ request: ClaimRequest, by name: String) async throws(ClaimRefusal) -> Claim

    /// Has a claim last its `ttl` from now on, or another one.
    func renew(_ id: ClaimID, for ttl: Duration?, by name: String) async throws(ClaimRefusal) -> Claim

    /// Ends a claim; one that is over stays as it is, and is the answer.
    func release(_ id: ClaimID, by name: String) async throws(ClaimRefusal) -> Claim

    /// Claims that are not over, and the newest of those that are, in the order of their ids.
    func claims() async -> [Claim]

    /// One of them.
    func claim(_ id: ClaimID) async -> Claim?

    /// The newest events, oldest first.
    func events(limit: Int) throws(StateStoreError) -> [EventRecord]

    /// What became of the last revisions, oldest first.
    func history(limit: Int) throws(StateStoreError) -> [RevisionRecord]

    /// What the host and its containers use now; nil where nobody measures it.
    func presentUsage() async -> PresentUsage?

    /// What dry-runs elsewhere must know of this host, as it is published.
    ///
    /// - Throws: why there is none now, such as an engine that is away.
    func snapshot() async throws -> [UInt8]

    /// The newest entries of the daemon's own log.
    func logPage(_ query: LogQuery, limit: Int, after cursor: String?) -> LogPage

    /// What only the host itself counts.
    func metrics() -> [MetricFamily]

    /// Since when each condition holds, as an earlier run of the program wrote it down; of one that never ran, nothing.
    func rememberedConditions() -> ConditionLedger

    /// Writes that down for the next run.
    func remember(_ conditions: ConditionLedger)
}

/// What a look at the source that somebody asked for came to.
package struct SyncAnswer: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The newest revision is in force.
        case current
        /// There is a newer revision that is not followed.
        case refused
        /// The source could not be read.
        case failed
        /// Nobody looks any more.
        case stopping
    }

    package var outcome: Outcome
    /// For a person.
    package var message: String

    package init(_ outcome: Outcome, _ message: String) {
        self.outcome = outcome
        self.message = message
    }
}
