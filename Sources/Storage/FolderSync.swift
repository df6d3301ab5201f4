import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Makes names last: a file that was made or renamed may have its old name again after a power loss.
enum FolderSync {
    /// Syncs the folder that a file is in; a file system that cannot do it keeps its own promises.
    static func sync(folderOf file: String) {
        let name = (file as NSString).deletingLastPathComponent
        let folder = open(name.isEmpty ? "." : name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }
}
