import FoundationEssentials

extension PrivateEngine {
    /// Leaves `dockerd` as it is, and lets it do nothing: connections are accepted and never answered.
    package func freeze() async throws { try await own("freeze").control("freeze") }

    /// Ends `freeze`; the engine answers again when this returns.
    package func thaw() async throws { try await own("thaw").control("thaw") }

    /// Cuts the power of its host, with everything that runs there, and boots it again from the same disk.
    package func reboot() async throws { try await own("reboot").control("reboot") }

    /// Cuts the power, and with it whatever was not yet on the disk; only for an engine with a disk of its own.
    package func losePower() async throws {
        let keeper = try own("reboot")
        try await inside("xfs_io", "-x", "-c", "shutdown", keeper.folder + "/data")
        try await keeper.control("reboot")
    }

    /// Fills the disk of an engine that has one of its own, to the last block.
    package func fillDisk() async throws {
        let file = try own("exec").folder + "/data/filler"
        // One size alone leaves room for what is smaller.
        try await inside("sh", "-c", LoopDisk.filling, "fill", file)
    }

    package func freeDisk() async throws {
        try await inside("rm", "-f", try own("exec").folder + "/data/filler")
    }

    /// Empties the firewall, as `iptables -F` by hand or another tool does.
    package func flushFirewall() async throws {
        try await inside("sh", "-c", "for t in nat filter; do iptables -w -t $t -F && iptables -w -t $t -X; done")
    }

    /// What a command prints that runs as root inside of its namespaces.
    @discardableResult
    package func inside(_ command: String...) async throws -> String {
        let keeper = try own("exec")
        return try await TestCommand.run("bash", [EngineKeeper.script, "exec", "--dir", keeper.folder, "--"] + command)
    }

    /// What a program is launched by to live in the engine's network, as the daemon of a real host does.
    package func networkLauncher() throws -> [String] {
        let file = try own("exec").folder + "/init.pid"
        let pid = try String(contentsOfFile: file, encoding: .utf8).filter(\.isNumber)
        return ["nsenter", "--net=/proc/\(pid)/ns/net"]
    }

    /// What a program is launched by that looks at the engine's processes as well, by their numbers.
    package func hostLauncher() throws -> [String] {
        let file = try own("exec").folder + "/init.pid"
        let pid = try String(contentsOfFile: file, encoding: .utf8).filter(\.isNumber)
        return ["nsenter", "--target", pid, "--net", "--pid", "--mount", "--"]
    }

    /// The control group of everything on this host, version 1, below a controller such as `memory`.
    package func controlGroup(_ controller: String) throws -> String {
        let name = try String(contentsOfFile: try own("exec").folder + "/cgroup", encoding: .utf8)
        return "/sys/fs/cgroup/\(controller)/" + name.filter { !$0.isNewline }
    }
}
