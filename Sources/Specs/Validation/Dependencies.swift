/// Objects may wait for others, but never for themselves, however many are between.
struct Dependencies {
    private let objects: [ResourceID: PlacedObject]
    private var finished: Set<ResourceID> = []
    private var diagnostics: [Diagnostic] = []

    static func validate(_ placed: [PlacedObject], _ references: References) -> [Diagnostic] {
        let waiting = placed.filter { !$0.placement.dependsOn.isEmpty }
        var state = Dependencies(waiting)
        for object in waiting {
            for dependency in object.placement.dependsOn {
                let place = object.position(of: "spec.dependsOn")
                if let dangling = references.check(dependency, at: place) { state.diagnostics.append(dangling) }
            }
            state.follow(object.id)
        }
        return state.diagnostics
    }

    private init(_ placed: [PlacedObject]) { objects = Dictionary(placed.map { ($0.id, $0) }) { first, _ in first } }

    /// Walks depth first with a stack of its own: a chain may be as long as there are objects.
    private mutating func follow(_ start: ResourceID) {
        var path: [(id: ResourceID, next: Int)] = [(start, 0)]
        var onPath: Set<ResourceID> = [start]
        while let (id, next) = path.last {
            guard !finished.contains(id), let object = objects[id], next < object.placement.dependsOn.count else {
                finished.insert(id)
                onPath.remove(id)
                path.removeLast()
                continue
            }
            path[path.count - 1].next += 1
            let dependency = object.placement.dependsOn[next]
            if onPath.insert(dependency).inserted {
                path.append((dependency, 0))
            } else {
                report(cycle: path.map(\.id).drop { $0 != dependency } + [dependency])
            }
        }
    }

    private mutating func report(cycle: [ResourceID]) {
        guard let first = cycle.first, let object = objects[first] else { return }
        let shown = cycle.count > 12 ? Array(cycle.prefix(11)) + [first] : cycle
        let message = "\(first) waits for itself: \(shown.map(\.description).joined(separator: " -> "))"
        let others = shown.dropFirst().dropLast().compactMap { objects[$0] }
        let related = others.map { Diagnostic.Related($0.position(of: "spec.dependsOn"), "\($0.id) waits here") }
        let place = object.position(of: "spec.dependsOn")
        diagnostics.append(Diagnostic(.circularDependency, at: place, message, related: related))
    }
}
