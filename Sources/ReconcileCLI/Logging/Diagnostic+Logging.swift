import Logging
import Specs

extension Diagnostic {
    /// The fields of one line of the log.
    var metadata: Logger.Metadata {
        var fields: Logger.Metadata = [
            "event": "specs.finding", "code": "\(code.rawValue)", "severity": "\(severity.rawValue)",
            "file": "\(position.file)", "line": .stringConvertible(position.line),
            "column": .stringConvertible(position.column),
            "message": "\(message)",
        ]
        if let hint { fields["hint"] = "\(hint)" }
        if !related.isEmpty {
            fields["related"] = "\(related.map { "\($0.position): \($0.note)" }.joined(separator: "; "))"
        }
        return fields
    }
}

extension Diagnostic.Severity {
    var level: Logger.Level {
        switch self {
        case .error: .error
        case .warning: .warning
        case .info: .info
        }
    }
}
