import CLibYAML

/// libyaml's parser over bytes in memory, as a cursor over its events.
///
/// The properties tell about the event that `advance()` went to last; nothing is copied that nobody asks for. Readers
/// share nothing, so that each thread can have its own.
struct YAMLEventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let current: UnsafeMutablePointer<yaml_event_t>
    private let text: UnsafeBufferPointer<UInt8>
    private let bytes: YAMLBytes
    private let parts: [YAMLParts.Part]
    private let traps: YAMLTraps
    private var index = 0
    /// The line of the file where the part begins, from 1.
    private var firstLine = 1
    /// Documents of the part that is being read.
    private var documents = 0

    /// Reads a file from before its first event; `buffer` is the storage of `bytes`.
    ///
    /// The reader must not leave the closure. A strict one also refuses tabs that YAML itself lets pass. Behind so many
    /// parts, each of at least one document, bare documents are no longer told apart.
    static func read<T>(
        _ bytes: YAMLBytes, buffer: UnsafeBufferPointer<UInt8>, isStrict: Bool, parts most: Int,
        _ body: (consuming YAMLEventReader) -> T
    ) -> T {
        let parts = YAMLParts(bytes, buffer: buffer, most: most)
        let traps = YAMLTraps(bytes, buffer: buffer, tabs: isStrict)
        guard let patched = parts.patched else { return body(YAMLEventReader(bytes, parts.parts, traps, text: buffer)) }
        return patched.withUnsafeBufferPointer { body(YAMLEventReader(bytes, parts.parts, traps, text: $0)) }
    }

    private init(
        _ bytes: YAMLBytes, _ parts: [YAMLParts.Part], _ traps: YAMLTraps, text: UnsafeBufferPointer<UInt8>
    ) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        current = .allocate(capacity: 1)
        current.initialize(to: yaml_event_t())
        self.text = text
        self.bytes = bytes
        self.parts = parts
        self.traps = traps
    }

    deinit {
        yaml_event_delete(current)
        yaml_parser_delete(parser)
        current.deallocate()
        parser.deallocate()
    }

    /// Goes to the next event and says what it is; must not be called after `streamEnd` or an error.
    mutating func advance() throws(YAMLStop) -> YAMLEvent {
        if current.pointee.type == YAML_NO_EVENT { try startPart() }
        try parse()
        while kind == .streamEnd, index + 1 < parts.count {
            index += 1
            try startPart()
            try parse()
            // The beginning of the stream is behind us.
            try parse()
        }
        if kind == .documentStart { try checkDirectives() }
        if !traps.isEmpty, let finding = traps.finding(start: position, end: end) {
            throw YAMLStop(diagnostic: finding)
        }
        return kind
    }

    private mutating func parse() throws(YAMLStop) {
        yaml_event_delete(current)
        guard yaml_parser_parse(parser, current) == 1 else {
            throw YAMLStop(diagnostic: YAMLSyntaxError(parser.pointee, firstLine: firstLine).diagnostic(in: bytes))
        }
    }

    private mutating func startPart() throws(YAMLStop) {
        if let problem = part.problem { throw YAMLStop(diagnostic: problem) }
        yaml_parser_delete(parser)
        guard yaml_parser_initialize(parser) == 1 else {
            let start = SourcePosition(in: bytes.name, line: part.line, column: 1)
            throw YAMLStop(diagnostic: Diagnostic(.syntax, at: start, "no memory for a YAML parser"))
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        let content = UnsafeBufferPointer(rebasing: text[part.range])
        yaml_parser_set_input_string(parser, content.baseAddress, content.count)
        documents = 0
        firstLine = part.line
    }

    /// libyaml takes directives that follow a document without `...` between them.
    private mutating func checkDirectives() throws(YAMLStop) {
        documents += 1
        let start = current.pointee.data.document_start
        let hasDirective = start.version_directive != nil || start.tag_directives.start != start.tag_directives.end
        if documents > 1, hasDirective {
            throw YAMLStop(diagnostic: Diagnostic(.syntax, at: position, "expected '...' before the directives"))
        }
    }

    private var part: YAMLParts.Part { parts[index] }

    /// What the event is.
    var kind: YAMLEvent {
        switch current.pointee.type {
        case YAML_SCALAR_EVENT: .scalar
        case YAML_MAPPING_START_EVENT: .mappingStart
        case YAML_MAPPING_END_EVENT: .mappingEnd
        case YAML_SEQUENCE_START_EVENT: .sequenceStart
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_ALIAS_EVENT: .alias
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_STREAM_START_EVENT: .streamStart
        default: .streamEnd
        }
    }

    /// Where the event begins.
    var position: SourcePosition { position(current.pointee.start_mark) }

    /// Behind the last byte of the event.
    var end: SourcePosition { position(current.pointee.end_mark) }

    private func position(_ mark: yaml_mark_t) -> SourcePosition {
        SourcePosition(in: bytes.name, line: Int(mark.line) + firstLine, column: Int(mark.column) + 1)
    }

    /// The bytes of a scalar, valid until the next `advance()`.
    var scalarBytes: UnsafeBufferPointer<UInt8> {
        let scalar = current.pointee.data.scalar
        return UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    }

    /// The text of a scalar.
    var scalarText: String { String(decoding: scalarBytes, as: UTF8.self) }

    /// How a scalar is written.
    var style: YAMLScalar.Style {
        switch current.pointee.data.scalar.style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }

    /// Whether a scalar is plain, without anchor and tag.
    var isBare: Bool {
        let scalar = current.pointee.data.scalar
        return scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.anchor == nil && scalar.tag == nil
    }

    /// The name behind `&` of a node, and behind `*` of an alias.
    var anchor: String? {
        switch current.pointee.type {
        case YAML_SCALAR_EVENT: Self.string(current.pointee.data.scalar.anchor)
        case YAML_MAPPING_START_EVENT: Self.string(current.pointee.data.mapping_start.anchor)
        case YAML_SEQUENCE_START_EVENT: Self.string(current.pointee.data.sequence_start.anchor)
        case YAML_ALIAS_EVENT: Self.string(current.pointee.data.alias.anchor)
        default: nil
        }
    }

    /// The `!tag` of a node as a whole URI, or a lone `!`.
    var tag: String? {
        switch current.pointee.type {
        case YAML_SCALAR_EVENT: Self.string(current.pointee.data.scalar.tag)
        case YAML_MAPPING_START_EVENT: Self.string(current.pointee.data.mapping_start.tag)
        case YAML_SEQUENCE_START_EVENT: Self.string(current.pointee.data.sequence_start.tag)
        default: nil
        }
    }

    /// The version of the `%YAML` directive of a document that starts, if there is one.
    var version: YAMLParts.Version? { documents == 1 ? part.version : nil }

    /// The place of a directive before a document that starts, which YAML does not define.
    var reservedDirective: SourcePosition? { documents == 1 ? part.reserved : nil }

    /// Whether a document starts or ends with its marker, `---` or `...`.
    var isExplicit: Bool {
        switch current.pointee.type {
        case YAML_DOCUMENT_START_EVENT: current.pointee.data.document_start.implicit == 0
        case YAML_DOCUMENT_END_EVENT: current.pointee.data.document_end.implicit == 0
        default: false
        }
    }

    /// Whether a list or map that starts is written in brackets.
    var isFlow: Bool {
        switch current.pointee.type {
        case YAML_SEQUENCE_START_EVENT: current.pointee.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
        case YAML_MAPPING_START_EVENT: current.pointee.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
        default: false
        }
    }

    private static func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
