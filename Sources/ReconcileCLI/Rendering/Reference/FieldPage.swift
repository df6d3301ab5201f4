import Specs

/// What a kind or a field means, for a terminal and for programs.
struct FieldPage {
    private let place: ReferencePath

    init(_ place: ReferencePath) { self.place = place }

    /// Within 100 columns.
    func text(_ style: Style) -> String {
        var blocks = [style(place.path, .strong)]
        blocks.append(Paragraph.lines(summary).joined(separator: "\n"))
        if let field = place.field { blocks.append(facts(of: field, style)) }
        for object in place.objects {
            if !object.rules.isEmpty { blocks.append(rules(of: object, style)) }
            blocks.append(fields(of: object, style))
        }
        return blocks.joined(separator: "\n\n")
    }

    private var summary: String { place.field?.summary ?? place.kind.spec.load().summary }

    private func facts(of field: FieldDescription, _ style: Style) -> String {
        let facts: [(String, String?)] = [
            ("type", field.type.name), ("default", field.defaultWords { $0 } ?? "none"), ("values", field.values),
            ("since", field.since), ("enforced", place.enforcement.words ?? "by its fields"),
        ]
        let rows = facts.flatMap { name, value -> [String] in
            guard let value else { return [] }
            let lines = Paragraph.lines(value, width: 100, indent: 10)
            let label = name.padding(to: 8)
            return lines.enumerated().map { index, line in
                index == 0 ? style(label, .frame) + "  " + line.dropFirst(10) : line
            }
        }
        let words = field.type.explainedChoices.map { ["  \($0.word)", $0.summary] }
        return (rows + (words.isEmpty ? [] : [""] + Table.lines(words))).joined(separator: "\n")
    }

    private func rules(of object: ObjectDescription, _ style: Style) -> String {
        ([style("Rules", .strong)] + object.rules.flatMap { Paragraph.lines($0, indent: 2) }).joined(separator: "\n")
    }

    private func fields(of object: ObjectDescription, _ style: Style) -> String {
        let heading = style(place.objects.count > 1 ? "Fields of \(object.name)" : "Fields", .strong)
        let fields = object.fields.flatMap { field -> [String] in
            let value = field.isRequired ? ", required" : field.defaultText.map { ", default \($0)" } ?? ""
            let type = field.type.name + value
            let remark = field.enforcement == .notYet && place.enforcement != .notYet ? " Not yet enforced." : ""
            return ["  " + style(field.name, .help) + "  " + style(type, .frame)]
                + Paragraph.lines(field.summary + remark, indent: 6)
        }
        return ([heading] + fields).joined(separator: "\n")
    }
}

extension FieldDescription {
    /// The values that are right; nil where the type says it all.
    fileprivate var values: String? { type.range }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

extension FieldPage {
    /// For programs; fields are only ever added within a version.
    struct Document: Encodable {
        var version = 1
        var path: String
        var kind: String
        var summary: String
        /// What holds for a field; left out for a kind.
        var field: Field?
        /// Where it is made true: `enforced`, `partly` or `notYet`; left out where its fields say it.
        var enforcement: String?
        var enforcedBy: String?
        var rules: [String]
        var fields: [Field]
    }

    struct Field: Encodable {
        var name: String
        var type: String
        var required: Bool
        var defaultValue: String?
        var values: String?
        var summary: String
        var since: String

        init(_ field: FieldDescription) {
            name = field.name
            type = field.type.name
            required = field.isRequired
            defaultValue = field.isRequired ? nil : field.defaultWords { $0 }
            values = field.values
            summary = field.summary
            since = field.since
        }

        enum CodingKeys: String, CodingKey {
            case name, type, required, values, summary, since
            case defaultValue = "default"
        }
    }

    var document: Document {
        Document(
            path: place.path, kind: place.kind.kind.rawValue, summary: summary, field: place.field.map { Field($0) },
            enforcement: place.enforcement.state, enforcedBy: place.enforcement.words,
            rules: place.objects.flatMap(\.rules), fields: place.objects.flatMap(\.fields).map { Field($0) })
    }
}

extension Enforcement {
    /// One word for it; nil where the field around it says it.
    var state: String? {
        switch self {
        case .inherited: nil
        case .by: "enforced"
        case .partly: "partly"
        case .notYet: "notYet"
        }
    }
}
