import Specs

/// `docs/specs/enforcement.md`: every field of every kind, and the part of reconcile that makes it true.
enum EnforcementPage {
    /// The parts that definitions name, and what they are.
    static let parts: [(name: String, meaning: String)] = [
        ("validation", "checked, or filled in, whenever specs are read (`Sources/Specs`)"),
        ("planner", "becomes actions of the plan (`Sources/Reconciler/Planning`)"),
        ("control loop", "decides who is in a pool, and who gets a member (`Sources/Reconciler/ControlLoop`)"),
        ("Docker driver", "becomes a setting of the container (`Sources/Drivers/Docker`)"),
        ("firewall", "becomes rules of the kernel's packet filter (`Sources/Drivers/Firewall`)"),
        ("name filter", "is resolved, or not, for containers (`Sources/NameFilter`)"),
        ("nothing", "read and kept, without any effect"),
    ]

    private static let code = Diagnostic.Code.notYetEnforced
    private static var anchor: String {
        "\(code.rawValue) \(code.explanation.title)".lowercased().replacing(" ", with: "-")
    }

    static var markdown: String {
        let legend = parts.map { "| \($0.name) | \($0.meaning) |" }.joined(separator: "\n")
        let head = """
            # Where each field is enforced

            \(KindPage.origin)

            Every field of the language, and the part of reconcile that makes it true. What nothing makes true yet is not passed
            over: an object that says it is held as it is, the plan and `reconcile status` say `NotYetEnforced`, and
            `reconcile validate` has a finding ([\(code.rawValue)](diagnostics.md#\(anchor))).

            | part | meaning |
            |---|---|
            \(legend)

            \(summary)
            """
        let metadata = section("Every kind", KindDefinition.metadataFields)
        let kinds = KindDefinition.all.map { section($0.kind.rawValue, fields(of: $0)) }
        return ([head, metadata] + kinds).joined(separator: "\n\n")
    }

    /// What is shared between kinds is listed with its own kind.
    static func fields(of kind: KindDefinition) -> [PlacedField] { kind.fields { !$0.isKind } }

    private static var summary: String {
        let rows = KindDefinition.all.map { kind -> String in
            let states = fields(of: kind).map { $0.enforcement.state }
            let counts = ["enforced", "partly", "notYet"].map { state in String(states.count { $0 == state }) }
            return "| [\(kind.kind.rawValue)](#\(kind.kind.rawValue.lowercased())) | " + counts.joined(separator: " | ")
                + " |"
        }
        return (["| kind | fields enforced | partly | not yet |", "|---|---|---|---|"] + rows).joined(separator: "\n")
    }

    private static func section(_ title: String, _ fields: [PlacedField]) -> String {
        let rows = fields.map { "| `\($0.path)` | \(answer($0)) |" }
        return (["## \(title)", "", "| field | enforced by |", "|---|---|"] + rows).joined(separator: "\n")
    }

    private static func answer(_ place: PlacedField) -> String {
        if let words = place.enforcement.words { return words.replacing("|", with: "\\|") }
        let kinds = place.field.type.objects.filter(\.isKind).map(\.name)
        return kinds.isEmpty ? "its fields" : kinds.map { "as [\($0)](#\($0.lowercased()))" }.joined(separator: ", ")
    }
}
