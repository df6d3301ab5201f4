import Glibc
import Reconciler
import Synchronization

/// The first processes of members of pools, as inspect last named them.
final class MemberProcesses: Sendable {
    private let known = Mutex<[String: Int32]>([:])

    /// By the id of the container; nil for one that does not run, or was not looked at.
    subscript(_ container: String) -> Int32? { known.withLock { $0[container] } }

    func note(_ details: ContainerDetails) {
        let pid = details.state.pid.flatMap { $0 > 0 ? $0 : nil }
        known.withLock { $0[details.id] = pid }
    }

    /// Forgets all containers but these.
    func forget(allBut ids: Set<String>) {
        known.withLock { $0 = $0.filter { ids.contains($0.key) } }
    }
}

/// What /proc shows of a member's first process and its claim folder, in a few microseconds.
enum MemberSight: Hashable {
    /// It lives, and has this very folder before it.
    case mounted
    /// It lives, and what it has before it cannot be seen: some runtimes keep that to themselves.
    case alive
    /// It lives, and has another folder in that place.
    case otherFolder
    /// Not to be found: it has ended, or is out of our sight.
    case hidden

    /// - Parameters:
    ///   - pid: as the engine counts; another process may have it by now.
    ///   - id: of the container.
    ///   - engine: nil where its process is out of our sight.
    init(pid: Int32, container id: String, folder: FolderIdentity, engine: EngineProcess?) {
        for process in ["/proc/\(pid)", engine?.path(of: "/proc/\(pid)")].compactMap(\.self) {
            let seen = FolderIdentity(of: process + "/root" + ClaimFolder.inContainer)
            if seen == folder {
                self = .mounted
                return
            }
            guard Self.lives(process, in: id) else { continue }
            self = seen == nil ? .alive : .otherFolder
            return
        }
        self = .hidden
    }

    /// Whether there is such a process, in a cgroup of the container's name. One that has ended and that nobody has asked
    /// for its exit code yet keeps its number.
    private static func lives(_ process: String, in id: String) -> Bool {
        do throws(KernelFileError) {
            guard try KernelFile.read(process + "/cgroup").contains(id) else { return false }
            let status = try KernelFile.read(process + "/stat")
            // 17 (a name (in brackets)) S 1 …
            guard let bracket = status.lastIndex(of: ")") else { return false }
            let state = status[bracket...].dropFirst(2).first
            return state != "Z" && state != "X"
        } catch {
            return false
        }
    }
}
