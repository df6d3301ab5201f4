/// The annotations that mean something to the controller; all others are notes for people and programs.
package enum ObjectAnnotation: String, CaseIterable, Sendable {
    /// `"true"`, or the reason: nothing of the object is changed until a commit takes the annotation away.
    case paused = "reconcile.dev/paused"

    /// Keys that begin with this are ours to give a meaning.
    static let prefix = "reconcile.dev/"
}

extension Field {
    /// Annotations, with a warning for each that looks like one of ours and is none.
    func annotations() -> [String: String]? {
        if case .mapping(let pairs) = node.content {
            for pair in pairs where pair.key.hasPrefix(ObjectAnnotation.prefix) {
                guard ObjectAnnotation(rawValue: pair.key) == nil else { continue }
                let known = ObjectAnnotation.allCases.map(\.rawValue)
                let message = "annotation \(Diagnostic.quote(pair.key)) means nothing to this version"
                let hint = NearestName.hint(for: pair.key, among: known) ?? "it knows \(Diagnostic.list(known))"
                context.report(Diagnostic(.unknownAnnotation, at: pair.keyPosition, message, hint: hint))
            }
        }
        return map(keys: .labelKey) { $0.string() }
    }
}
