/// What a record holds or a question asks for, by IANA's number.
package struct RecordType: Hashable, Sendable, RawRepresentable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let a = RecordType(rawValue: 1)
    package static let ns = RecordType(rawValue: 2)
    package static let cname = RecordType(rawValue: 5)
    package static let soa = RecordType(rawValue: 6)
    package static let ptr = RecordType(rawValue: 12)
    package static let mx = RecordType(rawValue: 15)
    package static let txt = RecordType(rawValue: 16)
    package static let aaaa = RecordType(rawValue: 28)
    package static let srv = RecordType(rawValue: 33)
    package static let opt = RecordType(rawValue: 41)
    package static let svcb = RecordType(rawValue: 64)
    package static let https = RecordType(rawValue: 65)
    package static let caa = RecordType(rawValue: 257)

    /// Questions that are no types of records: transfers of zones (251, 252), mail (253, 254) and ANY (255).
    var isMeta: Bool { (249...255).contains(rawValue) || self == .opt || rawValue == 0 }

    /// Whether an answer leads to addresses that a container may then reach.
    var holdsAddresses: Bool { self == .a || self == .aaaa }

    /// The types whose answers can be read and written again; everything else is answered with nothing.
    ///
    /// `HTTPS` and `SVCB` are left out on purpose: they carry addresses of their own, and keys for hiding names.
    package static let passable: Set<RecordType> = [.a, .aaaa, .cname, .ns, .soa, .ptr, .mx, .txt, .srv, .caa]
}

/// How a message answers (RFC 1035, section 4.1.1; `badVersion` is RFC 6891's, which needs the bits of EDNS).
package enum ResponseCode: UInt16, Hashable, Sendable {
    case noError = 0
    case formatError = 1
    case serverFailure = 2
    case nameError = 3
    case notImplemented = 4
    case refused = 5
    case badVersion = 16
}

/// One question of class IN.
package struct Question: Hashable, Sendable {
    package var name: DomainName
    package var type: RecordType

    package init(_ name: DomainName, _ type: RecordType) {
        self.name = name
        self.type = type
    }
}
