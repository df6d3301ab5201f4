package import NameFilter
import Reconciler

/// The kernel's timed sets of whichever backend this host's packet filter has.
package actor FirewallAddressSets: AddressSets {
    private let firewall: FirewallDriver
    private let nftables: NetlinkAddressSets
    private let iptables: IPSetAddressSets

    /// - Parameter table: of the family `inet`.
    package init(_ firewall: FirewallDriver, table: String, setName: @escaping NetlinkAddressSets.SetName) {
        self.firewall = firewall
        nftables = NetlinkAddressSets(table: table, setName: setName)
        iptables = IPSetAddressSets(firewall.command, setName: setName)
    }

    package func add(_ grants: [AddressGrant]) async throws(AddressSetsError) {
        if await firewall.usesNFTables { try await nftables.add(grants) } else { try await iptables.add(grants) }
    }

    package func remove(_ grants: [AddressGrant]) async throws(AddressSetsError) {
        if await firewall.usesNFTables { try await nftables.remove(grants) } else { try await iptables.remove(grants) }
    }
}
