/// Builds the nodes of all documents of a file from its events, within the limits.
struct YAMLComposer: ~Copyable {
    /// A node behind an anchor, how many nodes it stands for, and how many collections deep it goes.
    struct Anchored {
        var node: YAMLNode
        var size: Int
        var height: Int
    }

    enum Anchor {
        /// The node is still being read; an alias to it would contain itself.
        case open
        case done(Anchored)
    }

    private var events: YAMLEventReader
    private let limits: YAMLLimits
    private var stream = YAMLStream()
    private var anchors: [String: Anchor] = [:]
    /// Nodes of the file so far, aliases counted in full; documents of the file so far.
    private var nodes = 0
    private var documents = 0
    /// The deepest collection since the beginning of the innermost node with an anchor.
    private var deepest = 0
    private var isWhole = true

    init(_ events: consuming YAMLEventReader, limits: YAMLLimits) {
        self.events = events
        self.limits = limits
    }

    mutating func composeAll() -> YAMLStream {
        do throws(YAMLStop) {
            while try composeDocument() {}
        } catch {
            stream.diagnostics.append(error.diagnostic)
            stream.isComplete = false
        }
        return stream
    }

    /// Reads up to the end of the next document; false at the end of the stream.
    private mutating func composeDocument() throws(YAMLStop) -> Bool {
        switch try events.advance() {
        case .streamEnd: return false
        case .documentStart:
            try startDocument()
            let event = try events.advance()
            let isEmpty = event == .scalar && isNothing
            let root = try compose(event, depth: 1)
            if !isEmpty { stream.documents.append(YAMLDocument(root: root, isWhole: isWhole)) }
        default: break
        }
        return true
    }

    private mutating func startDocument() throws(YAMLStop) {
        documents += 1
        if documents > limits.documents {
            throw stop("more than \(limits.documents) documents in one file", hint: "split it into several files")
        }
        anchors.removeAll(keepingCapacity: true)
        deepest = 0
        isWhole = true
        if let version = events.version, (version.major, version.minor) != (1, 2) {
            // Under YAML 1.1 `yes` is a boolean and `010` is eight; reading them otherwise would be silent.
            let hint = "remove '%YAML \(version.major).\(version.minor)'"
            report(.unsupportedDirective, at: version.place, YAMLParts.onlySupported, hint: hint)
        }
        if let place = events.reservedDirective { report(.unsupportedDirective, at: place, YAMLParts.onlySupported) }
    }

    /// `---` with nothing behind it, as templates and editors leave it.
    private var isNothing: Bool {
        events.scalarBytes.isEmpty && events.style == .plain && events.tag == nil && events.anchor == nil
    }

    /// The node that begins with the current event.
    private mutating func compose(_ event: YAMLEvent, depth: Int) throws(YAMLStop) -> YAMLNode {
        if event == .alias { return try resolveAlias(depth: depth) }
        try charge(1)
        guard let anchor = events.anchor else { return try composeNode(event, depth: depth) }
        anchors[anchor] = .open
        let (outer, before) = (deepest, nodes)
        deepest = depth - 1
        let node = try composeNode(event, depth: depth)
        // The node itself was counted before it began.
        anchors[anchor] = .done(Anchored(node: node, size: nodes - before + 1, height: deepest - depth + 1))
        deepest = max(deepest, outer)
        return node
    }

    private mutating func composeNode(_ event: YAMLEvent, depth: Int) throws(YAMLStop) -> YAMLNode {
        switch event {
        case .scalar: return YAMLNode(.scalar(scalar()), at: events.position)
        case .sequenceStart: return try composeSequence(depth)
        case .mappingStart: return try composeMapping(depth)
        default:
            // libyaml ends every collection that it starts, so that no other event can come here.
            throw YAMLStop(diagnostic: Diagnostic(.syntax, at: events.position, "expected a value"))
        }
    }

    private mutating func composeSequence(_ depth: Int) throws(YAMLStop) -> YAMLNode {
        let place = events.position
        try startCollection("seq", depth)
        var items: [YAMLNode] = []
        while true {
            let event = try events.advance()
            if event == .sequenceEnd { break }
            items.append(try compose(event, depth: depth + 1))
        }
        return YAMLNode(.sequence(items), at: place)
    }

    private mutating func composeMapping(_ depth: Int) throws(YAMLStop) -> YAMLNode {
        let place = events.position
        try startCollection("map", depth)
        var entries = YAMLEntries()
        while true {
            let event = try events.advance()
            if event == .mappingEnd { break }
            let keyPlace = events.position
            let key = try composeKey(event, depth)
            let value = try compose(try events.advance(), depth: depth + 1)
            guard let key else { continue }
            if let first = entries.place(of: key) {
                let message = "duplicate key \(Diagnostic.quote(key))"
                stream.diagnostics.append(Diagnostic(.duplicateKey, at: keyPlace, message, related: first))
            } else {
                entries.append(YAMLPair(key: key, keyPosition: keyPlace, value: value))
            }
        }
        return YAMLNode(.mapping(entries.pairs), at: place)
    }

    /// The text of a key; nil, with a finding, for anything but a string.
    private mutating func composeKey(_ event: YAMLEvent, _ depth: Int) throws(YAMLStop) -> String? {
        if event == .scalar, events.isBare, let first = events.scalarBytes.first, Self.isLetter(first) {
            // Nearly all keys: no node is needed to see that it is a string, unless it is a word that is not.
            let text = events.scalarText
            if YAMLScalar(text).value == .string { return text }
        }
        let place = events.position
        let before = nodes
        let key = try compose(event, depth: depth + 1)
        // Keys are free of charge, but what stands in their place is not.
        if nodes == before + 1 { nodes = before }
        guard case .scalar(let scalar) = key.content else {
            report(.unsupportedKey, at: place, "a key must be a string, not a list or map")
            return nil
        }
        if scalar.style == .plain, scalar.text == "<<" {
            let hint = "share a template with 'templateRef', or write the fields out"
            report(.mergeKey, at: place, "merge keys are not part of YAML 1.2", hint: hint)
            return nil
        }
        guard scalar.value == .string else {
            let hint = scalar.text.isEmpty ? nil : "put it in quotes"
            report(.unsupportedKey, at: place, "key \(Diagnostic.quote(scalar.text)) is not a string", hint: hint)
            return nil
        }
        return scalar.text
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private mutating func startCollection(_ tag: String, _ depth: Int) throws(YAMLStop) {
        try checkDepth(depth)
        if let written = events.tag, written != YAMLScalar.Tag.prefix + tag { reportTag(written) }
    }

    private mutating func scalar() -> YAMLScalar {
        var scalar = YAMLScalar(events.scalarText, style: events.style)
        if let tag = events.tag {
            scalar.tag = YAMLScalar.Tag(uri: tag)
            if scalar.tag == nil || !scalar.fitsTag { reportTag(tag) }
        }
        if scalar.style == .doubleQuoted, events.scalarBytes.contains(0) {
            report(.forbiddenCharacter, at: events.position, "a string must not hold NUL")
        }
        return scalar
    }

    private mutating func resolveAlias(depth: Int) throws(YAMLStop) -> YAMLNode {
        let alias = events.anchor ?? ""
        let place = events.position
        switch anchors[alias] {
        case .done(let anchored):
            try charge(anchored.size)
            try checkDepth(depth + anchored.height - 1)
            return anchored.node
        case .open:
            let message = "alias '*\(alias)' stands inside the value that it repeats"
            report(.recursiveAlias, at: place, message)
        case nil:
            report(.unknownAlias, at: place, "alias '*\(alias)' has no anchor '&\(alias)' before it in this document")
        }
        try charge(1)
        return YAMLNode(.scalar(YAMLScalar("")), at: place)
    }

    private mutating func charge(_ count: Int) throws(YAMLStop) {
        nodes += count
        if nodes > limits.nodes {
            let message = "more than \(limits.nodes) values in one file, aliases counted in full"
            throw stop(message, hint: "split it into several files")
        }
    }

    private mutating func checkDepth(_ depth: Int) throws(YAMLStop) {
        deepest = max(deepest, depth)
        if depth > limits.depth { throw stop("more than \(limits.depth) lists and maps inside each other") }
    }

    private func stop(_ message: String, hint: String? = nil) -> YAMLStop {
        YAMLStop(diagnostic: Diagnostic(.limitExceeded, at: events.position, message, hint: hint))
    }

    private mutating func reportTag(_ tag: String) {
        let prefix = YAMLScalar.Tag.prefix
        let shown = tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
        let isKnown = YAMLScalar.Tag(uri: tag) != nil || ["!!map", "!!seq"].contains(shown)
        let problem = isKnown ? "does not fit this value" : "is not supported"
        let message = "tag \(Diagnostic.quote(shown)) \(problem)"
        report(.unsupportedTag, at: events.position, message, hint: "remove it")
    }

    /// A finding after which the document lacks something, so that decoding it would only find consequences.
    private mutating func report(
        _ code: Diagnostic.Code, at place: SourcePosition, _ message: String, hint: String? = nil
    ) {
        stream.diagnostics.append(Diagnostic(code, at: place, message, hint: hint))
        isWhole = false
    }
}
