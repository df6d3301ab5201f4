import FoundationEssentials
import Glibc

/// The folder of our state, or the nearest folder above it that is there.
package struct FolderInspection: Hashable, Sendable {
    /// Whether the folder itself is there.
    package var exists = false
    package var isFolder = false
    /// Whether we may write into what is there.
    package var isWritable = false
    package var mode: UInt32 = 0
    package var owner: UInt32 = 0
    /// The kind of file system, such as `ext4`, `nfs4` or `tmpfs`.
    package var fileSystem: String?
    package var free: Int64?
    package var size: Int64?
    package var inodesFree: Int64?
    package var inodes: Int64?

    package init() {}

    /// Looks, and changes nothing.
    package static func look(at path: String) -> FolderInspection {
        var facts = FolderInspection()
        var place = path
        var status = stat()
        facts.exists = stat(place, &status) == 0
        while stat(place, &status) != 0, place.contains("/"), place != "/" {
            place = String(place[..<(place.lastIndex(of: "/") ?? place.startIndex)])
            if place.isEmpty { place = "/" }
        }
        facts.isFolder = status.st_mode & S_IFMT == S_IFDIR
        facts.mode = status.st_mode & 0o7777
        facts.owner = status.st_uid
        // What the kernel says, read-only file systems included.
        facts.isWritable = access(place, W_OK | X_OK) == 0
        facts.fileSystem = fileSystem(of: place)
        var space = statvfs()
        if statvfs(place, &space) == 0 {
            let block = Int64(space.f_frsize)
            // Some of it may be kept for root.
            let free = geteuid() == 0 ? space.f_bfree : space.f_bavail
            (facts.free, facts.size) = (Int64(free) * block, Int64(space.f_blocks) * block)
            (facts.inodesFree, facts.inodes) = (Int64(space.f_ffree), Int64(space.f_files))
        }
        return facts
    }

    /// File systems on which a database would not be safe, or would not outlive the machine's next start.
    package enum Trouble: Hashable, Sendable {
        case overNetwork(String)
        case inMemory
        /// The layer of a container, which goes with it.
        case containerLayer
    }

    package var trouble: Trouble? {
        switch fileSystem {
        case "nfs", "nfs4": .overNetwork("NFS")
        case "cifs", "smb3": .overNetwork("SMB")
        case "9p", "ceph", "glusterfs", "fuse.sshfs", "afs": .overNetwork(fileSystem ?? "")
        case "tmpfs", "ramfs": .inMemory
        case "overlay", "aufs": .containerLayer
        default: nil
        }
    }

    private static func fileSystem(of place: String) -> String? {
        guard let resolved = realpath(place, nil) else { return nil }
        defer { Glibc.free(resolved) }
        // Without /proc nothing is known of it.
        let table = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
        return table.flatMap { fileSystem(of: String(cString: resolved), in: $0) }
    }

    /// The kind of the mount that a path is on, as proc(5) lists them; of two on one place the later covers the other.
    static func fileSystem(of path: String, in table: String) -> String? {
        var best: (length: Int, kind: String)?
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), fields.count > dash + 1 else { continue }
            // Blanks and the like are written as octal numbers.
            let point = fields[4].replacing("\\040", with: " ")
            let isOn = point == "/" || path == point || path.hasPrefix(point + "/")
            if isOn, point.count >= best?.length ?? 0 { best = (point.count, String(fields[dash + 1])) }
        }
        return best?.kind
    }
}
