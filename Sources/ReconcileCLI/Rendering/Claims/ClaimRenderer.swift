import API
import Reconciler
import Specs

/// Claims as a person reads them.
enum ClaimRenderer {
    /// One in full.
    ///
    /// - Parameter now: the wall clock, for how long there is left.
    static func text(_ claim: ClaimDocument, now: Instant) -> String {
        var rows = [["claim", claim.id], ["pool", "WarmPool/\(claim.pool)"], ["holder", claim.holder]]
        if !claim.labels.isEmpty {
            let labels = claim.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            rows.append(["labels", labels.joined(separator: ", ")])
        }
        rows.append(["phase", phase(claim) + (claim.message.map { ": \($0)" } ?? "")])
        if let container = claim.container {
            rows.append(["container", "\(container.name) (\(container.id.prefix(12)))"])
        }
        if let address = claim.address {
            rows.append(["address", ([address] + claim.ports).joined(separator: ", ")])
        }
        rows.append(["source", "\(claim.source.rawValue), in \(claim.durationMs) ms"])
        rows.append(["expires", "\(claim.expires)" + (claim.phase == .ended ? "" : ", in \(left(claim, now))")])
        return Table.lines(rows).joined(separator: "\n")
    }

    static func table(_ claims: [ClaimDocument], now: Instant) -> String {
        let header = ["CLAIM", "POOL", "HOLDER", "PHASE", "CONTAINER", "SOURCE", "AGE", "EXPIRES IN"]
        let rows = claims.map { claim in
            [
                claim.id, claim.pool, claim.holder, phase(claim), claim.container?.name ?? "", claim.source.rawValue,
                DetailRenderer.age(of: claim.created, now), claim.phase == .ended ? "" : left(claim, now),
            ]
        }
        return Table.lines([header] + rows).joined(separator: "\n")
    }

    private static func phase(_ claim: ClaimDocument) -> String {
        claim.phase.rawValue + (claim.reason.map { " (\($0))" } ?? "")
    }

    private static func left(_ claim: ClaimDocument, _ now: Instant) -> String {
        DetailRenderer.age(of: now, claim.expires)
    }
}
