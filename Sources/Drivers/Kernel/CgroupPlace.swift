/// Where the control groups of a process are, as folders of this machine.
///
/// Two files tell: `/proc/PID/cgroup` names the group in each hierarchy, and `/proc/self/mountinfo` where each hierarchy is
/// mounted here (proc(5), cgroups(7)).
struct CgroupPlace: Hashable, Sendable {
    let version: CgroupFile.Version
    /// By controller; of version 2 one for all, under the empty name.
    private let folders: [String: String]

    func folder(of controller: String) -> String? { folders[version == .one ? controller : ""] }

    /// - Parameters:
    ///   - groups: the text of `/proc/PID/cgroup`.
    ///   - id: of the container, which is a part of the group's name with every driver of Docker's. Where it is not, the
    ///     process is another one, or the number is of another machine's.
    init?(groups: String, mounts: CgroupMounts, container id: String) {
        var folders: [String: String] = [:]
        var unified: String?
        for line in groups.split(separator: "\n") {
            // 4:memory:/docker/1a2b…, or 0::/system.slice/docker-1a2b….scope
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].contains(id), !id.isEmpty else { continue }
            if parts[1].isEmpty {
                unified = mounts.folder(of: String(parts[2]), controller: nil)
            } else {
                for controller in parts[1].split(separator: ",") where !controller.contains("=") {
                    folders[String(controller)] = mounts.folder(of: String(parts[2]), controller: String(controller))
                }
            }
        }
        // With both mounted (hybrid), the controllers are where the limits are.
        if folders["memory"] != nil {
            version = .one
            self.folders = folders
        } else if let unified {
            version = .two
            self.folders = ["": unified]
        } else {
            return nil
        }
    }
}

/// The mounts of control groups on this machine.
struct CgroupMounts: Hashable, Sendable {
    private struct Mount: Hashable, Sendable {
        /// The group that is mounted, `/` for the whole hierarchy.
        var root: Substring
        var path: Substring
        /// Controllers of version 1; empty of version 2.
        var controllers: Set<Substring>
    }

    private var mounts: [Mount] = []

    /// - Parameter text: of `/proc/self/mountinfo`.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            // 36 35 98:0 ROOT PATH options [optional…] - TYPE source super-options
            let words = line.split(separator: " ")
            guard let dash = words.firstIndex(of: "-"), words.count > dash + 3, dash > 5 else { continue }
            switch words[dash + 1] {
            case "cgroup":
                let options = words[dash + 3].split(separator: ",")
                mounts.append(Mount(root: words[3], path: words[4], controllers: Set(options)))
            case "cgroup2": mounts.append(Mount(root: words[3], path: words[4], controllers: []))
            default: continue
            }
        }
    }

    /// - Parameter controller: of version 1; nil for version 2.
    fileprivate func folder(of group: String, controller: String?) -> String? {
        for mount in mounts {
            let fits =
                if let controller { mount.controllers.contains(Substring(controller)) } else {
                    mount.controllers.isEmpty
                }
            guard fits else { continue }
            if mount.root == "/" { return String(mount.path) + group }
            // A part of the hierarchy, as inside a container.
            if group.hasPrefix(mount.root) { return String(mount.path) + String(group.dropFirst(mount.root.count)) }
        }
        return nil
    }
}
