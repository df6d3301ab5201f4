import FoundationEssentials

/// A folder for one test, removed with everything in it when the test ends.
package struct ScratchFolder: Sendable {
    package let path: String

    /// Calls the body with a new, empty folder. Only we see what is in it; others get through to what is open to them.
    @discardableResult
    package static func with<Value>(_ body: (ScratchFolder) async throws -> Value) async throws -> Value {
        let parent = FileManager.default.temporaryDirectory.path
        // Short, because the path of a socket may have no more than 107 bytes.
        let number = String(UInt64.random(in: 0x1000_0000_0000...0xffff_ffff_ffff), radix: 16)
        let folder = ScratchFolder(path: "\(parent)/reconcile-test-\(number)")
        try FileManager.default.createDirectory(
            atPath: folder.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        // Nothing is left to be done about a folder that cannot be removed.
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        return try await body(folder)
    }

    /// Writes a file, and the folders above it.
    ///
    /// - Returns: its full path.
    @discardableResult
    package func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let file = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
        return file.path
    }
}
