import Glibc
import Synchronization

/// The files of a repository on this host that say where its branches and tags lead, by what the kernel says of them.
///
/// While none of them was written, a fetch would bring what the last one brought. Only stamps are compared; nothing that is in
/// the repository is read, and everything out of the ordinary is left to the fetch.
struct ReferenceFiles: Hashable, Sendable {
    private struct Stamp: Hashable, Sendable {
        var device: UInt
        var inode: UInt
        var size: Int
        var changed: Int
        var changedNanoseconds: Int

        init(_ status: stat) {
            device = status.st_dev
            inode = status.st_ino
            size = status.st_size
            // Nobody can set this time, and whatever is done to a file moves it on.
            changed = status.st_ctim.tv_sec
            changedNanoseconds = status.st_ctim.tv_nsec
        }
    }

    /// More would cost more than they save.
    private static let most = 500
    /// What was written so short a time ago may be written again within one tick of the file system's clock.
    private static let settled = 2

    private var stamps: [String: Stamp] = [:]

    /// - Parameter repository: the folder of a repository, with a working copy or without.
    /// - Returns: nil where the files cannot vouch for anything: worktrees, other ways to store references, very many of them,
    ///   or a change just now.
    init?(of repository: String) {
        let folder = Self.isFolder(repository + "/.git") ? repository + "/.git" : repository
        // Those are of worktrees, and of references in tables.
        for name in ["commondir", "reftable"] where Self.status(folder + "/" + name) != nil { return nil }
        guard note(folder + "/HEAD"), note(folder + "/refs"), noteAll(below: folder + "/refs") else { return nil }
        // They are not in every repository, and when they come, something has changed.
        for name in ["packed-refs", "config"] { note(folder + "/" + name) }
        let newest = stamps.values.map(\.changed).max() ?? .max
        guard time(nil) - newest > Self.settled else { return nil }
    }

    private mutating func noteAll(below folder: String) -> Bool {
        guard let directory = opendir(folder) else { return false }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let path = folder + "/" + name
            guard note(path), stamps.count <= Self.most else { return false }
            if Self.isFolder(path) && !noteAll(below: path) { return false }
        }
        return true
    }

    @discardableResult
    private mutating func note(_ path: String) -> Bool {
        guard let status = Self.status(path) else { return false }
        stamps[path] = Stamp(status)
        return true
    }

    /// Of the file itself: what a link leads to may be anywhere.
    private static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    private static func isFolder(_ path: String) -> Bool {
        status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }
}

/// What is known since the last fetch of a repository on this host.
final class LastFetch: Sendable {
    /// Whatever the files say, the repository is read once in a while.
    private static let longest = Duration.seconds(600)

    private let path: String?
    private let known = Mutex<(files: ReferenceFiles, fetched: ContinuousClock.Instant)?>(nil)

    /// - Parameter path: of the repository; nil for one that is elsewhere, of which nothing can be known.
    init(path: String?) { self.path = path }

    /// The files before a fetch: what is written meanwhile is seen at the next one.
    func files() -> ReferenceFiles? { path.flatMap { ReferenceFiles(of: $0) } }

    /// - Parameter files: before the fetch; nil where it failed, or nothing can be known.
    func note(_ files: ReferenceFiles?) { known.withLock { $0 = files.map { ($0, .now) } } }

    var isStillTrue: Bool {
        guard let last = known.withLock({ $0 }), last.fetched.duration(to: .now) < Self.longest else { return false }
        return files() == last.files
    }
}
