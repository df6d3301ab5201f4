/// The events of a file, one a line, in the notation of the YAML test suite.
///
/// They come from the reader that all specs come from, before any rule of our own: what libyaml makes of a file can so be
/// compared with what others expect.
package struct YAMLEventNotation: Sendable {
    /// Such as `+MAP {}` and `=VAL :web`; up to the point where reading ended.
    package private(set) var lines: [String] = []
    /// Why reading ended before the end of the file.
    package private(set) var problem: Diagnostic?

    package init(of file: SpecFile) {
        let bytes = YAMLBytes(file)
        file.bytes.withUnsafeBufferPointer { buffer in
            YAMLEventReader.read(bytes, buffer: buffer, isStrict: false, parts: .max) { events in
                do throws(YAMLStop) {
                    try read(events)
                } catch {
                    problem = error.diagnostic
                }
            }
        }
    }

    private mutating func read(_ events: consuming YAMLEventReader) throws(YAMLStop) {
        var kind = try events.advance()
        while kind != .streamEnd {
            lines.append(Self.line(kind, events))
            kind = try events.advance()
        }
        lines.append("-STR")
    }

    private static func line(_ kind: YAMLEvent, _ events: borrowing YAMLEventReader) -> String {
        switch kind {
        case .streamStart: "+STR"
        case .streamEnd: "-STR"
        case .documentStart: events.isExplicit ? "+DOC ---" : "+DOC"
        case .documentEnd: events.isExplicit ? "-DOC ..." : "-DOC"
        case .sequenceStart: "+SEQ" + (events.isFlow ? " []" : "") + properties(events)
        case .sequenceEnd: "-SEQ"
        case .mappingStart: "+MAP" + (events.isFlow ? " {}" : "") + properties(events)
        case .mappingEnd: "-MAP"
        case .alias: "=ALI *" + (events.anchor ?? "")
        case .scalar: "=VAL" + properties(events) + " " + indicator(events.style) + escaped(events.scalarText)
        }
    }

    private static func properties(_ events: borrowing YAMLEventReader) -> String {
        (events.anchor.map { " &\($0)" } ?? "") + (events.tag.map { " <\($0)>" } ?? "")
    }

    private static func indicator(_ style: YAMLScalar.Style) -> String {
        switch style {
        case .plain: ":"
        case .singleQuoted: "'"
        case .doubleQuoted: "\""
        case .literal: "|"
        case .folded: ">"
        }
    }

    private static func escaped(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": shown += "\\\\"
            case "\0": shown += "\\0"
            case "\u{8}": shown += "\\b"
            case "\n": shown += "\\n"
            case "\r": shown += "\\r"
            case "\t": shown += "\\t"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
