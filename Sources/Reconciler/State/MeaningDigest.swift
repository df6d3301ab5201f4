import Crypto
import Specs

/// Digests a spec by walking through all of its fields, so that a field of tomorrow cannot be forgotten.
enum MeaningDigest {
    /// Stands in front: a digest of another version says nothing about this one.
    static let version = "m1"

    static func of(_ spec: any Sendable) -> String {
        let digest = SHA256.hash(data: Array(text(of: spec).utf8)).prefix(16)
        return version + ":" + Hexadecimal.text(digest)
    }

    /// Names and values of all fields, nested; maps and sets in the order of their texts.
    private static func text(of value: Any) -> String {
        // Where a template was written is no matter.
        if let source = value as? TemplateSource { return text(of: source.template) }
        let mirror = Mirror(reflecting: value)
        let children = mirror.children.map { child in
            "\(child.label ?? "")=\(text(of: child.value))"
        }
        if children.isEmpty {
            let leaf = String(describing: value)
            return "\(leaf.utf8.count):\(leaf)"
        }
        let isUnordered = mirror.displayStyle == .dictionary || mirror.displayStyle == .set
        return "{" + (isUnordered ? children.sorted() : children).joined(separator: ",") + "}"
    }
}
