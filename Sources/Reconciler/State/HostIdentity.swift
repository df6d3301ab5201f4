package import Specs

/// Who this host is: the name and labels that its own configuration declares.
///
/// A name and labels, never Docker's engine id: cloned machines share that.
package struct HostIdentity: Hashable, Sendable {
    package var name: String
    package var labels: [String: String]

    package init(name: String, labels: [String: String] = [:]) {
        self.name = name
        self.labels = labels
    }
}

/// One place in a Workload or WarmPool that a container fills: `Workload/web/3`.
package struct MemberID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package var object: ResourceID
    /// Counts from 0.
    package var slot: Int

    package init(_ object: ResourceID, _ slot: Int) {
        self.object = object
        self.slot = slot
    }

    package var description: String { "\(object)/\(slot)" }

    /// The inverse of `description`; nil for anything that is not `Kind/name/slot` of a known kind.
    package init?(_ text: some StringProtocol) {
        guard let separator = text.lastIndex(of: "/"), let object = ResourceID(text[..<separator]),
            let slot = Int(text[text.index(after: separator)...]), slot >= 0
        else { return nil }
        self.init(object, slot)
    }

    package static func < (a: Self, b: Self) -> Bool { (a.object, a.slot) < (b.object, b.slot) }
}

/// What the work queue holds: an object decides which slots exist, a member is one slot with a turn of its own.
package enum Key: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    /// The packet filter of the host, whose rules are of all objects.
    case firewall
    case object(ResourceID)
    case member(MemberID)

    /// nil for everything but a member.
    var member: MemberID? {
        if case .member(let member) = self { member } else { nil }
    }

    /// nil for what is of the whole host.
    package var object: ResourceID? {
        switch self {
        case .firewall: nil
        case .object(let id): id
        case .member(let member): member.object
        }
    }

    package var description: String {
        switch self {
        case .firewall: Self.firewallText
        case .object(let id): id.description
        case .member(let member): member.description
        }
    }

    /// The inverse of `description`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        if text == Self.firewallText {
            self = .firewall
        } else if let id = ResourceID(text) {
            self = .object(id)
        } else if let member = MemberID(text) {
            self = .member(member)
        } else {
            return nil
        }
    }

    private static let firewallText = "Firewall"

    /// What is of the whole host, then objects; an object before its members, members by slot.
    package static func < (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (_, .firewall): false
        case (.firewall, _): true
        case (.member(let a), .member(let b)): a < b
        case (.object(let a), .object(let b)): a < b
        case (.object(let a), .member(let b)): a <= b.object
        case (.member(let a), .object(let b)): a.object < b
        }
    }
}
