package import Specs

/// An answer of an upstream resolver, reduced to what answers the question: a chain of aliases without a loop, and the
/// records at its end.
package struct VettedAnswer: Hashable, Sendable {
    package struct Address: Hashable, Sendable {
        package var address: IPAddress
        /// The class of the blocked range that it is in.
        package var blocked: BlockedRange.Class?

        /// An IPv4 address in IPv6's clothes has no business in an AAAA record, whatever it is.
        init(_ address: IPAddress) {
            self.address = address
            blocked =
                BlockedRanges.containing(address)?.class ?? (address.unmapped == address ? nil : .translation)
        }
    }

    /// `noError` or `nameError`.
    package var code: ResponseCode
    /// The targets of the aliases, one after the other, from the name that was asked for.
    package var chain: [DomainName] = []
    package var addresses: [Address] = []
    /// The contents of records without addresses.
    package var others: [[UInt8]] = []
    /// The smallest of all records, in seconds; how long a negative answer may be remembered.
    package var ttl: UInt32

    /// Why an answer is not used.
    package enum Flaw: Error, Hashable, Sendable {
        /// The aliases lead back to one of them.
        case aliasLoop
        /// There are more aliases than the limit.
        case longChain
    }

    /// Follows the aliases from the question's name and takes what is at the end.
    ///
    /// Records that do not belong to the chain are left out, and those beyond the limit: of 1,000 addresses a client
    /// connects to the first that answers.
    package init(
        _ message: UpstreamMessage, to question: Question, code: ResponseCode, limits: FilterLimits
    ) throws(Flaw) {
        self.code = code
        ttl = .max
        let end = try follow(message.answers, from: question.name, question.type, most: limits.aliases)
        for record in message.answers where record.name == end && record.type == question.type {
            guard addresses.count + others.count < limits.recordsPerAnswer else { break }
            take(record)
        }
        if isEmpty { ttl = message.authorities.compactMap(\.negativeTTL).min() ?? 0 }
    }

    /// Whether the name has nothing of the type that was asked for.
    package var isEmpty: Bool {
        addresses.isEmpty && others.isEmpty
    }

    /// The name at the end of the aliases.
    private mutating func follow(
        _ records: [UpstreamMessage.Record], from name: DomainName, _ type: RecordType, most: Int
    ) throws(Flaw) -> DomainName {
        // A question for an alias is answered with the alias itself.
        if type == .cname {
            if case .alias(let target)? = records.first(where: { $0.name == name && $0.type == .cname })?.content {
                others = [Array(target.wire)]
                ttl = records.first { $0.name == name }?.ttl ?? 0
            }
            return name
        }
        var aliases: [DomainName: (target: DomainName, ttl: UInt32)] = [:]
        for record in records {
            guard case .alias(let target) = record.content, aliases[record.name] == nil else { continue }
            aliases[record.name] = (target, record.ttl)
        }
        var end = name
        while let (target, seconds) = aliases[end] {
            guard target != name, !chain.contains(target) else { throw .aliasLoop }
            guard chain.count < most else { throw .longChain }
            chain.append(target)
            ttl = min(ttl, seconds)
            end = target
        }
        return end
    }

    private mutating func take(_ record: UpstreamMessage.Record) {
        switch record.content {
        case .address(let address):
            let vetted = Address(address)
            guard !addresses.contains(vetted) else { return }
            addresses.append(vetted)
        case .bytes(let bytes):
            guard !others.contains(bytes) else { return }
            others.append(bytes)
        case .alias, .authority: return
        }
        ttl = min(ttl, record.ttl)
    }
}

extension UpstreamMessage.Record {
    /// How long the authority lets its answers that something does not exist be remembered (RFC 2308, section 5).
    fileprivate var negativeTTL: UInt32? {
        guard case .authority(let seconds) = content else { return nil }
        return min(seconds, ttl)
    }
}
