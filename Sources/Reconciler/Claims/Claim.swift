package import Specs

/// Names one claim on this host: `c-` and 16 hexadecimal digits.
package struct ClaimID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package var description: String

    /// nil for anything but `c-` and 16 lower-case hexadecimal digits.
    package init?(_ text: some StringProtocol) {
        let digits = text.dropFirst(2)
        guard text.hasPrefix("c-"), digits.utf8.count == 16,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        description = String(text)
    }

    package init(number: UInt64) {
        let digits = String(number, radix: 16)
        description = "c-" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ClaimID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no claim's id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}

/// One container of a WarmPool that somebody has for a while, as it is written down before it is answered.
///
///     binding --> bound <--> recovering        (its container was lost, and `onLost: replace`)
///        |          |            |
///        |      releasing        |              (the hook `beforeRelease` runs)
///        v          v            v
///     ended (released, expired, lost, failed, evicted, cancelled)
///
/// What was handed out is never handed out again: at the end of a claim its container is removed.
package struct Claim: Hashable, Codable, Sendable {
    package enum Phase: String, CaseIterable, Hashable, Codable, Sendable {
        /// A member is set aside, and being made ready for its holder; not answered yet.
        case binding
        case bound
        /// Its container was lost, and it waits for another.
        case recovering
        /// Over for its holder; the hook `beforeRelease` runs before the container goes.
        case releasing
        case ended
    }

    /// Why a claim is over.
    package enum Ending: String, CaseIterable, Hashable, Codable, Sendable {
        /// Its holder gave it back.
        case released
        /// It was not renewed in time.
        case expired
        /// It had lasted as long as the pool lets any claim last.
        case maximumAge = "maximum_age"
        /// Its container died or failed its health check.
        case containerLost = "container_lost"
        /// The member could not be made ready for it: a hook failed, or its files could not be written.
        case failed
        /// Its host, or its pool, was drained, and the deadline was over.
        case evicted
        /// Nobody waits for the answer any more: the caller went away, or the program ended before it.
        case cancelled
    }

    package enum Source: String, CaseIterable, Hashable, Codable, Sendable {
        /// The member was ready before it was asked for.
        case warm
        /// It was started because of the claim.
        case cold
    }

    /// Which container it has.
    package struct Container: Hashable, Codable, Sendable {
        package var instance: MemberInstance
        package var id: String
        package var name: String
        /// Its address on the pool's network; nil where the engine names none.
        package var address: String?
        /// The ports of the template, in Docker's spelling: `8080/tcp`.
        package var ports: [String]

        package init(instance: MemberInstance, id: String, name: String, address: String? = nil, ports: [String] = []) {
            self.instance = instance
            self.id = id
            self.name = name
            self.address = address
            self.ports = ports
        }
    }

    package var id: ClaimID
    /// Always a WarmPool.
    package var pool: ResourceID
    /// Who has it, in the words of the caller.
    package var holder: String
    /// Such as `conversation_id` and `tenant_id`.
    package var labels: [String: String]
    /// The caller's own name for its request: asked again with the same key, the same claim is the answer.
    package var idempotencyKey: String?
    /// Of what was asked for: the same key with another request is refused.
    package var requestDigest: String

    package var phase: Phase
    package var ending: Ending?
    /// Why it ended or waits, for a person.
    package var message: String
    /// nil while it has none.
    package var container: Container?
    /// The container that was lost, until another has taken over what it brought along.
    package var predecessor: Container?
    package var source: Source
    /// How often it got another container in place of a lost one.
    package var recoveries: Int

    /// How long it lasts from each renewal.
    package var ttl: Duration
    /// When it was asked for.
    package var created: Instant
    /// When it ends unless it is renewed. Within one run of the program the time since the start counts, so that a wall
    /// clock that is set ends no claim.
    package var expires: Instant
    /// When it ends whatever is renewed; nil for never.
    package var notAfter: Instant?
    /// From the request to the answer, in microseconds.
    package var durationMicroseconds: Int64
    /// Limits below those of the pool's template; nil where it has those.
    package var limits: ClaimLimits?
    /// Names of the variables and files that came with it; never what is in them.
    package var environment: [String]
    package var files: [String]

    package init(
        id: ClaimID, request: ClaimRequest, phase: Phase, container: Container?, source: Source, ttl: Duration,
        created: Instant, expires: Instant, notAfter: Instant?
    ) {
        self.id = id
        pool = request.pool
        holder = request.holder
        labels = request.labels
        idempotencyKey = request.idempotencyKey
        requestDigest = request.digest
        self.phase = phase
        message = ""
        self.container = container
        self.source = source
        recoveries = 0
        self.ttl = ttl
        self.created = created
        self.expires = expires
        self.notAfter = notAfter
        durationMicroseconds = 0
        limits = request.limits
        environment = request.environment.keys.sorted()
        files = request.files.map(\.name).sorted()
    }

    /// Whether somebody has it, or is about to.
    package var isOpen: Bool { phase != .ended }

    /// Who has the member, for plans.
    /// Who it is, a snapshot does not say.
    var holderWords: String { holder.isEmpty ? id.description : "\(id) of '\(holder)'" }
}

/// Limits of one claimed member: each at most the template's, and changed without a restart.
package struct ClaimLimits: Hashable, Codable, Sendable {
    package var nanoCPUs: Int64?
    /// Bytes.
    package var memory: Int64?
    package var pids: Int64?

    package init(nanoCPUs: Int64? = nil, memory: Int64? = nil, pids: Int64? = nil) {
        self.nanoCPUs = nanoCPUs
        self.memory = memory
        self.pids = pids
    }
}
