import Glibc
package import Reconciler

/// The two folders that each member of a pool has on the host.
///
///     <state directory>/members/<container>/   root's alone, on the disk: claim.json, made once by one claim;
///                                              shared, a link to the other folder
///     <claim root>/members/<container>/        in memory, mounted read-only into the container since its creation:
///                                              env, env.json, files/ and, last, claim.json
///
/// The folder on the disk is made first and removed last: what is found in memory without it is not ours.
package struct MemberFolders: Sendable {
    static let link = "shared"
    static let files = "files"
    /// More than any claim has.
    static let largestClaim = 1 << 20

    /// Where the folders on the disk are.
    let path: String
    let disk = DiskSync()
    /// Whether a claim file is on the disk before anybody hears of it; otherwise a moment later.
    let waitsForDisk: Bool

    package init(stateDirectory: String, waitsForDisk: Bool = false) {
        path = stateDirectory + "/members"
        self.waitsForDisk = waitsForDisk
    }

    // MARK: Making

    /// Makes both folders of a member, or finds them.
    ///
    /// - Returns: the folder to be mounted, and whether there was anything of that name before.
    /// - Throws: `.badRequest` where the root is no place for it.
    func make(_ name: String, root: String) throws(DriverError) -> (folder: String, wasThere: Bool) {
        try ClaimRoot.prepare(root)
        let shared = ClaimRoot.folder(of: name, in: root)
        do throws(FileError) {
            guard ClaimContent.isPlain(name) else { throw FileError(name, code: EINVAL) }
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileError(path) }
            let isNew = try OpenFolder(path).makeFolder(name, mode: 0o700)
            try point(name, to: shared)
            let isNewInMemory = try OpenFolder(root + "/members").makeFolder(name, mode: 0o755)
            return (shared, !isNew || !isNewInMemory)
        } catch {
            throw DriverError(error)
        }
    }

    private func point(_ name: String, to shared: String) throws(FileError) {
        let link = "\(path)/\(name)/\(Self.link)"
        if self.shared(name) == shared { return }
        unlink(link)
        guard symlink(shared, link) == 0 else { throw FileError(link) }
    }

    /// Takes everything away that an earlier container of the same name has left.
    package func clear(_ name: String) throws(DriverError) {
        do throws(FileError) {
            if let shared = shared(name) { try OpenFolder(shared).empty() }
            try OpenFolder("\(path)/\(name)").remove(ClaimFolder.claimFile)
        } catch {
            throw DriverError(error)
        }
    }

    /// Makes the folder in memory anew where the machine has lost it with its power: a container does not start without.
    func revive(_ name: String) throws(DriverError) {
        guard let shared = shared(name), access(shared, F_OK) != 0, let root = Self.root(of: shared) else { return }
        _ = try make(name, root: root)
    }

    private static func root(of shared: String) -> String? {
        shared.firstRange(of: "/members/").map { String(shared[..<$0.lowerBound]) }
    }

    // MARK: Looking

    /// The folder in memory; nil for what is no member of a pool.
    func shared(_ name: String) -> String? {
        guard ClaimContent.isPlain(name) else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer -> String? in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink("\(path)/\(name)/\(Self.link)", start, buffer.count)
            return count < 0 ? nil : String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// Which folder in memory is a member's; nil where it has none.
    func identity(_ name: String) -> FolderIdentity? { shared(name).flatMap { FolderIdentity(of: $0) } }

    // MARK: Removing

    /// Removes both folders, and with them all that a claim brought; what is not there counts as removed.
    func remove(_ name: String) throws(DriverError) {
        guard ClaimContent.isPlain(name), let shared = shared(name) else { return }
        do throws(FileError) {
            if let slash = shared.lastIndex(of: "/") {
                try Self.remove(String(shared[shared.index(after: slash)...]), in: String(shared[..<slash]))
            }
            try Self.remove(name, in: path)
        } catch {
            throw DriverError(error)
        }
    }

    private static func remove(_ name: String, in folder: String) throws(FileError) {
        do throws(FileError) {
            try OpenFolder(folder).removeFolder(name)
        } catch {
            if !error.isMissing { throw error }
        }
    }

    /// Removes folders that no container has, and that nobody has touched for that long.
    ///
    /// - Parameter names: of containers, whosever they are, and of those that an open claim still needs.
    /// - Returns: the names of what was removed.
    package func sweep(keeping names: Set<String>, idle: Duration) throws(DriverError) -> [String] {
        var swept: [String] = []
        for name in try all() where !names.contains(name) {
            var status = stat()
            var now = timespec()
            guard lstat("\(path)/\(name)", &status) == 0, clock_gettime(CLOCK_REALTIME, &now) == 0,
                now.tv_sec - status.st_mtim.tv_sec >= Int(idle / .seconds(1))
            else { continue }
            try remove(name)
            swept.append(name)
        }
        return swept
    }

    /// The names of all members that have a folder on the disk.
    func all() throws(DriverError) -> [String] {
        do throws(FileError) {
            return try OpenFolder(path).names()
        } catch {
            if error.isMissing { return [] }
            throw DriverError(error)
        }
    }
}

/// Tells one folder from another that has its name later.
struct FolderIdentity: Hashable, Sendable {
    private let device: dev_t
    private let inode: ino_t

    /// - Returns: nil where there is no folder that we may see.
    init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        (device, inode) = (status.st_dev, status.st_ino)
    }
}
