/// A file of one revision: its path within the specs folder and its bytes, unread.
package struct SpecFile: Hashable, Codable, Sendable {
    package var path: String
    package var bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}
