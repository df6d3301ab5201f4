/// One event of a YAML stream and the place where it begins.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd
        /// The version of a `%YAML` directive, if there is one.
        case documentStart(version: (major: Int, minor: Int)?)
        case documentEnd
        case alias(String)
        case scalar(text: String, style: YAMLScalar.Style, Properties)
        case sequenceStart(Properties)
        case sequenceEnd
        case mappingStart(Properties)
        case mappingEnd
    }

    /// What may stand before a node: `&anchor` and `!tag`, the latter as a whole URI.
    struct Properties {
        var anchor: String?
        var tag: String?
    }

    var kind: Kind
    var position: SourcePosition
}

/// Reading cannot go on; everything before has been read.
struct YAMLStop: Error {
    var diagnostic: Diagnostic
}
