import Specs

/// All kinds: for a terminal, and as the first page of the reference.
enum KindIndex {
    static func text(_ style: Style) -> String {
        let rows = KindDefinition.all.map { [$0.kind.rawValue, $0.spec.load().summary] }
        return ([style("Kinds", .strong)] + Table.lines(rows).map { "  " + $0 }).joined(separator: "\n")
    }

    /// `docs/specs/reference/README.md`.
    static var markdown: String {
        let rows = KindDefinition.all.map { definition -> String in
            let name = definition.kind.rawValue
            return "| [\(name)](\(KindPage.fileName(name))) | \(definition.spec.load().summary) |"
        }
        let metadata = ReferencePath.metadata
        return """
            # Reference

            \(KindPage.origin)

            All fields of all kinds. What the language as a whole is like: [language.md](../language.md). In a terminal:
            `reconcile explain`. In an editor: [editors.md](../editors.md).

            | kind | what it says |
            |---|---|
            \(rows.joined(separator: "\n"))

            ## metadata

            \(metadata.summary)

            \(KindPage.table(of: metadata))
            """
    }
}
