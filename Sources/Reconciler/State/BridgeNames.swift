package import Specs

/// Names of bridges are digests, so that they fit: two objects could come to the same one.
package enum BridgeNames {
    /// Objects whose bridge is that of an object before them in the order of identities, with that object.
    package static func taken(_ names: [ResourceID: String]) -> [ResourceID: ResourceID] {
        var holders: [String: ResourceID] = [:]
        var taken: [ResourceID: ResourceID] = [:]
        for (id, name) in names.sorted(by: { $0.key < $1.key }) {
            if let holder = holders[name] { taken[id] = holder } else { holders[name] = id }
        }
        return taken
    }
}
