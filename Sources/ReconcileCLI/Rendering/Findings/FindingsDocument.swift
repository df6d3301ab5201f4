import Specs

/// A validation as JSON, for programs. Fields are only ever added within a version.
///
/// It holds no line of a file: a line may hold what its owner does not want in the log of somebody else.
struct FindingsDocument: Encodable {
    struct Summary: Encodable {
        var files: Int
        /// Left out unless everything is valid.
        var objects: Int?
        var errors: Int
        var warnings: Int
        var infos: Int
    }

    struct Entry: Encodable {
        var code: String
        /// The code's name for programs, such as `unknownKey`.
        var name: String
        var severity: Diagnostic.Severity
        var message: String
        var hint: String?
        var position: SourcePosition
        var related: [Diagnostic.Related]

        init(_ diagnostic: Diagnostic) {
            code = diagnostic.code.rawValue
            name = "\(diagnostic.code)"
            severity = diagnostic.severity
            message = diagnostic.message
            hint = diagnostic.hint
            position = diagnostic.position
            related = diagnostic.related
        }
    }

    var version = 1
    var valid: Bool
    var summary: Summary
    var diagnostics: [Entry]

    init(_ report: FindingsReport) {
        valid = !report.hasErrors
        summary = Summary(
            files: report.files, objects: report.objects, errors: report.count(.error),
            warnings: report.count(.warning),
            infos: report.count(.info))
        diagnostics = report.diagnostics.map(Entry.init)
    }
}
