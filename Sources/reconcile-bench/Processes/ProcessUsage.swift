import Foundation
import Glibc

/// What a running process holds and has used, from `/proc`.
struct ProcessUsage: Sendable {
    /// Bytes: everything resident, and the part of it that is the process's own.
    var resident: Int
    var anonymous: Int
    /// Of the process itself, and of the children that it waited for. The kernel counts in 10 ms.
    var cpu: Duration
    var childrenCPU: Duration

    init(of id: pid_t) throws(BenchError) {
        let status = try Self.read("/proc/\(id)/status")
        resident = Self.kibibytes("VmRSS:", in: status) << 10
        anonymous = Self.kibibytes("RssAnon:", in: status) << 10
        // The name in the second field may hold spaces; the fields after it are counted from its closing bracket.
        let stat = try Self.read("/proc/\(id)/stat")
        let fields = stat.drop { $0 != ")" }.split(separator: " ").dropFirst().map { Int($0) ?? 0 }
        guard fields.count > 14 else { throw BenchError("/proc/\(id)/stat is not as proc(5) describes it") }
        let tick = Duration.seconds(1) / sysconf(CInt(_SC_CLK_TCK))
        cpu = tick * (fields[11] + fields[12])
        childrenCPU = tick * (fields[13] + fields[14])
    }

    /// The largest resident set of this process, bytes. What the kernel says at the end of a child would count the
    /// memory of the parent too, which the child has until it becomes another program.
    static func ownPeak() throws(BenchError) -> Int { kibibytes("VmHWM:", in: try read("/proc/self/status")) << 10 }

    private static func read(_ path: String) throws(BenchError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BenchError("'\(path)' cannot be read: the process ended")
        }
        return String(decoding: data, as: UTF8.self)
    }

    private static func kibibytes(_ key: String, in status: String) -> Int {
        for line in status.split(separator: "\n") where line.hasPrefix(key) {
            return Int(line.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") ?? 0
        }
        return 0
    }
}
