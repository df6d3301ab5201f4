import FoundationEssentials
import GitSource
import Glibc
import ReconcileTesting
import Reconciler
import Testing

@Suite("whom a daemon that is root fetches as", .enabled(if: geteuid() == 0, "only root can be less"))
struct FetchUserTests {
    /// What the kernel says of a process that fetches from a server that never answers.
    private func look(in world: World, at url: String) async throws -> [String] {
        // A name of its own tells it from those of other tests.
        let program = world.folder.path + "/fetcher"
        try FileManager.default.createSymbolicLink(atPath: program, withDestinationPath: BuiltProduct.reconcile)
        let source = try world.source {
            $0.url = url
            $0.executable = program
        }
        let fetch = Task { try? await source.fetch(accepted: nil) }
        defer { fetch.cancel() }
        var lines: [String] = []
        _ = try await eventually {
            let script = """
                for p in /proc/[0-9]*; do
                    if grep -aq '^\(program)' $p/cmdline; then cat $p/status $p/limits; fi
                done 2> /dev/null
                """
            let shown = try await TestCommand.run("sh", ["-c", script + "; true"])
            lines = shown.split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" }.joined(separator: " ") }
            return lines.contains("NoNewPrivs: 1") && lines.contains("Max processes 0 0 processes")
        }
        return lines
    }

    @Test("it is a user of its own without groups, capabilities and a way to start anything, when a server answers it")
    func rights() async throws {
        try await World.with { world in
            try await CannedServer.with(response: nil) { port in
                let lines = try await look(in: world, at: "http://127.0.0.1:\(port)/a.git")
                let none = String(repeating: "0", count: 16)
                for line in [
                    "Groups:", "NoNewPrivs: 1", "CapEff: \(none)", "CapPrm: \(none)", "CapInh: \(none)",
                    "CapAmb: \(none)", "Max processes 0 0 processes", "Max core file size 0 0 bytes",
                ] { #expect(lines.contains(line), "\(line): \(lines)") }
                let user = try #require(lines.first { $0.hasPrefix("Uid: ") }?.split(separator: " ").dropFirst())
                #expect(Set(user).count == 1 && !["0", "65534"].contains(user.first), "\(user)")
            }
        }
    }

    @Test("of the mirror's folder, only the repository and the home are its own")
    func ownership() async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            try await GitHTTPServer.with(root: world.folder.path + "/served") { server in
                _ = try await world.fetch { $0.url = server.url + "/origin.git" }
            }
            func owner(_ name: String) -> uid_t? {
                var status = stat()
                return lstat(world.mirror + name, &status) == 0 ? status.st_uid : nil
            }
            for name in ["", "/in-use", "/url"] { #expect(owner(name) == 0, "\(name)") }
            let user = try #require(owner("/repository.git"))
            #expect(user != 0)
            #expect(owner("/home") == user)
            let strange = try await TestCommand.run(
                "find", [world.mirror + "/repository.git", "!", "-uid", "\(user)", "-o", "-perm", "/077"])
            #expect(strange.isEmpty)
        }
    }

    @Test("a mirror of somebody else is made anew", arguments: ["chown -R 0:0", "chown -R 65428:65428"])
    func foreignMirror(command: String) async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            try await GitHTTPServer.with(root: world.folder.path + "/served") { server in
                let url = server.url + "/origin.git"
                _ = try await world.fetch { $0.url = url }
                for name in ["repository.git", "home"] {
                    try await TestCommand.run("sh", ["-c", "\(command) '\(world.mirror)/\(name)'"])
                }
                #expect(try await world.fetch { $0.url = url }.texts == ["a.yaml": "1"])
            }
        }
    }

    @Test("a folder on the way that lets nobody pass is named")
    func closedFolder() async throws {
        try await World.with { world in
            let closed = world.folder.path + "/closed"
            try FileManager.default.createDirectory(
                atPath: closed, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let message = try await world.refusal(.invalidConfiguration) {
                $0.url = "http://127.0.0.1:1/a.git"
                $0.mirrorDirectory = closed + "/mirror"
            }
            #expect(message.contains("'\(closed)'") && message.contains("chmod o+x"), "\(message)")
        }
    }

    @Test("where it may not become somebody else nothing is fetched")
    func refusedUser() async throws {
        try await World.with { world in
            let program = try world.folder.write(
                "bound", "#!/bin/sh\nexec setpriv --bounding-set -setuid '\(BuiltProduct.reconcile)' \"$@\"\n",
                mode: 0o700)
            let message = try await world.refusal(.mirrorBroken) {
                $0.url = "http://127.0.0.1:1/a.git"
                $0.executable = program
            }
            #expect(message.contains("cannot become user") && message.contains("CAP_SETUID"), "\(message)")
        }
    }
}
