/// Addresses that egress does not reach unless a rule insists, or never.
///
/// The ranges are those of IANA's special-purpose registries (RFC 6890 and what updates it), the classes are ours.
package struct BlockedRange: Hashable, Sendable {
    package enum Class: String, CaseIterable, Hashable, Sendable {
        /// Services of a cloud that hand out credentials to whoever asks.
        case metadata
        /// Neighbours on the wire, which no router separates.
        case linkLocal
        /// The host itself.
        case loopback
        /// No hosts at all: unspecified, multicast, broadcast, reserved, documentation.
        case notUnicast
        /// IPv4 addresses inside IPv6 ones, which a gateway would unwrap behind the firewall's back.
        case translation
        /// Networks of an organisation, and what providers share.
        case `private`

        /// Whether `allowPrivate: true` opens it; the others stay shut.
        package var yieldsToAllowPrivate: Bool { self == .private }
    }

    package var range: CIDR
    package var `class`: Class
    /// What it is for, as messages name it.
    package var name: String
    /// Where that is written.
    package var source: String
}

package enum BlockedRanges {
    /// More specific ranges come first, so that the first hit says most.
    package static let all: [BlockedRange] = metadata + linkLocal + loopback + privateUse + translation + notUnicast

    package static let metadata = table(
        .metadata,
        [
            (
                "169.254.169.254/32", "metadata service of AWS, GCP, Azure and others",
                "AWS, GCP and Azure documentation"
            ),
            ("169.254.170.2/32", "credentials of ECS tasks", "AWS documentation"),
            ("169.254.170.23/32", "credentials of EKS pods", "AWS documentation"),
            ("fd00:ec2::254/128", "metadata service of AWS", "AWS documentation"),
            ("fd00:ec2::23/128", "credentials of EKS pods", "AWS documentation"),
            ("fd20:ce::254/128", "metadata service of GCP", "GCP documentation"),
            ("168.63.129.16/32", "virtual public address of Azure", "Azure documentation"),
            ("100.100.100.200/32", "metadata service of Alibaba Cloud", "Alibaba Cloud documentation"),
            ("192.0.0.192/32", "metadata service of Oracle Cloud, classic", "Oracle documentation"),
        ])

    package static let linkLocal = table(
        .linkLocal,
        [
            ("169.254.0.0/16", "link-local", "RFC 3927"), ("fe80::/10", "link-local", "RFC 4291"),
        ])

    package static let loopback = table(
        .loopback,
        [
            ("127.0.0.0/8", "loopback", "RFC 1122"), ("::1/128", "loopback", "RFC 4291"),
        ])

    package static let privateUse = table(
        .private,
        [
            ("10.0.0.0/8", "private use", "RFC 1918"), ("172.16.0.0/12", "private use", "RFC 1918"),
            ("192.168.0.0/16", "private use", "RFC 1918"),
            ("100.64.0.0/10", "shared address space of providers", "RFC 6598"),
            ("198.18.0.0/15", "benchmarking", "RFC 2544"), ("fc00::/7", "unique local", "RFC 4193"),
            ("fec0::/10", "site-local, deprecated", "RFC 3879"),
        ])

    package static let translation = table(
        .translation,
        [
            ("64:ff9b::/96", "IPv4 addresses translated by NAT64", "RFC 6052"),
            ("64:ff9b:1::/48", "IPv4 addresses translated by a local NAT64", "RFC 8215"),
            ("2001::/32", "Teredo", "RFC 4380"), ("2002::/16", "6to4", "RFC 3056"),
            ("192.88.99.0/24", "6to4 relays, deprecated", "RFC 7526"),
        ])

    package static let notUnicast = table(
        .notUnicast,
        [
            ("0.0.0.0/8", "this network", "RFC 791"), ("::/128", "unspecified", "RFC 4291"),
            ("192.0.0.0/24", "protocol assignments", "RFC 6890"), ("192.0.2.0/24", "documentation", "RFC 5737"),
            ("198.51.100.0/24", "documentation", "RFC 5737"), ("203.0.113.0/24", "documentation", "RFC 5737"),
            ("224.0.0.0/4", "multicast", "RFC 5771"), ("255.255.255.255/32", "broadcast", "RFC 919"),
            ("240.0.0.0/4", "reserved", "RFC 1112"), ("100::/64", "discard", "RFC 6666"),
            ("2001:db8::/32", "documentation", "RFC 3849"), ("3fff::/20", "documentation", "RFC 9637"),
            ("ff00::/8", "multicast", "RFC 4291"), ("::/96", "IPv4-compatible, deprecated", "RFC 4291"),
        ])

    /// The blocked ranges that share an address with `range`; a rule over them reaches what is left.
    package static func overlap(_ range: CIDR) -> [BlockedRange] { all.filter { $0.range.overlaps(range) } }

    /// The first blocked range that holds the whole of `range`: a rule for it reaches nothing, or insists.
    package static func containing(_ range: CIDR) -> BlockedRange? { all.first { $0.range.contains(range) } }

    /// The first blocked range that holds an address.
    package static func containing(_ address: IPAddress) -> BlockedRange? { all.first { $0.range.contains(address) } }

    private static func table(
        _ class: BlockedRange.Class, _ rows: [(range: String, name: String, source: String)]
    ) -> [BlockedRange] {
        rows.map { row in
            do throws(InvalidText) {
                return BlockedRange(
                    range: try CIDR.parse(row.range), class: `class`, name: row.name, source: row.source)
            } catch {
                preconditionFailure("\(row.range) is no range: \(error)")
            }
        }
    }
}
