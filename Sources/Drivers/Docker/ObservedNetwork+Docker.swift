package import Reconciler

extension ObservedNetwork {
    /// A network as the engine shows it; foreign unless it carries a mark of this owner.
    package init(_ details: NetworkDetails, owner: String) {
        self.init(
            id: details.id, name: details.name, mark: OwnershipMark(labels: details.labels, owner: owner),
            bridge: Self.bridge(of: details),
            subnets: (details.addressManagement?.ranges ?? []).compactMap(\.subnet).filter { !$0.contains(":") })
    }

    /// The name that was asked for, or the one that Docker derives from the id.
    private static func bridge(of details: NetworkDetails) -> String? {
        if let name = details.options?[NetworkCreation.bridgeOption], !name.isEmpty { return name }
        return details.driver == "bridge" ? "br-" + details.id.prefix(12) : nil
    }
}

extension ObservedVolume {
    package init(_ details: VolumeDetails, owner: String) {
        self.init(name: details.name, mark: OwnershipMark(labels: details.labels, owner: owner))
    }
}

extension OwnershipMark {
    /// The mark of a network or volume, which belongs to a whole object; nil when it is another owner's or nobody's.
    fileprivate init?(labels: [String: String]?, owner: String) {
        guard let labels, let mark = OwnershipMark(labels: labels), mark.owner == owner, mark.member == nil else {
            return nil
        }
        self = mark
    }
}
