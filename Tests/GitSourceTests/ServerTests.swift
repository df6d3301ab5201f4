import GitSource
import ReconcileTesting
import Reconciler
import Testing

@Suite("fetching from real servers")
struct ServerTests {
    @Test("http brings the specs, when it is allowed, and incremental commits after that")
    func http() async throws {
        try await World.with { world in
            let first = try await world.repository.commit(["a.yaml": "1"], parent: nil)
            try await GitHTTPServer.with(root: world.folder.path + "/served") { server in
                let url = server.url + "/origin.git"
                #expect(try await world.fetch { $0.url = url }.texts == ["a.yaml": "1"])
                let second = try await world.repository.commit(["a.yaml": "2"], parent: first)
                let snapshot = try await world.fetch(accepted: first) { $0.url = url }
                #expect(snapshot.revision.id == second)
                #expect(snapshot.ancestry == .descendant)
                try await world.refusal(.repositoryNotFound) { $0.url = server.url + "/other.git" }
                #expect(throws: SourceError.self) {
                    try world.source {
                        $0.url = url
                        $0.allowInsecure = false
                    }
                }
            }
        }
    }

    @Test("a token opens the door, and a wrong one or none does not")
    func token() async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            let right = try world.folder.write("right", "s3cr3t-token\n")
            let wrong = try world.folder.write("wrong", "wr0ng-token\n")
            try await GitHTTPServer.with(root: world.folder.path + "/served", token: "s3cr3t-token") { server in
                func use(_ token: GitCredentials.Token?) -> (inout GitSourceConfiguration) -> Void {
                    return {
                        $0.url = server.url + "/origin.git"
                        $0.credentials.token = token
                    }
                }
                #expect(try await world.fetch(use(.file(right))).texts == ["a.yaml": "1"])
                let fromEnvironment = try world.source(environment: ["T": "s3cr3t-token"], use(.environment("T")))
                #expect(try await fromEnvironment.fetch(accepted: nil).texts == ["a.yaml": "1"])
                let message = try await world.refusal(.unauthorized, use(.file(wrong)))
                #expect(!message.contains("wr0ng"))
                try await world.refusal(.unauthorized, use(nil))
                try await world.refusal(.invalidConfiguration, use(.environment("T")))
                let loose = try world.folder.write("loose", "s3cr3t-token\n", mode: 0o666)
                let reason = try await world.refusal(.invalidConfiguration, use(.file(loose)))
                #expect(reason.contains("others may write it"), "\(reason)")
            }
        }
    }

    @Test("https trusts the authority that is configured, and no other name or authority")
    func https() async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            let token = try world.folder.write("token", "s3cr3t")
            try await GitHTTPServer.withTLS(root: world.folder.path + "/served", token: "s3cr3t") { server, authority in
                let snapshot = try await world.fetch {
                    $0.url = server.url + "/origin.git"
                    $0.caFile = authority
                    $0.credentials.token = .file(token)
                    $0.allowInsecure = false
                }
                #expect(snapshot.texts == ["a.yaml": "1"])
                try await world.refusal(.untrustedServer) { $0.url = server.url + "/origin.git" }
                try await world.refusal(.invalidConfiguration) {
                    $0.url = server.url + "/origin.git"
                    $0.caFile = token
                }
            }
            let root = world.folder.path + "/served"
            try await GitHTTPServer.withTLS(root: root, certificateFor: "other.example.org") { server, authority in
                try await world.refusal(.untrustedServer) {
                    $0.url = server.url + "/origin.git"
                    $0.caFile = authority
                }
            }
        }
    }

    @Test("ssh lets in the right key, to the right repository")
    func ssh() async throws {
        try await World.with { world in
            let first = try await world.repository.commit(["a.yaml": "1"], parent: nil)
            try await GitSSHServer.with { server in
                let known = try world.folder.write("known_hosts", server.knownHostsLine)
                func use(_ key: String, path: String = "") -> (inout GitSourceConfiguration) -> Void {
                    return {
                        $0.url = server.url(of: world.repository) + path
                        $0.allowInsecure = false
                        $0.credentials.privateKeyFile = key
                        $0.credentials.knownHostsFile = known
                    }
                }
                #expect(try await world.fetch(use(server.privateKey)).texts == ["a.yaml": "1"])
                let second = try await world.repository.commit(["a.yaml": "2"], parent: first)
                let snapshot = try await world.fetch(accepted: first, use(server.privateKey))
                #expect(snapshot.revision.id == second)
                #expect(snapshot.ancestry == .descendant)
                try await world.refusal(.unauthorized, use(server.strangerKey))
                let locked = world.folder.path + "/locked"
                try await TestCommand.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "secret", "-f", locked])
                try await world.refusal(.unauthorized, use(locked))
                try await world.refusal(.repositoryNotFound, use(server.privateKey, path: "-gone"))
                try await world.refusal(.invalidConfiguration, use(world.folder.path + "/no-key"))
                let open = try world.folder.write("open-key", "key", mode: 0o640)
                let message = try await world.refusal(.invalidConfiguration, use(open))
                #expect(message.contains("0640"))
            }
        }
    }

    @Test(
        "ssh trusts known host keys only, whichever kind the server would rather show", arguments: ["ed25519", "ecdsa"])
    func hostKeys(type: String) async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            let both = type == "ecdsa" ? ["ecdsa", "ed25519"] : ["ed25519", "ecdsa"]
            try await GitSSHServer.with(hostKeyTypes: both) { server in
                func use(_ knownHosts: String) throws -> (inout GitSourceConfiguration) -> Void {
                    let file = try world.folder.write("known_hosts", knownHosts)
                    return {
                        $0.url = server.url(of: world.repository)
                        $0.credentials.privateKeyFile = server.privateKey
                        $0.credentials.knownHostsFile = file
                    }
                }
                #expect(try await world.fetch(use(server.knownHostsLine)).texts == ["a.yaml": "1"])
                let unknown = try await world.refusal(.untrustedServer, use("example.org \(server.hostKey)\n"))
                #expect(unknown.contains("no key"))
                let publicKey = try await TestCommand.run("cat", [server.strangerKey + ".pub"])
                let changed = try await world.refusal(
                    .untrustedServer, use("[127.0.0.1]:\(server.port) \(publicKey)\n"))
                #expect(changed.contains("not the one"))
                let revoked = try await world.refusal(
                    .untrustedServer, use("@revoked * \(server.hostKey)\n" + server.knownHostsLine))
                #expect(revoked.contains("revoked"))
            }
        }
    }

    @Test("ssh without a key or a known_hosts file is refused before it connects")
    func sshNeedsBoth() async throws {
        try await World.with { world in
            try await world.refusal(.invalidConfiguration) { $0.url = "git@example.org:a" }
            let key = try world.folder.write("key", "key", mode: 0o400)
            try await world.refusal(.invalidConfiguration) {
                $0.url = "git@example.org:a"
                $0.credentials.privateKeyFile = key
            }
        }
    }
}
