import Reconciler
import Specs

/// Findings in the Static Analysis Results Interchange Format, version 2.1.0 of OASIS.
///
/// Names are those of the standard. Rules are all codes there are, from their explanations; no line of a file is in it.
struct SARIFLog: Encodable {
    struct Text: Encodable {
        var text: String
        var markdown: String?
    }

    struct Run: Encodable {
        struct Tool: Encodable {
            var driver: Driver
        }

        struct Invocation: Encodable {
            var executionSuccessful = true
        }

        var tool: Tool
        var invocations = [Invocation()]
        var columnKind = "unicodeCodePoints"
        var results: [Result]
        var properties: Properties?
    }

    /// What the format has no name for.
    struct Properties: Encodable {
        /// What plans were made against, by the names of hosts.
        var snapshots: [String: PlanDocument.SnapshotFacts]
    }

    struct Driver: Encodable {
        var name = "reconcile"
        var version: String
        var rules: [Rule]
    }

    struct Rule: Encodable {
        struct Configuration: Encodable {
            var level: Level
        }

        var id: String
        var name: String
        var shortDescription: Text
        var fullDescription: Text
        var help: Text
        var defaultConfiguration: Configuration
    }

    enum Level: String, Encodable {
        case error, warning, note

        init(_ severity: Diagnostic.Severity) {
            switch severity {
            case .error: self = .error
            case .warning: self = .warning
            case .info: self = .note
            }
        }
    }

    struct Result: Encodable {
        var ruleId: String
        var ruleIndex: Int
        var level: Level
        var message: Text
        var locations: [Location]
        var relatedLocations: [Location]?
    }

    struct Location: Encodable {
        struct Physical: Encodable {
            var artifactLocation: Artifact
            var region: Region
        }

        struct Artifact: Encodable {
            var uri: String
        }

        struct Region: Encodable {
            var startLine: Int
            var startColumn: Int
        }

        var id: Int?
        var physicalLocation: Physical
        var message: Text?
    }

    var schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    var version = "2.1.0"
    var runs: [Run]

    enum CodingKeys: String, CodingKey {
        case version, runs
        case schema = "$schema"
    }

    init(_ report: FindingsReport, version: String) {
        let codes = Diagnostic.Code.allCases
        let indices = Dictionary(codes.enumerated().map { ($1, $0) }) { first, _ in first }
        let results = report.diagnostics.map { Result($0, index: indices[$0.code] ?? 0) }
        runs = [Run(tool: .init(driver: Driver(version: version, rules: codes.map(Rule.init))), results: results)]
    }
}

extension SARIFLog.Rule {
    init(_ code: Diagnostic.Code) {
        let explanation = code.explanation
        let page = ExplanationPage(code)
        self.init(
            id: code.rawValue, name: Self.pascalCase("\(code)"), shortDescription: .init(text: explanation.title),
            fullDescription: .init(text: explanation.meaning),
            help: .init(text: page.text, markdown: page.markdownBody),
            defaultConfiguration: .init(level: SARIFLog.Level(code.severity)))
    }

    private static func pascalCase(_ name: String) -> String { name.prefix(1).uppercased() + name.dropFirst() }
}

extension SARIFLog.Result {
    init(_ diagnostic: Diagnostic, index: Int) {
        let related = diagnostic.related.enumerated().map { index, other in
            SARIFLog.Location(other.position, id: index + 1, note: other.note)
        }
        self.init(
            ruleId: diagnostic.code.rawValue, ruleIndex: index, level: SARIFLog.Level(diagnostic.severity),
            message: .init(text: diagnostic.message + (diagnostic.hint.map { " (\($0))" } ?? "")),
            locations: [SARIFLog.Location(diagnostic.position)],
            relatedLocations: related.isEmpty ? nil : related)
    }
}

extension SARIFLog.Location {
    init(_ position: SourcePosition, id: Int? = nil, note: String? = nil) {
        self.init(
            id: id,
            physicalLocation: .init(
                artifactLocation: .init(uri: Self.uri(position.file)),
                region: .init(startLine: position.line, startColumn: position.column)),
            message: note.map { .init(text: $0) })
    }

    /// A path as a reference of RFC 3986; an absolute one as a `file:` URI.
    private static func uri(_ path: String) -> String {
        let encoded = path.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x2F:
                String(decoding: [byte], as: UTF8.self)
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
        return encoded.hasPrefix("/") ? "file://" + encoded : encoded
    }
}
