/// The bounds within which a file is read; each has its own message when a file exceeds it.
package struct YAMLLimits: Sendable {
    package var bytes: Int
    package var documents: Int
    /// Scalars, sequences and mappings of a file, without keys; an alias counts as much as what it stands for.
    package var nodes: Int
    /// Collections within collections; the root of a document is the first.
    package var depth: Int

    package init(bytes: Int = 1 << 20, documents: Int = 256, nodes: Int = 10_000, depth: Int = 64) {
        self.bytes = bytes
        self.documents = documents
        self.nodes = nodes
        self.depth = depth
    }
}
