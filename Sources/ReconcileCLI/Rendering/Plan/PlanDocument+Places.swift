import Reconciler
import Specs

extension PlanDocument {
    /// The same with places as a code host knows them: below the folder of the specs, by which it finds the lines of a change.
    func placed(under folder: String) -> PlanDocument {
        let parts = folder.split(separator: "/").filter { $0 != "." }
        if parts.isEmpty { return self }
        let prefix = (folder.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/") + "/"
        var document = self
        func moved(_ position: SourcePosition?) -> SourcePosition? {
            position.map { SourcePosition(file: prefix + $0.file, line: $0.line, column: $0.column) }
        }
        func each<Part>(_ parts: [Part]?, _ place: WritableKeyPath<Part, SourcePosition?>) -> [Part]? {
            parts?.map { part in
                var part = part
                part[keyPath: place] = moved(part[keyPath: place])
                return part
            }
        }
        document.actions = each(each(actions, \.position), \.lastDeclared) ?? []
        document.outlooks = each(outlooks, \.position)
        document.systemCalls = each(systemCalls, \.position)
        document.warnings = each(warnings, \.position)
        document.policies = policies?.map { entry in
            var entry = entry
            entry.lines = each(entry.lines, \.position) ?? []
            return entry
        }
        return document
    }
}
