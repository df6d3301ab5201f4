/// What text a field takes, and how to say so.
package struct TextRule: Sendable {
    package var code: Diagnostic.Code
    /// Completes "must be".
    package var expected: String
    package var hint: String?
    /// A regular expression for editors that allows at least what `allows` does; nil where none can say it.
    package var pattern: String?
    package var example: String?
    package var allows: @Sendable (String) -> Bool

    package init(
        _ expected: String, code: Diagnostic.Code = .invalidValue, hint: String? = nil, pattern: String? = nil,
        example: String? = nil, allows: @escaping @Sendable (String) -> Bool
    ) {
        self.code = code
        self.expected = expected
        self.hint = hint
        self.pattern = pattern
        self.example = example
        self.allows = allows
    }

    /// The rule as the schema and the reference know it.
    package var description: TextDescription {
        TextDescription(expected, pattern: pattern, example: example, allows: allows)
    }
}

extension TextRule {
    /// The name of an object; names of containers are made of it, with a slot and an incarnation behind it.
    package static let objectName = TextRule(
        "1-40 characters of a-z, 0-9 and '-', with a letter or digit at both ends",
        pattern: #"^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$"#, example: "web"
    ) { Grammar.isDNSLabel($0, longest: 40) }

    /// A host's name: DNS labels with dots between them.
    package static let hostName = TextRule(
        "a host name of a-z, 0-9, '-' and '.'",
        pattern: #"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"#, example: "host-1.example.com"
    ) { Grammar.isDNSSubdomain($0) }

    /// A key of labels and annotations in Kubernetes' syntax: `tier`, `example.com/tier`.
    package static let labelKey = TextRule(
        "a label key such as 'tier' or 'example.com/tier'",
        hint: "1-63 characters of A-Z, a-z, 0-9, '-', '_' and '.', with a letter or digit at both ends",
        pattern: #"^([a-z0-9][-a-z0-9.]*/)?[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$"#, example: "tier"
    ) { Grammar.isLabelKey($0) }

    /// A value of labels in Kubernetes' syntax.
    package static let labelValue = TextRule(
        "at most 63 characters of A-Z, a-z, 0-9, '-', '_' and '.', with a letter or digit at both ends",
        pattern: #"^([A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$"#, example: "sandbox"
    ) { $0.isEmpty || Grammar.isLabelName($0) }

    /// The name of an environment variable, in Kubernetes' syntax.
    package static let environmentName = TextRule(
        "a variable name of A-Z, a-z, 0-9, '_', '-' and '.' that does not begin with a digit",
        pattern: #"^[-._A-Za-z][-._A-Za-z0-9]{0,254}$"#, example: "LOG_LEVEL"
    ) { Grammar.isEnvironmentName($0) }

    /// Docker's grammar for the names of volumes.
    package static let volumeName = TextRule(
        "a volume name of 2-255 characters of A-Z, a-z, 0-9, '_', '-' and '.', with a letter or digit first",
        pattern: #"^[A-Za-z0-9][-_.A-Za-z0-9]{1,254}$"#, example: "data"
    ) { Grammar.isVolumeName($0) }

    /// The name of a thing of the engine or the host, in the same grammar.
    package static let engineName = TextRule(
        "a name of 2-255 characters of A-Z, a-z, 0-9, '_', '-' and '.', with a letter or digit first",
        pattern: #"^[A-Za-z0-9][-_.A-Za-z0-9]{1,254}$"#, example: "runc"
    ) { Grammar.isVolumeName($0) }

    /// `user`, `user:group`, `uid` or `uid:gid`.
    package static let user = TextRule(
        "a user such as 'app', 'app:app', 1000 or '1000:1000'", hint: "ids are 0-2147483647",
        pattern: #"^[A-Za-z0-9_.][-_.A-Za-z0-9]*(:[A-Za-z0-9_.][-_.A-Za-z0-9]*)?$"#, example: "1000:1000"
    ) { Grammar.isUser($0) }

    /// An address of the host to listen on.
    package static let ipv4Address = TextRule(
        "an IPv4 address such as 127.0.0.1", hint: "this version publishes on IPv4 only",
        pattern: "^\(TextPattern.ipv4)$", example: "127.0.0.1"
    ) { Grammar.isIPv4Address($0) }

    /// An image as Docker names it.
    package static let image = TextRule(
        "an image such as 'nginx:1.27' or 'registry.example.com/team/app@sha256:…'",
        hint: "names are lower case, tags have at most 128 characters, digests are sha256",
        pattern: TextPattern.image, example: "nginx:1.27"
    ) { ImageReference.isValid($0) }
}
