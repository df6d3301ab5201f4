import HTTPTypes
import Hummingbird
import Reconciler
import Specs

/// Which claims somebody asks for.
struct ClaimQuery: Hashable, Sendable {
    static let names = ["pool", "holder", "label", "phase", "after", "limit"]
    /// All phases but `ended`.
    static let open = "open"
    static let phases = Claim.Phase.allCases.map(\.rawValue) + [open]

    var pool: String?
    var holder: String?
    /// All of these.
    var labels: [String: String]
    /// nil is any.
    var phases: Set<Claim.Phase>?
    var after: ClaimID?
    var limit: Int

    init(_ fields: QueryFields) throws(Refusal) {
        pool = fields.text("pool")
        holder = fields.text("holder")
        labels = try Self.labels(fields.text("label"))
        phases = try fields.choice("phase", among: Self.phases).map { word in
            Claim.Phase(rawValue: word).map { [$0] } ?? Set(Claim.Phase.allCases).subtracting([.ended])
        }
        after = nil
        if let text = fields.text("after") {
            guard let id = ClaimID(text) else {
                throw Refusal(.badRequest, "'after' is \(Diagnostic.quote(text)) and must be the id of a claim")
            }
            after = id
        }
        limit = try fields.count("limit", in: 1...10_000, default: 1_000)
    }

    private static func labels(_ text: String?) throws(Refusal) -> [String: String] {
        var labels: [String: String] = [:]
        for pair in text?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
            guard parts.count == 2, !parts[0].isEmpty else {
                throw Refusal(
                    .badRequest,
                    "'label' is \(Diagnostic.quote(text ?? "")) and must be KEY=VALUE, or several with commas between "
                        + "them")
            }
            labels[parts[0]] = parts[1]
        }
        return labels
    }

    /// The first of those that it asks for.
    ///
    /// - Parameter claims: in the order of their ids.
    func page(of claims: [Claim]) -> ClaimList {
        var found = Array(claims.lazy.filter(matches).prefix(limit + 1)).map(ClaimDocument.init)
        let hasMore = found.count > limit
        if hasMore { found.removeLast() }
        return ClaimList(items: found, next: hasMore ? found.last?.id : nil)
    }

    private func matches(_ claim: Claim) -> Bool {
        (pool ?? claim.pool.name) == claim.pool.name && (holder ?? claim.holder) == claim.holder
            && (phases?.contains(claim.phase) ?? true) && (after.map { claim.id > $0 } ?? true)
            && labels.allSatisfy { claim.labels[$0.key] == $0.value }
    }
}
