import Crypto
package import Specs

/// What somebody asks of a pool: one ready container, for whom, for how long, and what it brings along.
package struct ClaimRequest: Hashable, Sendable {
    /// A file that the member finds below `files/` in its claim folder.
    package struct File: Hashable, Sendable {
        /// A plain name, without a slash.
        package var name: String
        package var bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    package var pool: ResourceID
    package var holder: String
    package var labels: [String: String]
    /// nil takes the pool's.
    package var ttl: Duration?
    /// How long it may wait for a member when the pool is empty; zero answers at once.
    package var wait: Duration
    /// Variables, which a running member finds in its claim folder. They may be secrets: never stored, never logged.
    package var environment: [String: String]
    package var files: [File]
    package var limits: ClaimLimits?
    package var idempotencyKey: String?

    /// What all variables and files of one claim may be together, in bytes.
    package static let largestContent = 1 << 20

    package init(
        pool: ResourceID, holder: String, labels: [String: String] = [:], ttl: Duration? = nil, wait: Duration = .zero,
        environment: [String: String] = [:], files: [File] = [], limits: ClaimLimits? = nil,
        idempotencyKey: String? = nil
    ) {
        self.pool = pool
        self.holder = holder
        self.labels = labels
        self.ttl = ttl
        self.wait = wait
        self.environment = environment
        self.files = files
        self.limits = limits
        self.idempotencyKey = idempotencyKey
    }

    /// Of all that is asked for, but for the patience of the caller: a repetition may wait longer. Empty without a key,
    /// since nobody compares it then.
    package var digest: String {
        if idempotencyKey == nil { return "" }
        var parts: [[String]] = [
            [pool.description, holder], [ttl.map { "\($0)" } ?? "", limits.map { "\($0)" } ?? ""],
        ]
        parts += labels.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
        parts += environment.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
        parts += files.sorted { $0.name < $1.name }.map {
            [$0.name, Hexadecimal.text(SHA256.hash(data: $0.bytes).prefix(32))]
        }
        return MeaningDigest.of(parts)
    }
}

extension ClaimRequest {
    /// - Throws: `ClaimRefusal` with `invalid` for what can never be.
    func check(against pool: WarmPool, _ resources: Resources) throws(ClaimRefusal) {
        if holder.isEmpty || holder.utf8.count > 256 {
            throw ClaimRefusal(.invalid, "'holder' must have 1 to 256 bytes")
        }
        if labels.count > 32 || labels.contains(where: { $0.key.isEmpty || ($0.key + $0.value).utf8.count > 512 }) {
            throw ClaimRefusal(.invalid, "'labels' may be 32, each of up to 512 bytes")
        }
        if let ttl, ttl < .seconds(1) || ttl > pool.claim.maxAge ?? Self.longest {
            throw ClaimRefusal(
                .invalid, "'ttl' must be from 1s to \(pool.claim.maxAge ?? Self.longest), not \(ttl)")
        }
        let content =
            environment.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
            + files.reduce(0) { $0 + $1.bytes.count }
        if content > Self.largestContent {
            throw ClaimRefusal(
                .invalid, "'env' and 'files' have \(content) bytes; they may have \(Self.largestContent)")
        }
        try check("cpus", limits?.nanoCPUs, within: resources.cpus?.nanoCPUs)
        try check("memory", limits?.memory, within: resources.memory?.bytes)
        try check("pids", limits?.pids, within: resources.pids)
    }

    /// A month.
    private static let longest = Duration.seconds(30 * 24 * 3600)

    private func check(_ name: String, _ limit: Int64?, within own: Int64?) throws(ClaimRefusal) {
        guard let limit else { return }
        guard limit > 0 else { throw ClaimRefusal(.invalid, "'limits.\(name)' must be above 0") }
        if let own, limit > own {
            throw ClaimRefusal(.invalid, "'limits.\(name)' may be no more than the pool's template has")
        }
    }
}

/// Why nobody gets a claim, or why nothing is done with one.
package struct ClaimRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// It says something that can never be done.
        case invalid
        /// No such pool, or no such claim.
        case notFound
        /// The idempotency key belongs to another request, or the claim is over.
        case conflict
        /// No member is ready, and none was within the time: ask again later.
        case exhausted
        /// A hook failed, or the member could not be made ready for it.
        case failed
        /// It could not be written down, or the host was not seen yet: the same request may succeed later.
        case unavailable
    }

    package var code: Code
    package var message: String
    /// When it is worth asking again, for `exhausted` and `unavailable`.
    package var retryAfter: Duration?

    package init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    package var description: String { message }
}
