import Specs

/// What became of a validation, whatever the format it is printed in.
struct FindingsReport {
    /// In the order of their places.
    var diagnostics: [Diagnostic]
    /// How many files were read.
    var files: Int
    /// How many objects they declare; nil unless all of them are valid.
    var objects: Int?

    init(_ diagnostics: [Diagnostic], files: Int, objects: Int?) {
        self.diagnostics = diagnostics
        self.files = files
        self.objects = objects
    }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    func count(_ severity: Diagnostic.Severity) -> Int { diagnostics.count { $0.severity == severity } }

    /// The same with every warning as an error.
    var strict: FindingsReport {
        var report = self
        for index in report.diagnostics.indices where report.diagnostics[index].severity == .warning {
            report.diagnostics[index].severity = .error
        }
        if report.hasErrors { report.objects = nil }
        return report
    }

    /// `3 errors, 1 warning in 12 files`, or `12 files, 34 objects: valid`.
    var summary: String {
        let words: [(Diagnostic.Severity, String)] = [(.error, "error"), (.warning, "warning"), (.info, "note")]
        let counts = words.filter { count($0.0) > 0 }.map { Self.counted(count($0.0), $0.1) }
        let files = Self.counted(self.files, "file")
        if hasErrors { return counts.joined(separator: ", ") + " in \(files)" }
        let objects = objects.map { ", " + Self.counted($0, "object") } ?? ""
        return (["\(files)\(objects): valid"] + counts).joined(separator: ", ")
    }

    private static func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)" + (count == 1 ? "" : "s") }
}
