package import Specs

/// Our mark on a container, network or volume: Docker labels that say whose it is and what it is for.
///
/// Only what carries the mark of this owner is ever changed. Labels cannot change after creation, so the mark holds
/// only what cannot change either; fields that Docker updates in place are compared by value instead.
package struct OwnershipMark: Hashable, Sendable {
    /// The configuration that owns it: `default` unless set; the same for daemon, `--once` and dry-run.
    package var owner: String
    package var object: ResourceID
    /// nil on networks and volumes, which belong to the whole object.
    package var member: Member?

    package struct Member: Hashable, Sendable {
        package var slot: Int
        /// One more than the highest seen for that slot; part of the container's name.
        package var incarnation: Int
        /// Of the fields that cannot change in place, as `RecreateHash` writes it.
        package var recreateHash: String

        package init(slot: Int, incarnation: Int, recreateHash: String) {
            self.slot = slot
            self.incarnation = incarnation
            self.recreateHash = recreateHash
        }
    }

    package init(owner: String, object: ResourceID, member: Member? = nil) {
        self.owner = owner
        self.object = object
        self.member = member
    }

    package var memberID: MemberID? { member.map { MemberID(object, $0.slot) } }

    private enum Label {
        static let owner = "dev.reconcile.owner"
        static let object = "dev.reconcile.object"
        static let slot = "dev.reconcile.slot"
        static let incarnation = "dev.reconcile.incarnation"
        static let recreateHash = "dev.reconcile.recreate-hash"
    }

    /// The label filter that lists what anyone of us owns.
    package static let filterLabel = Label.owner

    /// The label filter that lists what is of this object, whoever owns it.
    package static func filterLabel(of object: ResourceID) -> String { "\(Label.object)=\(object)" }

    /// The label filter that lists what this owner has.
    package static func filterLabel(ofOwner owner: String) -> String { "\(Label.owner)=\(owner)" }

    /// The mark as Docker labels.
    package var labels: [String: String] {
        var labels = [Label.owner: owner, Label.object: object.description]
        if let member {
            labels[Label.slot] = String(member.slot)
            labels[Label.incarnation] = String(member.incarnation)
            labels[Label.recreateHash] = member.recreateHash
        }
        return labels
    }

    /// Reads the mark back; nil when it is absent or incomplete, which makes the thing foreign.
    package init?(labels: [String: String]) {
        guard let owner = labels[Label.owner], let object = labels[Label.object].flatMap({ ResourceID($0) }) else {
            return nil
        }
        self.init(owner: owner, object: object)
        guard let slot = labels[Label.slot].flatMap({ Int($0) }), slot >= 0,
            let incarnation = labels[Label.incarnation].flatMap({ Int($0) }), incarnation > 0,
            let hash = labels[Label.recreateHash]
        else { return }
        member = Member(slot: slot, incarnation: incarnation, recreateHash: hash)
    }
}
