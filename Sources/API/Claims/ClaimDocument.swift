package import Reconciler
package import Specs

/// A claim as the API shows it: whose it is, what they have, and how long. Nothing of what it brought along but names.
package struct ClaimDocument: Codable, Hashable, Sendable {
    package struct Container: Codable, Hashable, Sendable {
        package var id: String
        package var name: String
    }

    package struct Limits: Codable, Hashable, Sendable {
        package var cpus: String?
        package var memory: String?
        package var pids: Int64?

        package init(cpus: String? = nil, memory: String? = nil, pids: Int64? = nil) {
            self.cpus = cpus
            self.memory = memory
            self.pids = pids
        }
    }

    package var id: String
    /// The name of the WarmPool.
    package var pool: String
    package var holder: String
    package var labels: [String: String]
    package var phase: Claim.Phase
    /// Why it is over, or why it waits for another container: `container_lost`, `expired`, `released`.
    package var reason: String?
    /// For a person.
    package var message: String?
    /// nil while it has none.
    package var container: Container?
    /// On the pool's network.
    package var address: String?
    package var ports: [String]
    package var source: Claim.Source
    /// From the request to the answer.
    package var durationMs: Double
    /// How often it got another container in place of a lost one.
    package var recoveries: Int
    /// In Go's spelling: how long it lasts from each renewal.
    package var ttl: String
    package var created: Instant
    package var expires: Instant
    /// When it ends whatever is renewed.
    package var notAfter: Instant?
    package var idempotencyKey: String?
    package var limits: Limits?
    /// Names alone.
    package var env: [String]
    package var files: [String]

    package init(_ claim: Claim) {
        id = claim.id.description
        pool = claim.pool.name
        holder = claim.holder
        labels = claim.labels
        phase = claim.phase
        reason = claim.ending?.rawValue ?? (claim.phase == .recovering ? Claim.Ending.containerLost.rawValue : nil)
        message = claim.message.isEmpty ? nil : claim.message
        container = claim.container.map { Container(id: $0.id, name: $0.name) }
        address = claim.container?.address
        ports = claim.container?.ports ?? []
        source = claim.source
        durationMs = Double(claim.durationMicroseconds) / 1_000
        recoveries = claim.recoveries
        ttl = claim.ttl.goText
        created = claim.created
        expires = claim.expires
        notAfter = claim.notAfter
        idempotencyKey = claim.idempotencyKey
        limits = claim.limits.map(Limits.init)
        env = claim.environment
        files = claim.files
    }
}

extension ClaimDocument.Limits {
    fileprivate init(_ limits: ClaimLimits) {
        cpus = limits.nanoCPUs.map { CPUQuantity(nanoCPUs: $0).description }
        memory = limits.memory.map { ByteQuantity(bytes: $0).description }
        pids = limits.pids
    }
}

/// `GET /v1/claims`, in the order of their ids.
package struct ClaimList: Codable, Hashable, Sendable {
    package var items: [ClaimDocument]
    /// What to ask for as `after` to have the rest; nil when this is all.
    package var next: String?
}

/// `GET /v1/pools`, in the order of their names.
package struct PoolList: Codable, Hashable, Sendable {
    package var items: [PoolStatus]
}
