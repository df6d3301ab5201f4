import Specs

/// What one repository may cost before it is refused.
package struct GitLimits: Hashable, Codable, Sendable {
    /// Bytes received in one fetch.
    package var packBytes = 512 << 20
    /// Objects in one pack.
    package var packObjects = 2_000_000
    /// Bytes of one spec file.
    package var fileBytes = 1 << 20
    /// Spec files of one revision.
    package var files = SpecLoader.mostFiles
    /// Bytes of all spec files of one revision together.
    package var totalBytes = SpecLoader.mostBytes
    /// Folders between the specs folder and a file.
    package var depth = 16
    /// Names looked at below the specs folder: a few small trees that name each other can spell billions of paths.
    package var entries = 100_000

    package init() {}
}
