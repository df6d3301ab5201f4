import Reconciler
import Specs
import Testing

struct OwnershipMarkTests {
    private static let web = ResourceID(.workload, "web")
    private static let member = OwnershipMark(
        owner: "default", object: web, member: .init(slot: 3, incarnation: 7, recreateHash: "v1;image=0"))

    @Test("labels read back as they were written", arguments: [member, OwnershipMark(owner: "x", object: web)])
    func roundTrip(mark: OwnershipMark) {
        #expect(OwnershipMark(labels: mark.labels) == mark)
    }

    @Test(
        "without owner or object nothing is ours",
        arguments: ["dev.reconcile.owner", "dev.reconcile.object"])
    func incomplete(label: String) {
        var labels = Self.member.labels
        labels[label] = nil
        #expect(OwnershipMark(labels: labels) == nil)
    }

    @Test(
        "an object that is none makes it foreign",
        arguments: ["", "web", "Workload/", "/web", "Gadget/web", "Workload/a/b"])
    func forgedObject(text: String) {
        var labels = Self.member.labels
        labels["dev.reconcile.object"] = text
        #expect(OwnershipMark(labels: labels) == nil)
    }

    @Test(
        "a slot, incarnation or hash that is absent or makes no sense leaves no member",
        arguments: [
            ("dev.reconcile.slot", nil), ("dev.reconcile.slot", "-1"), ("dev.reconcile.slot", "one"),
            ("dev.reconcile.slot", "99999999999999999999"), ("dev.reconcile.incarnation", nil),
            ("dev.reconcile.incarnation", "0"), ("dev.reconcile.incarnation", "1.5"),
            ("dev.reconcile.recreate-hash", nil),
        ] as [(String, String?)])
    func forgedMember(label: String, value: String?) {
        var labels = Self.member.labels
        labels[label] = value
        #expect(OwnershipMark(labels: labels)?.member == nil)
    }

    @Test("labels of others on the same container do not matter")
    func otherLabels() {
        #expect(OwnershipMark(labels: Self.member.labels.merging(["a": "b"]) { a, _ in a }) == Self.member)
    }
}
