/// One value of a YAML document and where it was written.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLPair])
    }

    package var content: Content
    /// Where the value begins; for an alias, where the value that it stands for begins.
    package var position: SourcePosition

    package init(_ content: Content, at position: SourcePosition) {
        self.content = content
        self.position = position
    }
}

/// One entry of a mapping, in the order of the file.
package struct YAMLPair: Sendable {
    package var key: String
    package var keyPosition: SourcePosition
    package var value: YAMLNode

    package init(key: String, keyPosition: SourcePosition, value: YAMLNode) {
        self.key = key
        self.keyPosition = keyPosition
        self.value = value
    }
}

/// Text as it was written, before any type is read into it.
package struct YAMLScalar: Sendable {
    package enum Style: Sendable { case plain, singleQuoted, doubleQuoted, literal, folded }

    /// A tag of the core schema that was written out, such as `!!str`.
    package enum Tag: String, CaseIterable, Sendable {
        case null, bool, int, float, str

        /// What the URIs of the core schema's tags begin with.
        static let prefix = "tag:yaml.org,2002:"

        /// `!` alone says that the text is a string; nil for a tag that is not a scalar's of the core schema.
        init?(uri: String) {
            if uri == "!" {
                self = .str
            } else {
                guard uri.hasPrefix(Self.prefix) else { return nil }
                self.init(rawValue: String(uri.dropFirst(Self.prefix.count)))
            }
        }
    }

    package var text: String
    package var style: Style
    package var tag: Tag?

    package init(_ text: String, style: Style = .plain, tag: Tag? = nil) {
        self.text = text
        self.style = style
        self.tag = tag
    }
}
