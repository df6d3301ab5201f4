extension Diagnostic {
    /// What `reconcile explain CODE` and the reference page say about a code.
    package struct Explanation: Hashable, Sendable {
        /// A snippet of a file of specs.
        package struct Example: Hashable, Sendable {
            package var text: String
            /// `\xNN` and `\t` in the text stand for a byte that cannot be shown.
            package var isEscaped: Bool

            /// The bytes of the file.
            package var bytes: [UInt8] { isEscaped ? Self.unescaped(Array(text.utf8)) : Array(text.utf8) }

            private static func unescaped(_ text: [UInt8]) -> [UInt8] {
                var bytes: [UInt8] = []
                var rest = text[...]
                while let first = rest.popFirst() {
                    if first == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "t") {
                        rest.removeFirst()
                        bytes.append(0x09)
                    } else if first == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"),
                        let byte = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
                    {
                        rest.removeFirst(3)
                        bytes.append(byte)
                    } else {
                        bytes.append(first)
                    }
                }
                return bytes
            }
        }

        /// A few words in lower case.
        package var title: String
        /// What was found.
        package var meaning: String
        /// Why that is refused, or worth a word.
        package var reason: String
        /// nil where no small snippet can show it.
        package var wrong: Example?
        package var right: Example?

        /// Examples without a HostPool assume this one beside them.
        package static let assumed = """
            apiVersion: reconcile.dev/v1
            kind: HostPool
            metadata: {name: local}
            spec: {hosts: {name: host-1}}
            """

        init(_ title: String, meaning: String, reason: String, wrong: Example? = nil, right: Example? = nil) {
            self.title = title
            self.meaning = meaning
            self.reason = reason
            self.wrong = wrong
            self.right = right
        }
    }
}

extension Diagnostic.Explanation.Example: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text: text, isEscaped: false) }

    /// Text in which `\xNN` and `\t` stand for bytes that cannot be shown.
    static func escaped(_ text: String) -> Self { Self(text: text, isEscaped: true) }

    /// A complete Workload with these lines in its `spec`.
    static func workload(_ spec: String, name: String = "web") -> Self {
        Self(text: object("Workload", name, spec), isEscaped: false)
    }

    /// A complete Workload with these lines in its template.
    static func template(_ lines: String) -> Self { workload("template:\n" + indented("image: nginx:1.27\n" + lines)) }

    /// A complete object with these lines in its `spec`.
    static func object(_ kind: String, _ name: String, _ spec: String) -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: \(kind)
        metadata: {name: \(name)}
        spec:
        \(indented(spec))
        """
    }

    static func documents(_ objects: String...) -> Self {
        Self(text: objects.joined(separator: "\n---\n"), isEscaped: false)
    }

    private static func indented(_ lines: String) -> String {
        lines.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }.joined(separator: "\n")
    }
}

extension Diagnostic.Code {
    /// What the code means, why it is reported, and how it is put right.
    package var explanation: Diagnostic.Explanation {
        switch self {
        case .invalidEncoding: .invalidEncoding
        case .forbiddenCharacter: .forbiddenCharacter
        case .tabIndentation: .tabIndentation
        case .syntax: .syntax
        case .unsupportedDirective: .unsupportedDirective
        case .duplicateKey: .duplicateKey
        case .unsupportedKey: .unsupportedKey
        case .mergeKey: .mergeKey
        case .unsupportedTag: .unsupportedTag
        case .unknownAlias: .unknownAlias
        case .recursiveAlias: .recursiveAlias
        case .limitExceeded: .limitExceeded
        case .unreadable: .unreadable
        case .unknownAPIVersion: .unknownAPIVersion
        case .unknownKind: .unknownKind
        case .missingKey: .missingKey
        case .unknownKey: .unknownKey
        case .wrongType: .wrongType
        case .invalidValue: .invalidValue
        case .outOfRange: .outOfRange
        case .conflictingFields: .conflictingFields
        case .reserved: .reserved
        case .duplicateName: .duplicateName
        case .nameConflict: .nameConflict
        case .danglingReference: .danglingReference
        case .ambiguousReference: .ambiguousReference
        case .hostPortTaken: .hostPortTaken
        case .capacityExceeded: .capacityExceeded
        case .conflictingAutoscalers: .conflictingAutoscalers
        case .limitOverCeiling: .limitOverCeiling
        case .quotaExceeded: .quotaExceeded
        case .undefinedVariable: .undefinedVariable
        case .invalidOverlayTarget: .invalidOverlayTarget
        case .contradictingPolicies: .contradictingPolicies
        case .circularDependency: .circularDependency
        case .selectorMatchesNothing: .selectorMatchesNothing
        case .unusedObject: .unusedObject
        case .notYetEnforced: .notYetEnforced
        case .syscallElsewhere: .syscallElsewhere
        case .unknownAnnotation: .unknownAnnotation
        case .budgetWithoutRoom: .budgetWithoutRoom
        case .unknownSyscall: .unknownSyscall
        case .profileTooSmall: .profileTooSmall
        case .hostBitsInCIDR: .hostBitsInCIDR
        case .allowInBlockedRange: .allowInBlockedRange
        case .windowNeverOpens: .windowNeverOpens
        case .unknownTimeZone: .unknownTimeZone
        case .invalidCron: .invalidCron
        case .invalidRecurrence: .invalidRecurrence
        }
    }
}
