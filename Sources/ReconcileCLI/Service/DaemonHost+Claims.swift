import Logging
import Reconciler
import Specs

/// Claims as the API sees them, and the line of each in the log.
extension DaemonHost {
    /// Labels that are looked for in logs.
    private static let loggedLabels = ["conversation_id", "tenant_id"]

    func claim(_ request: ClaimRequest, by name: String) async throws(ClaimRefusal) -> Claim {
        do throws(ClaimRefusal) {
            let claim = try await controller.claim(request, by: name)
            // The control loop has a line for each at level info.
            logger.debug("claim answered", metadata: Self.metadata("claim.answered", claim, by: name))
            return claim
        } catch {
            var metadata: Logger.Metadata = [
                "event": "claim.refused", "pool": "\(request.pool.name)", "holder": "\(request.holder)",
                "code": "\(error.code.rawValue)", "message": "\(error.message)", "by": "\(name)",
            ]
            for label in Self.loggedLabels { metadata[label] = request.labels[label].map { "\($0)" } }
            logger.info("claim refused", metadata: metadata)
            throw error
        }
    }

    func renew(_ id: ClaimID, for ttl: Duration?, by name: String) async throws(ClaimRefusal) -> Claim {
        let claim = try await controller.renew(id, for: ttl, by: name)
        logger.debug("claim renewed", metadata: Self.metadata("claim.renewed", claim, by: name))
        return claim
    }

    func release(_ id: ClaimID, by name: String) async throws(ClaimRefusal) -> Claim {
        let claim = try await controller.release(id, by: name)
        logger.info("claim released", metadata: Self.metadata("claim.released", claim, by: name))
        return claim
    }

    func claims() async -> [Claim] { await controller.claims() }

    func claim(_ id: ClaimID) async -> Claim? { await controller.claim(id) }

    /// Never what came with it: variables and files are nobody else's business.
    private static func metadata(_ event: String, _ claim: Claim, by name: String) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "event": "\(event)", "claim": "\(claim.id)", "pool": "\(claim.pool.name)", "holder": "\(claim.holder)",
            "source": "\(claim.source.rawValue)", "duration_ms": "\(Double(claim.durationMicroseconds) / 1_000)",
            "by": "\(name)",
        ]
        metadata["container_id"] = claim.container.map { "\($0.id)" }
        for label in loggedLabels { metadata[label] = claim.labels[label].map { "\($0)" } }
        return metadata
    }
}
