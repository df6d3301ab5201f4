import FoundationEssentials
import Glibc
import Reconciler

/// The folder of one mirror: a bare repository, the address that it came from, and the lock of whoever works in it.
///
/// All of it is a cache. Whatever is in doubt is thrown away, never repaired.
struct MirrorDirectory: ~Copyable {
    /// Every fetch that brings something adds a pack; with this many, a fresh clone is cheaper than looking into each.
    private static let maximumPacks = 256

    private let path: String
    private let lockDescriptor: Int32

    var repository: String { path + "/repository.git" }
    var home: String { path + "/home" }
    var exists: Bool { access(repository, F_OK) == 0 }
    private var addressFile: String { path + "/url" }

    /// Makes the folder and takes its lock, waiting for whoever holds it until the deadline.
    ///
    /// - Throws: `SourceError` with `mirrorBroken` when the folder cannot be used, and `timedOut` when it stays busy.
    init(path: String, deadline: ContinuousClock.Instant) throws(SourceError) {
        lockDescriptor = try Self.lock(path, until: deadline)
        self.path = path
    }

    private static func lock(_ path: String, until deadline: ContinuousClock.Instant) throws(SourceError) -> Int32 {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw SourceError(.mirrorBroken, "cannot make the mirror's folder '\(path)'")
        }
        // Not named *.lock, which is what is swept away below.
        let descriptor = open(path + "/in-use", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw SourceError(.mirrorBroken, "cannot open the lock of the mirror '\(path)': \(SystemError.text(errno))")
        }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < deadline else {
                close(descriptor)
                throw SourceError(.timedOut, "the mirror '\(path)' is in use by another process")
            }
            usleep(20_000)
        }
        return descriptor
    }

    deinit { close(lockDescriptor) }

    /// Makes the mirror fit for a fetch from this address: removes what a killed process left behind, and the whole
    /// mirror when it came from elsewhere or has grown too many packs.
    func prepare(for url: String) throws(SourceError) {
        let recorded = FileManager.default.contents(atPath: addressFile).map { String(decoding: $0, as: UTF8.self) }
        if recorded != url || packCount > Self.maximumPacks { try discard() }
        removeLeftovers()
        guard recorded != url else { return }
        let isWritten = FileManager.default.createFile(
            atPath: addressFile, contents: Data(url.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten else { throw SourceError(.mirrorBroken, "cannot write '\(addressFile)'") }
    }

    /// Throws the mirror away.
    func discard() throws(SourceError) {
        guard exists else { return }
        do {
            try FileManager.default.removeItem(atPath: repository)
        } catch {
            throw SourceError(.mirrorBroken, "cannot remove the broken mirror '\(repository)'")
        }
    }

    private var packCount: Int {
        // No folder is no packs.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: repository + "/objects/pack")) ?? []
        return names.count { $0.hasSuffix(".pack") }
    }

    /// Locks and half-written packs of a process that was killed: nobody else can be at work, as we hold the lock.
    private func removeLeftovers() {
        // No folder is nothing left over.
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: repository)) ?? []
        for path in paths where path.hasSuffix(".lock") || path.contains("_git2_") {
            // What cannot be removed makes the fetch fail with a message that names it.
            unlink(repository + "/" + path)
        }
    }
}
