import Glibc
package import Reconciler

/// What /proc says of one process, see proc(5).
package struct ProcessFiles {
    /// `/proc/123`, as we see it.
    private let folder: String

    package init(folder: String) { self.folder = folder }

    /// What confines the first process of a container.
    ///
    /// A number may be another machine's, or taken by another process meanwhile: it counts only in a cgroup of the
    /// container's name.
    package func confinement(ofContainer id: String) -> ConfinementFacts.Sight {
        do throws(KernelFileError) {
            guard try text("cgroup").contains(id) else { return .hidden }
            let status = ProcessStatus(try text("status"))
            var process = status.process
            process.isRuntime = status.isRuntime
            process.users = UserMap(try text("uid_map")).inside(status.users)
            process.isRootReadOnly = MountTable.isRootReadOnly(try text("mountinfo"))
            if KernelSecurity.hasAppArmor { process.appArmor = try appArmor() }
            return .process(process)
        } catch {
            return error.isGone ? .gone : .hidden
        }
    }

    /// `reconcile-web-1234 (enforce)`; other modes do not confine.
    private func appArmor() throws(KernelFileError) -> String? {
        let words = try text("attr/current").split { $0.isWhitespace || $0 == "\0" }
        return words.count == 2 && words[1] == "(enforce)" ? String(words[0]) : nil
    }

    private func text(_ name: String) throws(KernelFileError) -> String {
        try KernelFile.read("\(folder)/\(name)")
    }
}

/// `/proc/PID/status`, as far as we look.
struct ProcessStatus {
    private(set) var process = ConfinementFacts.Process()
    /// Real, effective, saved and of the file system, in our own numbers.
    private(set) var users: [UInt32] = []
    /// runc names its process so until it runs the program.
    private(set) var isRuntime = false

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[colon...].dropFirst().drop { $0 == "\t" || $0 == " " }
            switch line[..<colon] {
            case "Name": isRuntime = value.hasPrefix("runc:[") || value == "crun"
            case "Uid": users = value.split(separator: "\t").compactMap { UInt32($0) }
            case "CapPrm": process.permittedCapabilities = UInt64(value, radix: 16) ?? .max
            case "CapEff": process.effectiveCapabilities = UInt64(value, radix: 16) ?? .max
            case "CapBnd": process.boundingCapabilities = UInt64(value, radix: 16) ?? .max
            case "NoNewPrivs": process.noNewPrivileges = value == "1"
            case "Seccomp": process.seccompMode = Int(value) ?? 0
            default: continue
            }
        }
    }
}

/// `/proc/PID/uid_map`: what the users of a namespace are called outside.
struct UserMap {
    private let ranges: [(inside: UInt64, outside: UInt64, count: UInt64)]

    init(_ text: String) {
        ranges = text.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { UInt64($0) }
            return numbers.count == 3 ? (numbers[0], numbers[1], numbers[2]) : nil
        }
    }

    /// The users by their own numbers; one that has none there keeps ours.
    func inside(_ users: [UInt32]) -> Set<UInt32> {
        Set(
            users.map { user in
                let range = ranges.first { UInt64(user) >= $0.outside && UInt64(user) - $0.outside < $0.count }
                return range.map { UInt32(truncatingIfNeeded: UInt64(user) - $0.outside + $0.inside) } ?? user
            })
    }
}

/// `/proc/PID/mountinfo`.
enum MountTable {
    /// The most bytes that each file system in memory holds, by the path that it is mounted on: `size=65536k` in the last
    /// column. `Int64.max` where there is no such word, which is half of the host's memory, or where it says 0.
    static func memoryFileSystems(_ text: String) -> [String: Int64] {
        var sizes: [String: Int64] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let dash = words.firstIndex(of: "-"), words.count > dash + 3, dash > 5, words[dash + 1] == "tmpfs"
            else {
                continue
            }
            let size = words[dash + 3].split(separator: ",").first { $0.hasPrefix("size=") }
            let kibibytes = size.flatMap { Int64($0.dropFirst(5).prefix { $0.isNumber }) } ?? 0
            sizes[String(words[4])] = kibibytes > 0 && kibibytes < .max >> 10 ? kibibytes << 10 : .max
        }
        return sizes
    }

    /// Whether the last thing that is mounted on `/` cannot be written to; nil where nothing is.
    static func isRootReadOnly(_ text: String) -> Bool? {
        var isReadOnly: Bool?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 6)
            guard fields.count > 5, fields[4] == "/" else { continue }
            isReadOnly = fields[5].split(separator: ",").contains("ro")
        }
        return isReadOnly
    }
}
