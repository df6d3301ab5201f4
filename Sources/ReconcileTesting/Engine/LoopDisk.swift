import FoundationEssentials

/// A small ext4 file system for one test, which can fill up, break, and lose its power with all that is not on it yet.
package struct LoopDisk: Sendable {
    /// Where it is mounted.
    package let path: String
    private let image: String

    /// Makes the file system and mounts it for the time of the body; needs root.
    ///
    /// - Parameter megabytes: with ext4's own needs, at least 4.
    package static func with<Value>(megabytes: Int, _ body: (LoopDisk) async throws -> Value) async throws -> Value {
        try await ScratchFolder.with { folder in
            let disk = LoopDisk(path: folder.path + "/disk", image: folder.path + "/image")
            try FileManager.default.createDirectory(atPath: disk.path, withIntermediateDirectories: false)
            try await TestCommand.run("truncate", ["--size", "\(megabytes)M", disk.image])
            try await TestCommand.run("mkfs.ext4", ["-q", disk.image])
            try await disk.mount()
            do {
                let value = try await body(disk)
                try await disk.unmount()
                return value
            } catch {
                // The failure of the test is the one to show.
                try? await disk.unmount()
                throw error
            }
        }
    }

    /// Fills a file, first in large pieces and then in ever smaller ones, until nothing more fits.
    static let filling = """
        for size in 1M 4k 1k 512; do dd if=/dev/zero bs=$size oflag=append conv=notrunc of="$1" 2>/dev/null || true; done
        sync -f "$1"
        """

    package func fill() async throws {
        try await TestCommand.run("sh", ["-c", Self.filling, "fill", path + "/filler"])
    }

    package func free() async throws { try await TestCommand.run("rm", ["-f", path + "/filler"]) }

    /// Reports an error of the file system to the kernel, which then lets nobody write any more.
    package func turnReadOnly() async throws {
        let device = try await TestCommand.run("findmnt", ["--noheadings", "--output", "SOURCE", path])
        let name = device.split(separator: "/").last.map(String.init) ?? ""
        try await TestCommand.run("sh", ["-c", "echo test > /sys/fs/ext4/\(name)/trigger_fs_error"])
    }

    /// Lets go of all that was not flushed, as a power loss does. Whoever has files open on it gets errors from then on.
    package func losePower() async throws {
        try await TestCommand.run("xfs_io", ["-x", "-c", "shutdown", path])
    }

    /// Mounts it again after `losePower` or `turnReadOnly`; nobody may have files open on it.
    package func remount() async throws {
        try await unmount()
        // An error that was reported is kept in the file system until it was checked; 1 says that it was put right.
        try await TestCommand.run("sh", ["-c", "fsck.ext4 -y '\(image)' >/dev/null 2>&1 || [ $? -le 1 ]"])
        try await mount()
    }

    private func mount() async throws {
        try await TestCommand.run("mount", ["-o", "loop,errors=remount-ro", image, path])
    }

    private func unmount() async throws { try await TestCommand.run("umount", ["--lazy", path]) }
}
