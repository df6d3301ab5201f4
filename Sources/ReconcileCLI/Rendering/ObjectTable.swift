import Reconciler
import Specs

/// Objects as a table, one a line.
enum ObjectTable {
    static func text(_ objects: [HostStatus.ObjectStatus]) -> String {
        Table.lines([header] + objects.map(row)).joined(separator: "\n")
    }

    static let header = ["OBJECT", "DESIRED", "PRESENT", "READY", "STATUS"]

    static func row(_ object: HostStatus.ObjectStatus) -> [String] {
        [
            object.id.description, String(object.desired), String(object.present), String(object.ready),
            condition(of: object),
        ]
    }

    private static func condition(of object: HostStatus.ObjectStatus) -> String {
        guard let ready = object.conditions.first(where: { $0.type == .ready }) else { return "Unknown" }
        return ready.status ? "Ready" : "\(ready.reason): \(ready.message)"
    }
}
