import Reconciler

@testable import ReconcileCLI

/// A plan in all formats for programs and bots, by the names of files.
enum PlanText {
    static func all(of document: PlanDocument) throws -> [(name: String, text: String)] {
        [
            ("plan.json", try Terminal.json(document)), ("plan.md", PlanMarkdown.text([document])),
            ("annotations.txt", PlanAnnotations.text([document])),
            ("quality.json", try Terminal.json(PlanQuality.issues([document]))),
            ("plan.sarif", try Terminal.json(SARIFLog([document], version: "0.1.0"))),
        ]
    }
}
