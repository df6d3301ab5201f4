/// Builds the nodes of all documents of a file from its events, within the limits.
struct YAMLComposer: ~Copyable {
    /// A finished node, how many nodes it stands for, and how many collections deep it goes.
    struct Composed {
        var node: YAMLNode
        var size: Int
        var height: Int
    }

    enum Anchor {
        /// The node is still being read; an alias to it would contain itself.
        case open
        case done(Composed)
    }

    private var events: YAMLEventReader
    let limits: YAMLLimits
    var stream = YAMLStream()
    private var anchors: [String: Anchor] = [:]
    private var nodes = 0
    private var documents = 0
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
        let event = try events.next()
        switch event.kind {
        case .streamEnd: return false
        case .documentStart(let version):
            try startDocument(version, at: event.position)
            let first = try events.next()
            let root = try compose(first, depth: 1).node
            if !Self.isEmpty(first) { stream.documents.append(YAMLDocument(root: root, isWhole: isWhole)) }
        default: break
        }
        return true
    }

    private mutating func startDocument(_ version: (major: Int, minor: Int)?, at place: SourcePosition) throws(YAMLStop)
    {
        documents += 1
        if documents > limits.documents {
            let message = "more than \(limits.documents) documents in one file"
            throw YAMLStop(
                diagnostic: Diagnostic(.limitExceeded, at: place, message, hint: "split it into several files"))
        }
        anchors.removeAll(keepingCapacity: true)
        isWhole = true
        if let version, version != (1, 2) {
            // Under YAML 1.1 `yes` is a boolean and `010` is eight; reading them otherwise would be silent.
            let message = "only the directive '%YAML 1.2' is supported"
            let hint = "remove '%YAML \(version.major).\(version.minor)'"
            report(Diagnostic(.unsupportedDirective, at: place, message, hint: hint))
        }
    }

    /// `---` with nothing behind it, as templates and editors leave it.
    private static func isEmpty(_ event: YAMLEvent) -> Bool {
        guard case .scalar(let text, .plain, let properties) = event.kind else { return false }
        return text.isEmpty && properties.tag == nil && properties.anchor == nil
    }

    private mutating func compose(_ event: YAMLEvent, depth: Int) throws(YAMLStop) -> Composed {
        switch event.kind {
        case .alias(let name): return try resolve(alias: name, at: event.position, depth: depth)
        case .scalar(let text, let style, let properties):
            try charge(1, at: event.position)
            let node = scalar(text, style, properties.tag, at: event.position)
            return define(properties.anchor, Composed(node: node, size: 1, height: 0))
        case .sequenceStart(let properties): return try composeSequence(properties, at: event.position, depth)
        case .mappingStart(let properties): return try composeMapping(properties, at: event.position, depth)
        default:
            // libyaml ends every collection that it starts, so that no other event can come here.
            throw YAMLStop(diagnostic: Diagnostic(.syntax, at: event.position, "expected a value"))
        }
    }

    private mutating func composeSequence(
        _ properties: YAMLEvent.Properties, at place: SourcePosition, _ depth: Int
    ) throws(YAMLStop) -> Composed {
        try start(properties, tag: "seq", at: place, depth)
        var (size, height) = (1, 0)
        var items: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { break }
            let item = try compose(event, depth: depth + 1)
            items.append(item.node)
            size += item.size
            height = max(height, item.height)
        }
        let node = YAMLNode(.sequence(items), at: place)
        return define(properties.anchor, Composed(node: node, size: size, height: height + 1))
    }

    private mutating func composeMapping(
        _ properties: YAMLEvent.Properties, at place: SourcePosition, _ depth: Int
    ) throws(YAMLStop) -> Composed {
        try start(properties, tag: "map", at: place, depth)
        var (size, height) = (1, 0)
        var entries = YAMLEntries()
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { break }
            let key = try composeKey(event, depth)
            let value = try compose(try events.next(), depth: depth + 1)
            size += value.size
            height = max(height, value.height)
            guard let key else { continue }
            let pair = YAMLPair(key: key, keyPosition: event.position, value: value.node)
            if let first = entries.append(pair) {
                let message = "duplicate key \(Diagnostic.quote(key))"
                stream.diagnostics.append(Diagnostic(.duplicateKey, at: event.position, message, related: first))
            }
        }
        let node = YAMLNode(.mapping(entries.pairs), at: place)
        return define(properties.anchor, Composed(node: node, size: size, height: height + 1))
    }

    /// The text of a key; nil, with a finding, for anything but a string.
    private mutating func composeKey(_ event: YAMLEvent, _ depth: Int) throws(YAMLStop) -> String? {
        let key = try compose(event, depth: depth + 1)
        // Keys are free of charge, but what stands in their place is not.
        if key.size == 1 { nodes -= 1 }
        guard case .scalar(let scalar) = key.node.content else {
            let message = "a key must be a string, not a list or map"
            report(Diagnostic(.unsupportedKey, at: event.position, message))
            return nil
        }
        if scalar.style == .plain, scalar.text == "<<" {
            let message = "merge keys are not part of YAML 1.2"
            report(Diagnostic(.mergeKey, at: event.position, message, hint: "write the fields out"))
            return nil
        }
        guard scalar.value == .string else {
            let shown = Diagnostic.quote(scalar.text)
            let hint = scalar.text.isEmpty ? nil : "put it in quotes"
            report(Diagnostic(.unsupportedKey, at: event.position, "key \(shown) is not a string", hint: hint))
            return nil
        }
        return scalar.text
    }

    private mutating func start(
        _ properties: YAMLEvent.Properties, tag: String, at place: SourcePosition, _ depth: Int
    ) throws(YAMLStop) {
        try charge(1, at: place)
        try checkDepth(depth, at: place)
        if let written = properties.tag, written != "tag:yaml.org,2002:\(tag)" { reportTag(written, at: place) }
        if let anchor = properties.anchor { anchors[anchor] = .open }
    }

    private mutating func scalar(
        _ text: String, _ style: YAMLScalar.Style, _ tag: String?, at place: SourcePosition
    ) -> YAMLNode {
        var scalar = YAMLScalar(text, style: style)
        if let tag {
            let prefix = "tag:yaml.org,2002:"
            scalar.tag = tag == "!" ? .str : tag.hasPrefix(prefix) ? .init(rawValue: String(tag.dropFirst(18))) : nil
            if scalar.tag == nil || !scalar.fitsTag { reportTag(tag, at: place) }
        }
        if style == .doubleQuoted, text.utf8.contains(0) {
            report(Diagnostic(.forbiddenCharacter, at: place, "a string must not hold NUL"))
        }
        return YAMLNode(.scalar(scalar), at: place)
    }

    private mutating func define(_ anchor: String?, _ composed: Composed) -> Composed {
        if let anchor { anchors[anchor] = .done(composed) }
        return composed
    }

    private mutating func resolve(alias: String, at place: SourcePosition, depth: Int) throws(YAMLStop) -> Composed {
        switch anchors[alias] {
        case .done(let composed):
            try charge(composed.size, at: place)
            try checkDepth(depth + composed.height - 1, at: place)
            return composed
        case .open:
            report(Diagnostic(.recursiveAlias, at: place, "alias '*\(alias)' stands inside the value that it repeats"))
        case nil:
            let message = "alias '*\(alias)' has no anchor '&\(alias)' before it in this document"
            report(Diagnostic(.unknownAlias, at: place, message))
        }
        return Composed(node: YAMLNode(.scalar(YAMLScalar("")), at: place), size: 1, height: 0)
    }

    private mutating func charge(_ count: Int, at place: SourcePosition) throws(YAMLStop) {
        nodes += count
        if nodes > limits.nodes {
            let message = "more than \(limits.nodes) values in one file, aliases counted in full"
            throw YAMLStop(
                diagnostic: Diagnostic(.limitExceeded, at: place, message, hint: "split it into several files"))
        }
    }

    private func checkDepth(_ depth: Int, at place: SourcePosition) throws(YAMLStop) {
        if depth > limits.depth {
            let message = "more than \(limits.depth) lists and maps inside each other"
            throw YAMLStop(diagnostic: Diagnostic(.limitExceeded, at: place, message))
        }
    }

    private mutating func reportTag(_ tag: String, at place: SourcePosition) {
        let prefix = "tag:yaml.org,2002:"
        let shown = tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
        let isKnown = YAMLScalar.Tag(rawValue: String(shown.dropFirst(2))) != nil || ["!!map", "!!seq"].contains(shown)
        let problem = isKnown ? "does not fit this value" : "is not supported"
        let message = "tag \(Diagnostic.quote(shown)) \(problem)"
        report(Diagnostic(.unsupportedTag, at: place, message, hint: "remove it"))
    }

    /// A finding after which the document lacks something, so that decoding it would only find consequences.
    private mutating func report(_ diagnostic: Diagnostic) {
        stream.diagnostics.append(diagnostic)
        isWhole = false
    }
}
