/// Knows what is declared, and says what a reference that leads nowhere probably meant.
struct References {
    /// One kind's names, and how they are listed in hints: made when the first finding asks, and once, as there may be as
    /// many findings as objects.
    private final class Names {
        let known: Set<String>
        private(set) lazy var sorted = known.sorted()
        private(set) lazy var choices =
            "declared: " + Diagnostic.list(sorted.map { "'\($0)'" }, word: "and", limit: 8)

        init(_ known: Set<String>) { self.known = known }
    }

    private let names: [ResourceKind: Names]
    /// Whether the names are all there are; with documents that could not be read, what is missing may be in one.
    let isComplete: Bool

    init(_ objects: DeclaredObjects) {
        isComplete = objects.isComplete
        names = Dictionary(grouping: objects.identities.lazy.map(\.id), by: \.kind).mapValues {
            Names(Set($0.map(\.name)))
        }
    }

    /// The names of a kind, including those of objects with errors of their own.
    func names(of kind: ResourceKind) -> [String] { names[kind]?.sorted ?? [] }

    /// How the names of a kind are listed in hints.
    func choices(of kind: ResourceKind) -> String { names[kind]?.choices ?? "declare a \(kind.rawValue)" }

    /// nil if the object is declared, or may be.
    func check(_ id: ResourceID, at place: @autoclosure () -> SourcePosition) -> Diagnostic? {
        if !isComplete || names[id.kind]?.known.contains(id.name) == true { return nil }
        let message = "\(id.kind.rawValue) \(Diagnostic.quote(id.name)) is not declared"
        let hint = NearestName.hint(for: id.name, among: names(of: id.kind)) ?? choices(of: id.kind)
        return Diagnostic(.danglingReference, at: place(), message, hint: hint)
    }
}
