/// The first process of a container: where its files in /proc are, as its engine counts processes, or as we do.
///
/// A number may be another machine's, or taken by another process meanwhile: it counts only in a control group of the
/// container's name.
struct ContainerProcess {
    /// `/proc/123`, as we see it.
    let folder: String

    /// - Parameter engine: the engine's process; nil where it is out of our sight.
    /// - Returns: nil where there is no such process to be seen.
    init?(pid: Int32?, container id: String, on engine: EngineProcess?) {
        guard let pid, pid > 0, !id.isEmpty else { return nil }
        let own = "/proc/\(pid)"
        for folder in [engine?.path(of: own), own].compactMap(\.self) {
            // It ends whenever it likes.
            guard let groups = try? KernelFile.read(folder + "/cgroup"), groups.contains(id) else { continue }
            self.folder = folder
            return
        }
        return nil
    }
}
