/// The kinds of events of a YAML stream.
enum YAMLEvent {
    case streamStart, streamEnd, documentStart, documentEnd
    case alias, scalar, sequenceStart, sequenceEnd, mappingStart, mappingEnd
}

/// Reading cannot go on; everything before has been read.
struct YAMLStop: Error {
    var diagnostic: Diagnostic
}
