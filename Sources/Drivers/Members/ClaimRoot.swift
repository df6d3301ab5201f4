import CStatfs
import Glibc
import Reconciler

/// The place of this host below which members of pools have their claim folders: in memory, and only ours.
package enum ClaimRoot {
    /// The kind of file system that lives in memory, and goes with the machine's power: `TMPFS_MAGIC` of statfs(2).
    private static let memory = 0x0102_1994

    /// Why claim folders cannot be there; nil where they can. Changes nothing.
    package static func trouble(with root: String) -> String? {
        var place = root
        var status = stat()
        while stat(place, &status) != 0, let slash = place.lastIndex(of: "/") {
            place = slash == place.startIndex ? "/" : String(place[..<slash])
            if place == "/" { break }
        }
        guard stat(place, &status) == 0 else { return "'\(root)' cannot be looked at: \(FileError(place).text)" }
        guard status.st_mode & S_IFMT == S_IFDIR else { return "'\(place)' is not a folder" }
        guard isInMemory(place) else {
            return "'\(root)' is not on a tmpfs, and what claims bring must never be on a disk"
        }
        guard status.st_uid == 0 || status.st_uid == geteuid(),
            status.st_mode & 0o022 == 0 || status.st_mode & S_ISVTX != 0
        else { return "others than root may write to '\(place)'" }
        return nil
    }

    private static func isInMemory(_ place: String) -> Bool {
        var system = statfs()
        return statfs(place, &system) == 0 && Int(system.f_type) == memory
    }

    /// Where the folder of one member is.
    static func folder(of name: String, in root: String) -> String { "\(root)/members/\(name)" }

    /// Makes the folders above those of members, the last of them for nobody's eyes but root's.
    static func prepare(_ root: String) throws(DriverError) {
        if let trouble = trouble(with: root) {
            throw DriverError(
                .terminal, .badRequest, "\(trouble): name a folder on a tmpfs by pools.runtimeDirectory",
                at: "a claim folder")
        }
        var path = ""
        for part in root.split(separator: "/") {
            path += "/" + part
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw DriverError(FileError(path)) }
        }
        path += "/members"
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw DriverError(FileError(path)) }
        var status = stat()
        // Somebody else may have been here first, where everybody may write.
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0, isInMemory(path)
        else {
            throw DriverError(
                .terminal, .badRequest,
                "'\(path)' must be a folder of user \(geteuid()) with mode 0700, on a tmpfs: remove it, or name another "
                    + "place by pools.runtimeDirectory", at: "a claim folder")
        }
    }
}

extension DriverError {
    /// Something on this host's own disk or memory: nothing was done, and it may be possible later.
    init(_ error: FileError) {
        let isFull = error.code == ENOSPC || error.code == EDQUOT
        self.init(.transient, isFull ? .noSpace : .serverError, error.text, at: error.path)
    }
}
