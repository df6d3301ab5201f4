import CLibYAML

/// libyaml's parser over bytes in memory, as a source of events.
///
/// The bytes must stay where they are as long as the reader lives.
struct YAMLEventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: YAMLBytes

    /// Starts at the first byte after a byte order mark; `buffer` is the storage of `bytes`.
    init(_ bytes: YAMLBytes, buffer: UnsafeBufferPointer<UInt8>) throws(YAMLStop) {
        parser = .allocate(capacity: 1)
        self.bytes = bytes
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            let start = SourcePosition(file: bytes.file.path, line: 1, column: 1)
            throw YAMLStop(diagnostic: Diagnostic(.syntax, at: start, "no memory for a YAML parser"))
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        let content = UnsafeBufferPointer(rebasing: buffer[bytes.start...])
        yaml_parser_set_input_string(parser, content.baseAddress, content.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event; must not be called after `streamEnd` or an error.
    mutating func next() throws(YAMLStop) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else {
            throw YAMLStop(diagnostic: YAMLSyntaxError(parser.pointee).diagnostic(in: bytes))
        }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(kind: Self.kind(of: event), position: position(event.start_mark))
    }

    private func position(_ mark: yaml_mark_t) -> SourcePosition {
        SourcePosition(file: bytes.file.path, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT:
            let version = event.data.document_start.version_directive?.pointee
            return .documentStart(version: version.map { (Int($0.major), Int($0.minor)) })
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let properties = YAMLEvent.Properties(anchor: self.text(scalar.anchor), tag: self.text(scalar.tag))
            return .scalar(text: String(decoding: text, as: UTF8.self), style: style(scalar.style), properties)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return .sequenceStart(.init(anchor: text(start.anchor), tag: text(start.tag)))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return .mappingStart(.init(anchor: text(start.anchor), tag: text(start.tag)))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return .streamEnd
        }
    }

    private static func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
