import Reconciler
import Specs

/// What a plan means, below its table: one section for each thing that there is something to say about.
enum PreviewSections {
    static func lines(_ preview: Preview, _ style: Style) -> [String] {
        let sections = [
            section(
                style("Members on the way:", .strong),
                preview.outlooks.map { [$0.object.description, $0.description, place($0.position)] }),
            section(
                style("Who may reach whom:", .strong),
                preview.policies.flatMap { change in
                    change.lines.map { [change.object.description, $0.description, place($0.position)] }
                }),
            section(
                style("System calls:", .strong),
                preview.systemCalls.map { [$0.object.description, $0.description, place($0.position)] }),
            section(
                style("Warnings:", .warning),
                preview.risks.map { [$0.code.rawValue, $0.description, place($0.position)] }),
        ]
        return sections.flatMap(\.self)
    }

    private static func section(_ title: String, _ rows: [[String]]) -> [String] {
        rows.isEmpty ? [] : ["", title] + Table.lines(rows.map { ["  " + $0[0]] + $0.dropFirst() })
    }

    private static func place(_ position: SourcePosition?) -> String { position?.description ?? "" }
}
