/// A file of one revision: its path and its bytes, unread.
package struct SpecFile: Hashable, Codable, Sendable {
    /// As findings show it: the path within the specs folder, behind `folder`.
    package var path: String
    package var bytes: [UInt8]
    /// What stands before the path within the specs folder, with its last `/`; empty but where a person named the folder.
    package var folder: String
    /// Whether it holds objects of the language; otherwise specs may name it.
    package var isSpec: Bool

    /// - Parameter isSpec: nil goes by the name.
    package init(path: String, bytes: [UInt8], folder: String = "", isSpec: Bool? = nil) {
        self.path = path
        self.bytes = bytes
        self.folder = folder
        self.isSpec = isSpec ?? !Self.isAttachment(path)
    }

    /// Whether a name is that of a file that specs may name: `*.json` or `*.apparmor`, in any case.
    package static func isAttachment(_ name: String) -> Bool {
        [".json", ".apparmor"].contains { ending in
            name.utf8.suffix(ending.utf8.count).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
                .elementsEqual(ending.utf8)
        }
    }

    /// How fields of specs name it.
    var pathWithinFolder: String { path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path }
}
