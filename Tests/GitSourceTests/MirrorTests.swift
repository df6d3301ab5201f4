import FoundationEssentials
import GitSource
import Glibc
import ReconcileTesting
import Reconciler
import Testing

@Suite("the mirror is a cache")
struct MirrorTests {
    /// Ways to break a mirror, in the shell, within its repository.
    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var command: String

        private static let loosen =
            "mv objects/pack/*.pack ../p && rm -f objects/pack/* && git unpack-objects -q < ../p"
        private static let loose = "$(find objects -type f -path 'objects/??/*')"

        static let all = [
            Damage(
                testDescription: "loose objects cut to nothing",
                command: "\(loosen) && for f in \(loose); do chmod u+w $f; : > $f; done"),
            Damage(
                testDescription: "loose objects cut in half",
                command: "\(loosen) && for f in \(loose); do chmod u+w $f; truncate -s 20 $f; done"),
            Damage(
                testDescription: "loose objects with wrong bytes",
                command:
                    "\(loosen) && for f in \(loose); do chmod u+w $f; printf xxxx | dd of=$f bs=1 seek=6 conv=notrunc 2>/dev/null; done"
            ),
            Damage(
                testDescription: "a pack with wrong bytes",
                command:
                    "for f in objects/pack/*.pack; do chmod u+w $f; printf xxxxxxxx | dd of=$f bs=1 seek=40 conv=notrunc 2>/dev/null; done"
            ),
            Damage(
                testDescription: "a pack cut short",
                command: "chmod u+w objects/pack/*.pack; truncate -s 60 objects/pack/*.pack"),
            Damage(
                testDescription: "an empty pack index",
                command: "chmod u+w objects/pack/*.idx; truncate -s 0 objects/pack/*.idx"),
            Damage(testDescription: "no packs", command: "rm -f objects/pack/*"),
            Damage(testDescription: "no objects folder", command: "rm -rf objects"),
            Damage(testDescription: "an empty HEAD and configuration", command: ": > HEAD; : > config"),
            Damage(testDescription: "a broken configuration", command: "echo '[[[' > config"),
            Damage(testDescription: "a broken reference", command: "echo nonsense > refs/reconcile/fetched"),
            Damage(
                testDescription: "a file in place of the repository",
                command: "cd .. && rm -rf repository.git && echo x > repository.git"),
        ]
    }

    /// What is given up is given up for the processor time that it took, however long a busy machine makes that.
    private func patiently(_ configuration: inout GitSourceConfiguration) {
        configuration.deadline = .seconds(300)
        configuration.cpuTime = .seconds(3)
    }

    @Test("whatever is broken in it heals within one fetch", arguments: Damage.all)
    func damage(_ c: Damage) async throws {
        try await World.with { world in
            let first = try await world.repository.commit(["a.yaml": "1", "b": ["c.yaml": "c"]], parent: nil)
            _ = try await world.fetch()
            try await TestCommand.run("sh", ["-ec", "cd '\(world.mirrorRepository.path)'; \(c.command)"])
            let snapshot = try await world.fetch(accepted: first, patiently)
            #expect(snapshot.texts == ["a.yaml": "1", "b/c.yaml": "c"])
            #expect(snapshot.ancestry == .same)

            try await TestCommand.run("sh", ["-ec", "cd '\(world.mirrorRepository.path)'; \(c.command)"])
            try await world.repository.commit(["a.yaml": "2"], parent: first)
            let next = try await world.fetch(accepted: first, patiently)
            #expect(next.texts == ["a.yaml": "2"])
            #expect(next.ancestry == .descendant)
        }
    }

    @Test("locks and half-written files of a killed process are swept away")
    func leftovers() async throws {
        try await World.with { world in
            let first = try await world.repository.commit(["a.yaml": "1"], parent: nil)
            _ = try await world.fetch()
            let names = [
                "refs/reconcile/fetched.lock", "refs/reconcile/accepted.lock", "packed-refs.lock", "config.lock",
                "HEAD.lock",
                "objects/pack/pack_git2_aBcDeF",
            ]
            for name in names { try world.folder.write("mirror/repository.git/" + name, "") }
            try await world.repository.commit(["a.yaml": "2"], parent: first)
            #expect(try await world.fetch(accepted: first).texts == ["a.yaml": "2"])
            for name in names {
                #expect(!FileManager.default.fileExists(atPath: world.mirrorRepository.path + "/" + name), "\(name)")
            }
        }
    }

    @Test("a mirror in use by another process is waited for until the deadline")
    func busy() async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            _ = try await world.fetch()
            let lock = open(world.mirror + "/in-use", O_RDWR | O_CLOEXEC)
            #expect(flock(lock, LOCK_EX) == 0)
            try await world.refusal(.timedOut) { $0.deadline = .milliseconds(200) }
            close(lock)
            _ = try await world.fetch()
        }
    }

    @Test("many packs are given up for one")
    func manyPacks() async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            _ = try await world.fetch()
            for number in 0..<300 {
                try world.folder.write("mirror/repository.git/objects/pack/pack-\(number).pack", "")
            }
            _ = try await world.fetch()
            let names = try FileManager.default.contentsOfDirectory(
                atPath: world.mirrorRepository.path + "/objects/pack")
            #expect(names.count { $0.hasSuffix(".pack") } == 1)
        }
    }

    @Test("nobody else can look into it")
    func permissions() async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            _ = try await world.fetch()
            let modes = try await TestCommand.run("find", [world.mirror, "-perm", "/077"])
            #expect(modes.isEmpty)
        }
    }

    @Test("a secret travels on standard input alone, and the environment is empty")
    func secrets() async throws {
        try await World.with { world in
            let spy = try world.folder.write(
                "spy",
                "#!/bin/sh\ncd \"${0%/*}\"; tr '\\0' ' ' < /proc/$$/cmdline > args; cat /proc/$$/environ > env; cat > input\n",
                mode: 0o700)
            let source = try world.source(environment: ["T": "s3cr3t"]) {
                $0.url = "http://127.0.0.1:1/a"
                $0.credentials.token = .environment("T")
                $0.executable = spy
            }
            await expect(.mirrorBroken, source)
            func read(_ name: String) async throws -> String {
                try await TestCommand.run("cat", [world.folder.path + "/" + name])
            }
            #expect(try await read("args").hasSuffix("\(spy) fetch-mirror "))
            #expect(try await read("env").isEmpty)
            #expect(try await read("input").contains("s3cr3t"))
        }
    }

    @Test("a program that is not there, or does not answer, is said so")
    func wrongProgram() async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            try await world.refusal(.mirrorBroken) { $0.executable = "/nonexistent" }
            try await world.refusal(.mirrorBroken) { $0.executable = "/bin/true" }
            let crash = try world.folder.write("crash", "#!/bin/sh\nkill -SEGV $$\n", mode: 0o700)
            try await world.refusal(.unreachable) { $0.executable = crash }
            let flood = try world.folder.write("flood", "#!/bin/sh\nexec cat /dev/zero\n", mode: 0o700)
            try await world.refusal(.limitExceeded) { $0.executable = flood }
        }
    }
}
