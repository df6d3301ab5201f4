import FoundationEssentials
import Glibc

/// The kernel's own files about one running container, read and written as somebody with a shell would.
package struct KernelByHand: Sendable {
    /// Of its first process, as this machine sees it.
    package let pid: Int
    private let groups: [String: String]

    package struct NotFound: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    private struct Inspected: Decodable {
        struct State: Decodable {
            var pid: Int
            private enum CodingKeys: String, CodingKey { case pid = "Pid" }
        }
        var state: State
        private enum CodingKeys: String, CodingKey { case state = "State" }
    }

    package init(_ engine: EngineByHand, _ id: String) async throws {
        let answer = try await engine.get("/containers/\(id)/json")
        pid = try JSONDecoder().decode(Inspected.self, from: answer).state.pid
        var groups: [String: String] = [:]
        for line in try Self.text("/proc/\(pid)/cgroup").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            for name in parts[1].split(separator: ",") { groups[String(name)] = String(parts[2]) }
        }
        self.groups = groups
    }

    /// Whether the limits are in hierarchies of version 1, whose names the tests write.
    package static var isVersionOne: Bool { access("/sys/fs/cgroup/memory", F_OK) == 0 }

    /// - Parameter file: such as `memory.limit_in_bytes`; of version 1.
    package func cgroup(_ file: String) throws -> String { try Self.text(try path(file)) }

    package func write(_ text: String, to file: String) throws {
        try Self.write(text, to: try path(file))
    }

    /// - Parameter file: such as `oom_score_adj`.
    package func write(_ text: String, toProcess file: String) throws {
        try Self.write(text, to: "/proc/\(pid)/\(file)")
    }

    private static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else {
            throw NotFound(description: "'\(path)' does not take '\(text)' (errno \(errno))")
        }
    }

    /// - Parameter file: such as `limits`.
    package func process(_ file: String) throws -> String { try Self.text("/proc/\(pid)/\(file)") }

    /// Sets both limits of the process.
    package func set(openFiles limit: Int) async throws {
        try await TestCommand.run("prlimit", ["--pid", "\(pid)", "--nofile=\(limit):\(limit)"])
    }

    /// Gives a file system in memory another size, from inside of the container's mounts.
    package func resize(_ path: String, to size: String) async throws {
        let mount = ["/bin/busybox", "mount", "-o", "remount,size=\(size)", path]
        try await TestCommand.run("nsenter", ["--target", "\(pid)", "--mount", "--pid", "--"] + mount)
    }

    /// The bytes that a file system holds which the container sees at this path.
    package func size(ofFileSystem path: String) throws -> Int64 {
        var status = statvfs()
        guard statvfs("/proc/\(pid)/root\(path)", &status) == 0 else {
            throw NotFound(description: "no file system at '\(path)' (errno \(errno))")
        }
        return Int64(status.f_blocks) * Int64(status.f_frsize)
    }

    private func path(_ file: String) throws -> String {
        let name = file.split(separator: ".").first.map(String.init) ?? ""
        guard let group = groups[name] else { throw NotFound(description: "no group of '\(name)' for \(pid)") }
        return "/sys/fs/cgroup/\(name)\(group)/\(file)"
    }

    private static func text(_ path: String) throws -> String {
        var text = try String(contentsOfFile: path, encoding: .utf8)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
