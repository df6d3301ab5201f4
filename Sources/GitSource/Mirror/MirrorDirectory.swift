import CGit2
import FoundationEssentials
import Glibc
import Reconciler

/// The folder of one mirror: a bare repository, the address that it came from, and the lock of whoever works in it.
///
/// All of it is a cache. Whatever is in doubt is thrown away, never repaired. The repository and the home belong to the
/// process that fetches, which may write nothing else, the folder around them included.
struct MirrorDirectory: ~Copyable {
    /// Every fetch that brings something adds a pack; with this many, a fresh clone is cheaper than looking into each.
    private static let maximumPacks = 256

    private let path: String
    private let user: ChildUser?
    private let lockDescriptor: Int32

    var repository: String { path + "/repository.git" }
    var home: String { path + "/home" }
    var exists: Bool { !Self.isEmpty(repository) }
    private var addressFile: String { path + "/url" }

    /// Makes the folder and takes its lock, waiting for whoever holds it until the deadline.
    ///
    /// - Parameter user: whoever fetches; nil for the user that we are.
    /// - Throws: `SourceError` with `mirrorBroken` when the folder cannot be used, and `timedOut` when it stays busy.
    init(path: String, user: ChildUser?, deadline: ContinuousClock.Instant) throws(SourceError) {
        lockDescriptor = try Self.lock(path, until: deadline)
        self.path = path
        self.user = user
    }

    private static func lock(_ path: String, until deadline: ContinuousClock.Instant) throws(SourceError) -> Int32 {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw SourceError(.mirrorBroken, "cannot make the mirror's folder '\(path)'")
        }
        // Not named *.lock, which is what is swept away in the repository.
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

    /// Makes the mirror fit for a fetch from this address: removes the whole of it when it came from elsewhere, belongs to
    /// somebody else or has grown too many packs, and sees to it that whoever fetches gets to it.
    func prepare(for url: String) throws(SourceError) {
        if user != nil { try letPass() }
        let recorded = FileManager.default.contents(atPath: addressFile).map { String(decoding: $0, as: UTF8.self) }
        if recorded != url || packCount > Self.maximumPacks || !isOwned(repository) { try discard() }
        if !isOwned(home) { try makeFolder(home) }
        guard recorded != url else { return }
        let isWritten = FileManager.default.createFile(
            atPath: addressFile, contents: Data(url.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten else { throw SourceError(.mirrorBroken, "cannot write '\(addressFile)'") }
    }

    /// Throws the mirror away, for an empty folder.
    func discard() throws(SourceError) { try makeFolder(repository) }

    private var packCount: Int {
        // No folder is no packs.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: repository + "/objects/pack")) ?? []
        return names.count { $0.hasSuffix(".pack") }
    }

    /// Whether there is nothing in a folder, or no folder.
    static func isEmpty(_ folder: String) -> Bool {
        guard access(folder, F_OK) == 0 else { return true }
        // What cannot be listed is something, and for whoever uses it to find out about.
        return (try? FileManager.default.contentsOfDirectory(atPath: folder).isEmpty) ?? false
    }

    // MARK: Whoever fetches

    /// A folder, not a link to one, that belongs to whoever fetches.
    private func isOwned(_ folder: String) -> Bool {
        var status = stat()
        return lstat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && status.st_uid == user?.user ?? geteuid()
    }

    /// Makes a folder anew, for whoever fetches.
    private func makeFolder(_ folder: String) throws(SourceError) {
        do {
            var status = stat()
            if lstat(folder, &status) == 0 { try FileManager.default.removeItem(atPath: folder) }
        } catch {
            throw SourceError(.mirrorBroken, "cannot remove '\(folder)', which is a cache: remove it by hand")
        }
        guard mkdir(folder, 0o700) == 0 else {
            throw SourceError(.mirrorBroken, "cannot make '\(folder)': \(SystemError.text(errno))")
        }
        guard let user, lchown(folder, user.user, user.group) != 0 else { return }
        throw SourceError(
            .mirrorBroken, "cannot give '\(folder)' to user \(user.user), which fetches: \(SystemError.text(errno))")
    }

    /// Whoever fetches sees nothing of the folders above, but gets through.
    private func letPass() throws(SourceError) {
        guard chmod(path, 0o711) == 0 else {
            throw SourceError(.mirrorBroken, "cannot change the mode of '\(path)': \(SystemError.text(errno))")
        }
        guard let resolved = realpath(path, nil) else {
            throw SourceError(.mirrorBroken, "cannot find '\(path)': \(SystemError.text(errno))")
        }
        defer { free(resolved) }
        var folder = ""
        for name in String(cString: resolved).split(separator: "/") {
            folder += "/\(name)"
            var status = stat()
            guard stat(folder, &status) == 0, status.st_mode & 0o001 == 0 else { continue }
            throw SourceError(
                .invalidConfiguration,
                "what fetches runs as user \(user?.user ?? 0), without rights, and does not get through '\(folder)' to the "
                    + "mirror '\(path)': let it pass with 'chmod o+x', or put the state elsewhere with --state-dir")
        }
    }
}
