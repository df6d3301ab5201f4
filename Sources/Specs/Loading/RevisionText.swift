/// The documents of a revision as they were written, before an environment is chosen.
struct RevisionText {
    /// The first documents of all: they say how the others are to be read.
    private var declarations = DeclaredObjects()
    private var documents: [SpecDocument] = []
    private var diagnostics: [Diagnostic] = []
    private let attachments: Attachments

    /// Reads all files, side by side.
    init(_ files: [SpecFile]) {
        attachments = Attachments(files)
        let sorted = files.filter(\.isSpec).sorted { $0.path < $1.path }
        for file in sorted.concurrentMap({ Self.read($0) }) {
            diagnostics += file.diagnostics
            if !file.isComplete { declarations.isComplete = false }
            for document in file.documents {
                guard let kind = document.kind, kind.isAboutDocuments else {
                    documents.append(document)
                    continue
                }
                diagnostics += declarations.add(DocumentDecoder.decode(document.root))
            }
        }
    }

    private static func read(_ file: SpecFile) -> (
        documents: [SpecDocument], diagnostics: [Diagnostic], isComplete: Bool
    ) {
        let stream = YAMLReader.read(file)
        let whole = stream.documents.filter(\.isWhole)
        let usesVariables = file.bytes.containsVariable
        return (
            whole.map { SpecDocument(root: $0.root, usesVariables: usesVariables) },
            Array(stream.diagnostics.prefix(SpecLoader.mostDiagnostics)),
            stream.isComplete && whole.count == stream.documents.count
        )
    }

    /// What keeps the revision from being read at all.
    var limitProblem: Diagnostic? {
        let environments = declarations.set.environments
        guard environments.count > SpecLoader.mostEnvironments else { return nil }
        let message =
            "the revision has \(environments.count) environments, more than the \(SpecLoader.mostEnvironments) that are read"
        return Diagnostic(.limitExceeded, at: environments[SpecLoader.mostEnvironments].origin, message)
    }

    var environmentNames: [String] { declarations.set.environments.map(\.id.name).sorted() }

    /// Whether every variable has a default, so that the revision means something without an environment.
    var isCompleteWithoutEnvironment: Bool {
        declarations.set.variables.allSatisfy { $0.spec.variables.values.allSatisfy { $0.defaultValue != nil } }
    }

    /// The objects as they are in an environment, connected with each other, and all findings.
    func objects(
        in environment: String?, zones: TimeZoneDatabase
    ) -> (objects: DeclaredObjects, diagnostics: [Diagnostic]) {
        var overlay = EnvironmentOverlay(environment, declarations)
        let changed = overlay.apply(to: documents)
        var objects = declarations
        var found = diagnostics + overlay.diagnostics
        if changed.count < documents.count { objects.isComplete = false }
        found += changed.compactMap(\.misplacedDeclaration)
        for result in changed.concurrentMap({ DocumentDecoder.decode($0.root) }) { found += objects.add(result) }
        found += objects.resolveAndValidate(attachments, zones: zones)
        return (objects, found)
    }
}

/// One document of a revision.
struct SpecDocument: Sendable {
    var root: YAMLNode
    /// Whether there may be a `${{` in it.
    var usesVariables: Bool
    /// False where a variable has no value: what the document says is then not known.
    var isWhole = true

    var kind: ResourceKind? { root.text(at: "kind").flatMap { ResourceKind(rawValue: $0) } }

    /// What says how documents are read must be known before variables have values.
    fileprivate var misplacedDeclaration: Diagnostic? {
        guard let kind, kind.isAboutDocuments, let place = root.child("kind")?.position else { return nil }
        let message = "the kind '\(kind.rawValue)' cannot come from a variable"
        return Diagnostic(.invalidValue, at: place, message, hint: "write it out")
    }

    /// Kind and name, as far as they can be read without decoding.
    var id: ResourceID? {
        guard let kind, let name = root.child("metadata")?.text(at: "name") else { return nil }
        return ResourceID(kind, name)
    }
}

extension ResourceKind {
    /// Whether objects of the kind say how other documents are to be read.
    var isAboutDocuments: Bool { self == .variables || self == .environment }
}

extension YAMLNode {
    func child(_ key: String) -> YAMLNode? {
        guard case .mapping(let pairs) = content else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    fileprivate func text(at key: String) -> String? {
        if case .scalar(let scalar)? = child(key)?.content { scalar.text } else { nil }
    }
}

extension Array where Element == UInt8 {
    /// Whether a `${{` may be in it: as it is, or behind an escape of a quoted string.
    fileprivate var containsVariable: Bool {
        guard count > 2 else { return false }
        let (dollar, brace, backslash) = (UInt8(ascii: "$"), UInt8(ascii: "{"), UInt8(ascii: "\\"))
        if contains(backslash) { return true }
        return indices.dropLast(2).contains { self[$0] == dollar && self[$0 + 1] == brace && self[$0 + 2] == brace }
    }
}
