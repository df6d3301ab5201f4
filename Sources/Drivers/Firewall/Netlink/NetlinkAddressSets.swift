import Glibc
package import NameFilter
package import Specs

/// The kernel's timed sets, filled without starting a program: a transaction takes tens of microseconds, where `nft` takes
/// ten milliseconds.
package actor NetlinkAddressSets: AddressSets {
    /// The set for some ports of a bridge, for one version of the protocol; nil if there is none.
    package typealias SetName = @Sendable (_ bridge: String, _ ports: [PortRange], _ isV6: Bool) -> String?

    private let table: String
    private let setName: SetName
    private let open: @Sendable () throws(NetlinkSocket.Refusal) -> NetlinkSocket
    private var socket: NetlinkSocket?
    private var sequence: UInt32 = 1
    /// Transactions so far.
    package private(set) var transactions = 0

    /// - Parameters:
    ///   - table: of the family `inet`.
    ///   - open: makes the socket; tests make it in a namespace of their own.
    package init(
        table: String,
        open: @escaping @Sendable () throws(NetlinkSocket.Refusal) -> NetlinkSocket = {
            () throws(NetlinkSocket.Refusal) in
            try NetlinkSocket()
        },
        setName: @escaping SetName
    ) {
        self.table = table
        self.open = open
        self.setName = setName
    }

    package func add(_ grants: [AddressGrant]) async throws(AddressSetsError) {
        try carryOut(try elements(grants), isRemoval: false)
    }

    /// A bridge without sets has nothing to take out.
    package func remove(_ grants: [AddressGrant]) async throws(AddressSetsError) {
        let known = grants.filter { setName($0.bridge, $0.ports, $0.address.width == 128) != nil }
        try carryOut(try elements(known), isRemoval: true)
    }

    private func elements(_ grants: [AddressGrant]) throws(AddressSetsError) -> [SetElementBatch.Element] {
        var elements: [SetElementBatch.Element] = []
        for grant in grants {
            guard let set = setName(grant.bridge, grant.ports, grant.address.width == 128) else {
                throw AddressSetsError(.absent, "no set for names of bridge '\(grant.bridge)'")
            }
            elements.append(.init(set: set, address: grant.address, lifetime: grant.lifetime))
        }
        return elements
    }

    private func carryOut(_ elements: [SetElementBatch.Element], isRemoval: Bool) throws(AddressSetsError) {
        guard !elements.isEmpty else { return }
        let batch = SetElementBatch(elements, table: table, isRemoval: isRemoval, sequence: sequence)
        sequence = batch.next
        transactions += 1
        do throws(NetlinkSocket.Refusal) {
            let socket = if let socket { socket } else { try open() }
            self.socket = socket
            try socket.carryOut(batch)
        } catch {
            // Answers that nobody took may still be in it.
            socket = nil
            throw AddressSetsError(error)
        }
    }
}

extension AddressSetsError {
    fileprivate init(_ refusal: NetlinkSocket.Refusal) {
        switch refusal.number {
        // How the kernel says that a set is full.
        case ENFILE: self.init(.full, "a set has no room for more addresses")
        case ENOENT: self.init(.absent, "the table or a set of it is not there")
        default: self.init(.failed, "the packet filter refused: \(refusal)")
        }
    }
}
