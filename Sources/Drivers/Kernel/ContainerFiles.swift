import Reconciler

/// The files of one run of a container, open from the first time that they are read.
///
/// Where the program has no room for so many open files they are opened each time, those of the process are left out.
final class ContainerFiles {
    let version: CgroupFile.Version
    private enum Slot {
        case closed
        /// nil where the kernel has no such file.
        case opened(KeptFile?)
    }

    private let place: CgroupPlace
    private let isKept = KeptFile.hasRoom
    /// By the number of the file.
    private var files = [Slot](repeating: .closed, count: CgroupFile.allCases.count)
    /// The folder of the process, and those of its files that stay open.
    private var folder: KeptFile?
    private var process: [String: KeptFile] = [:]

    /// - Returns: nil when the process is gone, is none of this machine, or is not of this container.
    init?(
        _ container: ContainerProcess, container id: String, mounts: CgroupMounts,
        _ buffer: UnsafeMutableRawBufferPointer
    ) {
        let folder = container.folder
        guard let groups = KeptFile("\(folder)/cgroup")?.text(buffer),
            let place = CgroupPlace(groups: groups, mounts: mounts, container: id)
        else { return nil }
        self.place = place
        version = place.version
        // Opened while we know that the number is still its own: from now on they are of this process, whoever gets it.
        if isKept {
            self.folder = KeptFile(folder)
            for name in ["limits", "oom_score_adj"] { process[name] = KeptFile("\(folder)/\(name)") }
        }
        guard KeptFile("\(folder)/cgroup")?.text(buffer) == groups else { return nil }
    }

    /// The text of a file; nil where the kernel has none, or the group is gone.
    func text(_ file: CgroupFile, _ buffer: UnsafeMutableRawBufferPointer) -> String? {
        bytes(file, buffer).map { String(decoding: $0, as: UTF8.self) }
    }

    /// As `text`, where it was read to: valid until the buffer is used again.
    func bytes(_ file: CgroupFile, _ buffer: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer? {
        if case .opened(let kept) = files[file.rawValue] { return kept?.bytes(buffer) }
        let folder = place.folder(of: file.controller)
        let opened = folder.flatMap { folder in
            file.paths(version).lazy.compactMap { KeptFile(folder + "/" + $0) }.first
        }
        if isKept { files[file.rawValue] = .opened(opened) }
        return opened?.bytes(buffer)
    }

    /// The text of `/proc/PID/limits` and its like; nil when the process has ended.
    func text(ofProcess name: String, _ buffer: UnsafeMutableRawBufferPointer) -> String? {
        process[name]?.text(buffer)
    }

    /// The text of `/proc/PID/mountinfo`, which is closed again at once: while it is open the kernel keeps all mounts of the
    /// container, also after its end.
    func mountTable(_ buffer: UnsafeMutableRawBufferPointer) -> String? {
        folder.flatMap { KeptFile("mountinfo", in: $0) }?.table(buffer)
    }
}
