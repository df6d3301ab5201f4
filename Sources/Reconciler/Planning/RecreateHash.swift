import Crypto
package import Specs

/// A short hash of every field that cannot change in place, kept on the container as a label.
///
/// Each field has a hash of its own, so that a plan can name the fields that changed without the old specs at hand.
/// Fields that Docker updates in place are left out: their label would go stale with the first update.
/// The version stands in front, and hashes of different versions are never compared: an upgrade of the program that
/// hashes differently must not recreate a single container.
package struct RecreateHash: Hashable, Sendable, CustomStringConvertible {
    package static let currentVersion = "v1"

    package var version: String
    /// Hex digits by field, 48 bits each.
    package var fields: [String: String]

    /// Fields with a default value are left out by `canonicalFields`, so a new field with a default changes no hash.
    package init(_ intent: ContainerIntent) {
        version = Self.currentVersion
        fields = [:]
        for (name, value) in intent.template.canonicalFields() where !Self.isOutsideHash(name) {
            fields[name] = Self.digest(value)
        }
        if !intent.publish.isEmpty {
            let ports = intent.publish.sorted().map { "\($0.hostIP):\($0.hostPort):\($0.container)" }
            fields["publish"] = Self.digest(ports.joined(separator: ","))
        }
        fields["network"] = Self.digest(intent.network)
        if intent.asksNameFilter { fields["nameServer"] = Self.digest("bridge") }
        if let root = intent.claimRoot { fields["claimFolder"] = Self.digest(root) }
        for (name, value) in intent.confinement?.canonicalFields() ?? [] { fields[name] = Self.digest(value) }
    }

    /// Reads a label: `v1;image=0123456789ab;…`.
    package init(label: String) {
        let parts = label.split(separator: ";")
        version = parts.first.map(String.init) ?? ""
        fields = [:]
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { fields[String(pair[0])] = String(pair[1]) }
        }
    }

    package var description: String {
        ([version] + fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: ";")
    }

    /// The fields that differ, sorted; none when the versions differ.
    package func changes(to other: RecreateHash) -> [String] {
        guard version == other.version else { return [] }
        return Set(fields.keys).union(other.fields.keys).filter { fields[$0] != other.fields[$0] }.sorted()
    }

    /// Changed in place, or (the pull policy) no property of the container at all.
    private static func isOutsideHash(_ field: String) -> Bool { fieldsOutside.contains(field) }

    private static let fieldsOutside: Set = [
        "resources.cpus", "resources.memory", "resources.memorySwap", "resources.pids", "resources.memoryReservation",
        "resources.cpuShares", "resources.cpuset", "resources.blockIO.weight", "pullPolicy",
    ]

    private static func digest(_ value: String) -> String {
        Hexadecimal.text(SHA256.hash(data: Array(value.utf8)).prefix(6))
    }

    /// The name of an object's bridge: `rc-` and 10 hex digits, within the kernel's 15 characters.
    package static func bridgeName(owner: String, object: ResourceID) -> String {
        "rc-" + digest("\(owner)/\(object)").prefix(10)
    }
}
