/// The commit that specs came from.
package struct Revision: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The full commit id, or `working-copy` for a plain folder.
    package var id: String
    /// The branch, tag or commit that was asked for.
    package var reference: String

    package init(id: String, reference: String) {
        self.id = id
        self.reference = reference
    }

    /// The first seven characters, as git abbreviates.
    package var description: String { id == Self.workingCopyID ? id : String(id.prefix(7)) }

    package static let workingCopyID = "working-copy"
}
