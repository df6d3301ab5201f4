import FoundationEssentials

/// A control group (version 1) of one controller for one test, which limits what is launched in it.
package struct ControlGroup: Sendable {
    package let path: String

    /// - Parameter controller: such as `memory` or `pids`.
    package static func with<Value>(
        _ controller: String, _ body: (ControlGroup) async throws -> Value
    ) async throws -> Value {
        let name = "reconcile-lab-" + String(UInt32.random(in: 0x1000_0000...(.max)), radix: 16)
        let group = ControlGroup(path: "/sys/fs/cgroup/\(controller)/\(name)")
        try FileManager.default.createDirectory(atPath: group.path, withIntermediateDirectories: false)
        do {
            let value = try await body(group)
            try await group.remove()
            return value
        } catch {
            // The failure of the test is the one to show.
            try? await group.remove()
            throw error
        }
    }

    /// Writes one of its files, such as `memory.limit_in_bytes`.
    package func set(_ file: String, _ value: String) async throws {
        try await TestCommand.run("sh", ["-c", "echo '\(value)' > '\(path)/\(file)'"])
    }

    /// How many processes live in it.
    package var processes: Int {
        get throws {
            try String(contentsOfFile: path + "/cgroup.procs", encoding: .utf8).split(separator: "\n").count
        }
    }

    /// For `Program.launcher`: the program lives in the group from its first instruction on.
    package var launcher: [String] { ["sh", "-c", "echo $$ > '\(path)/cgroup.procs' && exec \"$@\"", "sh"] }

    private func remove() async throws {
        // Its processes may just have been killed.
        try await TestCommand.run(
            "sh", ["-c", "for i in 1 2 3 4 5 6 7 8 9; do rmdir '\(path)' && exit; sleep 0.2; done; exit 1"])
    }
}
