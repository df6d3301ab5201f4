/// Reads the bytes of a file as strict YAML 1.2.
package enum YAMLReader {
    /// Every document that could be read, in the order of the file, and everything that is wrong with them.
    ///
    /// Never fails otherwise: a finding that ends reading leaves the documents before it. Takes time and memory in
    /// proportion to the bytes, whatever they are. Calls share nothing and may run at once on several threads.
    package static func read(_ file: SpecFile, limits: YAMLLimits = YAMLLimits()) -> YAMLStream {
        let bytes = YAMLBytes(file)
        return file.bytes.withUnsafeBufferPointer { buffer in
            if let problem = bytes.firstProblem(limits, in: buffer) {
                return YAMLStream(diagnostics: [problem], isComplete: false)
            }
            return YAMLEventReader.read(bytes, buffer: buffer, isStrict: true, parts: limits.documents + 1) { events in
                var composer = YAMLComposer(events, limits: limits)
                return composer.composeAll()
            }
        }
    }
}

/// What one file holds.
package struct YAMLStream: Sendable {
    package var documents: [YAMLDocument] = []
    package var diagnostics: [Diagnostic] = []
    /// Whether reading reached the end; otherwise there may be documents that nobody has seen.
    package var isComplete = true
}

/// One document that is not empty.
package struct YAMLDocument: Sendable {
    package var root: YAMLNode
    /// Whether the tree has everything that was written; false after an error that left something out.
    package var isWhole: Bool
}
