import FoundationEssentials
import GitSource
import ReconcileTesting
import Reconciler
import Testing

@Suite("trees that mean harm")
struct HostileTreeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var files: [String: ScratchRepository.Node]
        var path = ""
        /// What the message must name.
        var names: [String]

        static let all = [
            Case(
                testDescription: "a link as a file", files: ["a.yaml": .symlink("/etc/passwd")],
                names: ["a.yaml", "120000"]),
            Case(
                testDescription: "a link as a folder", files: ["a.yaml": "a", "apps": .symlink("../x")],
                names: ["apps", "120000"]),
            Case(
                testDescription: "a link in the path", files: ["x": .symlink("y"), "y": ["a.yaml": "a"]], path: "x",
                names: ["'x'", "120000"]),
            Case(
                testDescription: "a submodule", files: ["a.yaml": "a", "sub": ["m": .submodule(commit)]],
                names: ["sub/m", "160000"]),
            Case(
                testDescription: "a submodule in the path", files: ["a.yaml": "a", "m": .submodule(commit)],
                path: "m/x",
                names: ["'m'", "160000"]),
            Case(testDescription: "dot dot", files: ["..": ["a.yaml": "a"]], names: ["'..'"]),
            Case(testDescription: "dot", files: ["sub": [".": ["a.yaml": "a"]]], names: ["sub/."]),
            Case(testDescription: "dot git", files: ["a.yaml": "a", ".GIT": ["hooks": "x"]], names: [".GIT"]),
            Case(testDescription: "git~1", files: ["a.yaml": "a", "git~1": ["config": "x"]], names: ["git~1"]),
            Case(testDescription: "a slash", files: ["../../etc/a.yaml": "a"], names: ["../../etc/a.yaml"]),
            Case(testDescription: "a backslash", files: ["..\\a.yaml": "a"], names: ["..\\a.yaml"]),
            Case(testDescription: "a line break", files: ["a\n.yaml": "a"], names: ["a .yaml"]),
            Case(testDescription: "an escape", files: ["\u{1b}[2J.yaml": "a"], names: ["[2J.yaml"]),
            Case(testDescription: "a blank", files: ["a b.yaml": "a"], names: ["a b.yaml"]),
            Case(testDescription: "case alone", files: ["a.yaml": "a", "A.yaml": "b"], names: ["a.yaml", "A.yaml"]),
        ]

        private static let commit = String(repeating: "1", count: 40)
    }

    @Test("are refused by name", arguments: Case.all)
    func refused(_ c: Case) async throws {
        try await World.with { world in
            try await world.repository.commit(c.files, parent: nil)
            let message = try await world.refusal(.hostileTree) { $0.path = c.path }
            for name in c.names { #expect(message.contains(name), "\(message)") }
        }
    }

    @Test("a blob bomb is refused before it is unpacked")
    func blobBomb() async throws {
        try await World.with { world in
            let command = "head -c 314572800 /dev/zero | git -C '\(world.repository.path)' hash-object -w --stdin"
            let blob = try await TestCommand.run("sh", ["-c", command])
            try await world.repository.commit(["a.yaml": .object(mode: "100644", id: blob)], parent: nil)
            let message = try await world.refusal(.limitExceeded)
            #expect(message.contains("'a.yaml' has 314572800 bytes"))
        }
    }

    @Test("a tree bomb ends at the number of names")
    func treeBomb() async throws {
        try await World.with { world in
            var tree = try await world.repository.tree(["a.txt": "a"])
            for _ in 0..<10 {
                let names = (0..<10).map { "f\($0)" }
                let nodes = Dictionary(
                    uniqueKeysWithValues: names.map { ($0, ScratchRepository.Node.object(mode: "40000", id: tree)) })
                tree = try await world.repository.tree(nodes)
            }
            try await world.repository.commit(tree: tree, parent: nil)
            let message = try await world.refusal(.limitExceeded)
            #expect(message.contains("100000 names"))
        }
    }

    @Test("a pack larger than allowed is refused on the way", arguments: ["file", "http"])
    func packLimit(scheme: String) async throws {
        try await World.with { world in
            var dice = SystemRandomNumberGenerator()
            let noise = Data((0..<400_000).map { _ in UInt8.random(in: 0...255, using: &dice) }).base64EncodedString()
            try await world.repository.commit(["a.yaml": .file(noise)], parent: nil)
            try await GitHTTPServer.with(root: world.folder.path + "/served") { server in
                let message = try await world.refusal(.limitExceeded) {
                    $0.limits.packBytes = 100_000
                    if scheme == "http" { $0.url = server.url + "/origin.git" }
                }
                #expect(message.contains("more than 100000 bytes"))
                _ = try await world.fetch()
            }
        }
    }

    @Test("a history that runs into a huge commit does not bring us down")
    func hugeCommit() async throws {
        try await World.with { world in
            let tree = try await world.repository.tree(["a.yaml": "a"])
            let command =
                "{ printf 'tree \(tree)\\nauthor a <a> 1 +0000\\ncommitter a <a> 1 +0000\\n\\n'; head -c 2097152 /dev/zero | tr '\\0' a; }"
                + " | git -C '\(world.repository.path)' hash-object -t commit -w --stdin"
            let commit = try await TestCommand.run("sh", ["-c", command])
            try await world.repository.git("update-ref", "refs/heads/main", commit)
            try await world.refusal(.limitExceeded)
        }
    }
}
