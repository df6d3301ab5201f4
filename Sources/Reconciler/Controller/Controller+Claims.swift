/// Who has which member of a pool.
extension Controller {
    /// Waits for a member of a pool, and makes it the caller's.
    ///
    /// A caller that is cancelled has no claim when this returns.
    ///
    /// - Parameter name: who asks, for the audit log.
    /// - Returns: the claim, which is on the disk.
    /// - Throws: `ClaimRefusal`; no member is the caller's then.
    package func claim(_ request: ClaimRequest, by name: String) async throws(ClaimRefusal) -> Claim {
        lastClaimant += 1
        let claimant = lastClaimant
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                claimants[claimant] = continuation
                tell(.claim(claimant, request, by: name))
            }
        } onCancel: {
            Task { await self.abandon(claimant) }
        }
        return try result.get()
    }

    private func abandon(_ claimant: Ticket) {
        guard let continuation = claimants.removeValue(forKey: claimant) else { return }
        tell(.abandoned(claimant))
        continuation.resume(returning: .failure(ClaimRefusal(.unavailable, "nobody waits for the answer any more")))
    }

    /// Has a claim last its `ttl` from now on, or another one.
    ///
    /// - Throws: `ClaimRefusal` with `notFound`, with `conflict` when it is over, with `unavailable` when it cannot be
    ///   written down.
    package func renew(_ id: ClaimID, for ttl: Duration?, by name: String) throws(ClaimRefusal) -> Claim {
        let (claim, effects) = try loop.renew(id, for: ttl, by: name, now: now)
        perform(effects)
        return claim
    }

    /// Ends a claim, which is on the disk when this returns; its container goes soon after. One that is over stays so.
    ///
    /// - Throws: `ClaimRefusal` with `notFound`, or with `unavailable` when it cannot be written down.
    package func release(_ id: ClaimID, by name: String) throws(ClaimRefusal) -> Claim {
        let (claim, effects) = try loop.release(id, by: name, now: now)
        perform(effects)
        return claim
    }

    /// All claims that are not over, and the newest of those that are, as of now, in the order of their ids.
    package func claims() -> [Claim] { loop.knownClaims }

    /// One of them.
    package func claim(_ id: ClaimID) -> Claim? { loop.claims[id] }
}
