import Foundation
package import Reconciler

#if canImport(Glibc)
    import Glibc
#endif

/// The folder that holds everything of ours on this host: state file, mirror, socket and lock.
package struct StateDirectory: Sendable {
    package let path: String

    /// - Parameter path: made when missing, with mode 0700. Of root's it is 0711: the process that fetches is another user
    ///   then, and passes through to the mirror. Nobody can see what is in it, and every file has a mode of its own.
    package init(path: String) throws(StateStoreError) {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            if geteuid() == 0 {
                try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: path)
            }
        } catch {
            throw StateStoreError(
                .unavailable, "state directory '\(path)' cannot be made: \(error.localizedDescription)")
        }
    }

    package var database: String { Self.database(in: path) }

    /// The state file of a state directory, also for a reader that must not make the folder.
    package static func database(in path: String) -> String { path + "/state.sqlite" }

    package var socket: String { Self.socket(in: path) }

    /// Where the daemon of a state directory listens, also for a client that must not make the folder.
    package static func socket(in path: String) -> String { path + "/reconcile.sock" }
    package var mirror: String { path + "/mirror.git" }

    /// Since when conditions hold.
    package var conditions: String { path + "/conditions.json" }

    /// The audit log, in JSON lines.
    package var audit: String { Self.audit(in: path) }

    /// The audit log of a state directory, also for a reader that must not make the folder.
    package static func audit(in path: String) -> String { path + "/audit.jsonl" }

    /// The random identity of this installation: made once, never reused, in a file of its own.
    ///
    /// On the disk before it is answered: the state file is tied to it.
    package func hostID() throws(StateStoreError) -> String {
        let file = path + "/host-id"
        do {
            if FileManager.default.fileExists(atPath: file) {
                let text = try String(contentsOfFile: file, encoding: .utf8)
                let id = text.trimmingCharacters(in: .whitespacesAndNewlines)
                // A power loss of an older version could leave the file empty.
                if !id.isEmpty { return id }
            }
        } catch {
            throw StateStoreError(.unavailable, "'\(file)' cannot be read: \(error.localizedDescription)")
        }
        let id = UUID().uuidString.lowercased()
        try writeDurably(id + "\n", to: file)
        return id
    }

    /// Replaces a file by way of a new one, so that after a power loss there is the old text or the new one.
    private func writeDurably(_ text: String, to file: String) throws(StateStoreError) {
        let draft = file + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let bytes = Array(text.utf8)
        let isWritten =
            descriptor >= 0 && write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let number = errno
        if descriptor >= 0 { close(descriptor) }
        guard isWritten, rename(draft, file) == 0 else {
            let reason = String(cString: strerror(isWritten ? errno : number))
            throw StateStoreError(.unavailable, "'\(file)' cannot be written: \(reason)")
        }
        FolderSync.sync(folderOf: file)
    }

    /// Takes the lock of this host, which lasts as long as the value lives.
    ///
    /// - Returns: nil when another instance holds it.
    package func lock() throws(StateStoreError) -> InstanceLock? {
        let file = path + "/lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StateStoreError(.unavailable, "'\(file)' cannot be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return InstanceLock(descriptor: descriptor)
    }
}

/// Held while one instance works on this host; the kernel lets it go when the process ends, however it ends.
package final class InstanceLock: Sendable {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}

/// Held while one instance works on one engine for one owner, whatever its state directory.
///
/// A name in the kernel's abstract socket namespace: no file stays behind, and the kernel lets it go when the process
/// ends. It holds within one network namespace, which is where an engine's socket is used from.
package final class EngineLock: Sendable {
    private let descriptor: Int32

    /// - Returns: nil when another instance works on that engine for that owner.
    package init?(socketPath: String, owner: String) throws(StateStoreError) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw StateStoreError(.unavailable, "no socket for the engine's lock: \(String(cString: strerror(errno)))")
        }
        self.descriptor = descriptor
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The first byte stays 0, which makes the name abstract. The end of the text tells engines apart.
        let name = Array("reconcile:\(owner)@\(socketPath)".utf8.suffix(100))
        withUnsafeMutableBytes(of: &address.sun_path) { $0[1...].copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.count)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        if result == 0 { return }
        if errno == EADDRINUSE { return nil }
        throw StateStoreError(.unavailable, "the engine's lock cannot be taken: \(String(cString: strerror(errno)))")
    }

    deinit { close(descriptor) }
}
