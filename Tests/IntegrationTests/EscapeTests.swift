import Drivers
import FoundationEssentials
import Glibc
import ReconcileTesting
import Reconciler
import Testing

/// What a program can do from inside of a container that is confined by the baseline `sandbox`, on a real kernel.
///
/// Each attempt is made twice: by a member of ours, where the kernel must refuse it, and by a container that nothing
/// confines, where it must get through. Without the second the first would prove nothing.
@Suite("escape attempts from inside a sandbox", .timeLimit(.minutes(5)))
struct EscapeTests {
    private static let attempts = [
        "mount", "remount", "pivot_root", "unshare", "unshare_user", "clone_user", "setns", "ptrace",
        "process_vm_readv", "keyctl", "add_key", "bpf", "perf", "io_uring", "userfaultfd", "af_alg", "af_vsock",
        "raw_ip", "raw_packet", "mknod", "chroot", "module", "kexec", "syslog", "swapoff", "settime", "handle",
        "setuid",
        "write_root", "proc_sys", "int80", "int80_af_alg",
    ]

    /// EPERM, EACCES and EROFS, or SIGSYS.
    private static let refusals: Set<String> = ["refused 1", "refused 13", "refused 30", "killed 31"]

    private static let profile = """
        apiVersion: reconcile.dev/v1
        kind: SecurityProfile
        metadata: {name: tight}
        spec:
          seccomp: {base: sandbox}
          capabilities: {drop: [ALL]}
          readOnlyRootFilesystem: true
          user: "1000:1000"
        """

    private func outcomes(_ names: [String], in id: String, _ bed: Bed) async throws -> [String: String] {
        let output = try await bed.engine.exec(["attempt"] + names, in: id)
        let pairs = output.split(separator: "\n").map { line in
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            return (parts[0], parts.count == 2 ? parts[1] : "")
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// A container that may do what the attempts need, as far as its namespaces let it.
    private func unconfined(_ bed: Bed) async throws -> String {
        let body = """
            {"Image": "busybox:local", "Cmd": ["sleep", "1000"], "HostConfig": {"NetworkMode": "none",
             "SecurityOpt": ["seccomp=unconfined"], "MaskedPaths": [], "ReadonlyPaths": [],
             "CapAdd": ["SYS_ADMIN", "SYS_PTRACE", "SYSLOG", "SYS_TIME", "DAC_READ_SEARCH", "SYS_MODULE", "SYS_BOOT"]}}
            """
        try await bed.engine.send(.post, "/containers/create", query: [("name", "\(bed.name)-free")], body: body)
        try await bed.engine.send(.post, "/containers/\(bed.name)-free/start")
        return "\(bed.name)-free"
    }

    private func sandbox(_ bed: Bed, template: String = "") async throws -> String {
        try bed.write(
            Self.profile,
            bed.workload("box", command: "[sleep, '1000']", template: "securityProfile: tight\n" + template))
        let ending = try await bed.once()
        #expect(ending.exitCode == 0, "\(ending)")
        let member = try #require(try await bed.members().first)
        return member.id
    }

    @Test("each is refused in the sandbox, and reaches the kernel where nothing confines it")
    func attempts() async throws {
        try await Bed.with { bed in
            let free = try await outcomes(Self.attempts, in: unconfined(bed), bed)
            let boxed = try await outcomes(Self.attempts, in: sandbox(bed), bed)
            for name in Self.attempts {
                let (control, outcome) = (free[name] ?? "missing", boxed[name] ?? "missing")
                #expect(!Self.refusals.contains(control) && control != "missing", "control: \(name) \(control)")
                #expect(Self.refusals.contains(outcome), "\(name) \(outcome)")
            }
        }
    }

    @Test("a fork bomb and a memory bomb end at the limits, and the member goes on")
    func bombs() async throws {
        try await Bed.with { bed in
            let free = try await outcomes(["forks", "memory"], in: unconfined(bed), bed)
            #expect(free == ["forks": "done", "memory": "done"])
            let id = try await sandbox(bed, template: "resources: {pids: 32, memory: 48Mi, memorySwap: 48Mi}")
            let boxed = try await outcomes(["forks", "memory"], in: id, bed)
            // EAGAIN at the limit; SIGKILL by the kernel.
            #expect(boxed == ["forks": "refused 11", "memory": "killed 9"])
            let member = try #require(try await bed.members().first)
            #expect(member.id == id && member.state.status == "running")
        }
    }

    @Test("the kernel shows what was asked for: filter, privileges, capabilities, user and root")
    func shown() async throws {
        try await Bed.with { bed in
            let id = try await sandbox(bed)
            let status = try await bed.engine.exec(["cat", "/proc/1/status"], in: id)
            func field(_ name: String) -> Substring? {
                status.split(separator: "\n").first { $0.hasPrefix(name + ":") }?.dropFirst(name.count + 2)
            }
            #expect(field("Seccomp") == "2" && field("NoNewPrivs") == "1")
            #expect(field("CapBnd") == "0000000000000000" && field("CapEff") == "0000000000000000")
            #expect(field("Uid") == "1000\t1000\t1000\t1000")
            let mounts = try await bed.engine.exec(["cat", "/proc/1/mountinfo"], in: id)
            #expect(mounts.split(separator: "\n").contains { $0.contains(" / / ro,") })
        }
    }

    @Test("a member runs under runsc end to end, with a kernel that is not the host's")
    func otherKernel() async throws {
        try await Bed.with { bed in
            try bed.write(
                """
                apiVersion: reconcile.dev/v1
                kind: SecurityProfile
                metadata: {name: other}
                spec: {runtime: runsc, capabilities: {drop: [ALL]}}
                """,
                bed.workload("box", command: "[sleep, '1000']", template: "securityProfile: other"))
            let ending = try await bed.once()
            #expect(ending.exitCode == 0, "\(ending)")
            let member = try #require(try await bed.members().first)
            #expect(member.state.status == "running")
            let version = try await bed.engine.exec(["cat", "/proc/version"], in: member.id)
            let ours = try String(contentsOfFile: "/proc/version", encoding: .utf8)
            #expect(version.hasPrefix("Linux version 4.4.0") && version != ours, "\(version)")
        }
    }

    @Test("a runtime that the engine does not have holds the object, and nothing is made")
    func missingRuntime() async throws {
        try await Bed.with { bed in
            try bed.write(
                """
                apiVersion: reconcile.dev/v1
                kind: SecurityProfile
                metadata: {name: other}
                spec: {runtime: kata}
                """,
                bed.workload("box", template: "securityProfile: other"))
            let ending = try await bed.once()
            #expect(ending.exitCode == 4 && ending.output.contains("RuntimeMissing"), "\(ending)")
            #expect(try await bed.members().isEmpty)
        }
    }

    @Test("AppArmor that is required holds the object where the kernel lacks it; otherwise it is Degraded and says so")
    func appArmor() async throws {
        try await Bed.with { bed in
            func profile(_ isRequired: Bool) -> String {
                """
                apiVersion: reconcile.dev/v1
                kind: SecurityProfile
                metadata: {name: guarded}
                spec:
                  appArmor: {file: guarded.apparmor, required: \(isRequired)}
                """
            }
            let workload = bed.workload("box", command: "[sleep, '1000']", template: "securityProfile: guarded")
            try bed.write(profile(true), workload)
            try bed.folder.write("specs/guarded.apparmor", "profile guarded {\n  file,\n}\n")
            let held = try await bed.once()
            guard !FileManager.default.fileExists(atPath: "/sys/module/apparmor") else {
                Issue.record("this kernel has AppArmor; only kernels without it are tested")
                return
            }
            #expect(held.exitCode == 4 && held.output.contains("KernelLacksAppArmor"), "\(held)")
            #expect(try await bed.members().isEmpty)

            try bed.write(profile(false), workload)
            try bed.folder.write("specs/guarded.apparmor", "profile guarded {\n  file,\n}\n")
            let ending = try await bed.once()
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(try await bed.members().count == 1)

            try bed.write(profile(false), workload)
            try bed.folder.write("specs/guarded.apparmor", "profile guarded {\n  fi le,\n}\n")
            let refused = try await bed.once()
            #expect(refused.exitCode == 3 && refused.output.contains("syntax error"), "\(refused)")
            #expect(try await bed.members().count == 1, "what runs goes on")
        }
    }

    /// The kernel's log counts processes as its first namespace does, which has this number in every kernel.
    private static let readsKernelLog =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) == "pid:[4026531836]"
        && geteuid() == 0

    @Test(
        "a call that a profile would refuse is written down for the container that made it, and becomes a profile",
        .enabled(
            if: readsKernelLog,
            "needs root in the kernel's first process namespace; scripts/test runs it there in a step of its own"))
    func learning() async throws {
        try await Bed.with { bed in
            let profile = """
                apiVersion: reconcile.dev/v1
                kind: SecurityProfile
                metadata: {name: watched}
                spec:
                  seccomp: {base: sandbox, deny: [mkdir, mkdirat], mode: log}
                """
            let command = #"[sh, -c, "while :; do mkdir /tmp/a; rmdir /tmp/a; sleep 0.1; done"]"#
            try bed.write(profile, bed.workload("box", command: command, template: "securityProfile: watched"))
            #expect(try await bed.once().exitCode == 0)
            // The shell forks for each of its commands, as busybox runs most of them in children.
            let ending = try await bed.program.run(
                bed.arguments(["learn", "Workload/\(bed.name)-box", "--for", "8s"], throughProxy: false))
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(ending.output.contains("mkdir"), "\(ending)")
        }
    }

    @Test("the next run finds nothing to do")
    func idempotent() async throws {
        try await Bed.with { bed in
            let id = try await sandbox(bed)
            let ending = try await bed.once()
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(try await bed.members().map(\.id) == [id])
        }
    }

    @Test("a root that somebody made writable again is drift, and the member is replaced")
    func remounted() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                let (repository, commit) = try await bed.repository([
                    "profile": Self.profile,
                    "box": bed.workload("box", command: "[sleep, '1000']", template: "securityProfile: tight"),
                ])
                // No event tells of it, so that the next look at everything finds it.
                let launcher = ["env", "RECONCILE_CONTROLLER_RESYNC_INTERVAL=2s"]
                try await bed.daemon(repository, launcher: launcher) { daemon in
                    try await daemon.awaitStatus("enforced") { status in
                        status.revision?.id == commit
                            && status.objects.contains { object in
                                object.conditions.contains { $0.type == .confined && $0.reason == "Enforced" }
                            }
                    }
                    let member = try #require(try await bed.members().first)
                    let pid = try await bed.engine.pid(of: member.id)
                    // As somebody with root on the host does it, from inside of the container's mounts.
                    _ = try await engine.inside(
                        "nsenter", "--target", pid, "--mount", "--pid", "/bin/busybox", "mount", "-o",
                        "remount,bind,rw", "/")
                    try await eventually("replaced", within: .seconds(60)) {
                        let members = try await bed.members()
                        return members.count == 1 && members[0].id != member.id
                    }
                    try await daemon.awaitConvergence(on: commit)
                }
            }
        }
    }
}

extension EngineByHand {
    /// Of a container's first process, as the engine's machine counts.
    fileprivate func pid(of id: String) async throws -> String {
        struct Details: Decodable {
            struct State: Decodable {
                var pid: Int

                private enum CodingKeys: String, CodingKey { case pid = "Pid" }
            }

            var state: State

            private enum CodingKeys: String, CodingKey { case state = "State" }
        }
        return String(try JSONDecoder().decode(Details.self, from: try await get("/containers/\(id)/json")).state.pid)
    }
}
