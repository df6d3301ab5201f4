import Drivers
import FoundationEssentials
import ReconcileTesting
import Specs
import Testing

/// What a real engine, runc and kernel make of our profiles.
@Suite("Seccomp profiles on an engine", .timeLimit(.minutes(5)))
struct SeccompTests {
    private struct Creation: Encodable {
        struct Host: Codable {
            var network = "none"
            var options: [String]

            private enum CodingKeys: String, CodingKey {
                case network = "NetworkMode"
                case options = "SecurityOpt"
            }
        }

        var image = TestImage.reference
        var command: [String]
        var host: Host

        private enum CodingKeys: String, CodingKey {
            case image = "Image"
            case command = "Cmd"
            case host = "HostConfig"
        }
    }

    private struct Inspected: Decodable {
        struct State: Decodable {
            var exitCode: Int

            private enum CodingKeys: String, CodingKey { case exitCode = "ExitCode" }
        }

        var state: State
        var host: Creation.Host

        private enum CodingKeys: String, CodingKey {
            case state = "State"
            case host = "HostConfig"
        }
    }

    /// The exit code of a command in a container with this profile, which the engine must hold byte by byte.
    private func exitCode(_ profile: SeccompProfile, _ command: String..., noNewPrivileges: Bool = true) async throws
        -> Int
    {
        let engine = EngineByHand(socketPath: try await PrivateEngine.shared().socketPath)
        let name = "seccomp-\(UInt32.random(in: 0x1000_0000...(.max)))"
        let options = ["seccomp=" + profile.json] + (noNewPrivileges ? ["no-new-privileges:true"] : [])
        let creation = Creation(command: command, host: .init(options: options))
        let body = String(decoding: try JSONEncoder().encode(creation), as: UTF8.self)
        let result: Result<Int, any Error>
        do {
            try await engine.send(.post, "/containers/create", query: [("name", name)], body: body)
            try await engine.send(.post, "/containers/\(name)/start")
            try await engine.send(.post, "/containers/\(name)/wait")
            let seen = try JSONDecoder().decode(Inspected.self, from: try await engine.get("/containers/\(name)/json"))
            #expect(seen.host.options == options)
            result = .success(seen.state.exitCode)
        } catch {
            result = .failure(error)
        }
        // It may not have been made.
        try? await engine.remove(name)
        await engine.transport.shutdown()
        return try result.get()
    }

    private func deny(_ calls: SecurityProfile.Call...) throws -> SeccompProfile {
        try SeccompProfile.dockerDefault.combined(allow: [], deny: calls)
    }

    @Test("containers start with each base, with and without new privileges", arguments: [true, false])
    func bases(noNewPrivileges: Bool) async throws {
        for base in [SeccompProfile.dockerDefault, .sandbox] {
            #expect(try await exitCode(base, "true", noNewPrivileges: noNewPrivileges) == 0)
            let logging = try base.combined(allow: [], deny: [.init("mkdir")], mode: .log)
            #expect(try await exitCode(logging, "mkdir", "/new", noNewPrivileges: noNewPrivileges) == 0)
        }
    }

    @Test("runc starts a container with what S402 asks for and what its program needs", arguments: [true, false])
    func smallest(noNewPrivileges: Bool) async throws {
        let own = ["arch_prctl", "brk", "getuid", "mmap", "mprotect", "prctl", "set_tid_address", "statx"]
        var profile = SeccompProfile(default: .errno)
        let calls = Set(ContainerStart.calls(noNewPrivileges: noNewPrivileges) + own)
        profile.rules = [SeccompProfile.Rule(calls.sorted(), .allow)]
        for _ in 0..<5 {
            #expect(try await exitCode(profile, "true", noNewPrivileges: noNewPrivileges) == 0)
        }
    }

    @Test("a denied call fails, and its neighbours do not")
    func denied() async throws {
        let profile = try deny(.init("mkdir"), .init("mkdirat"))
        #expect(try await exitCode(profile, "mkdir", "/new") != 0)
        #expect(try await exitCode(profile, "touch", "/new") == 0)
    }

    @Test("a call is denied for the arguments that are named, and for no others")
    func arguments() async throws {
        let netlink = SecurityProfile.Argument(index: 0, comparison: .equal, value: 16)
        let profile = try deny(.init("socket", arguments: [netlink]))
        #expect(try await exitCode(profile, "ip", "link") != 0)
        #expect(try await exitCode(profile, "ifconfig", "lo") == 0)
        #expect(try await exitCode(.dockerDefault, "ip", "link") == 0)
    }
}
