import FoundationEssentials
import Glibc
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import API

/// Commands over a real socket: what the daemon hears, from whom, and what the client is told.
struct CommandRoundTripTests {
    private static let web = ResourceID(.workload, "web")
    /// Runs the body beside a server whose commands are carried out so, and takes both down again.
    private func withServer(
        _ command: @escaping @Sendable (CommandRequest, String) throws(CommandRefusal) -> String,
        _ body: (_ socket: String) async throws -> Void
    ) async throws {
        try await TestServer.with(TestHost(.init(command: command))) { try await body($0.settings.socketPath) }
    }

    @Test(
        "the daemon hears what the client says",
        arguments: [
            CommandRequest.pause(web, reason: "moving its data, ask ålice"), .pause(nil, reason: "disk"), .resume(web),
            .resume(nil), .approve(digest: "1a2b3c4d"), .pin(web, revision: "1a2b3c4", reason: "slow"),
            .pin(web, revision: nil, reason: "slow"), .unpin(web),
            .drain(deadline: .seconds(5_400), force: true, reason: "it goes"),
            .drain(deadline: nil, force: false, reason: "a new kernel"), .uncordon,
            .runTask(ResourceID(.scheduledTask, "report")), .rollout(RolloutRequest(.promote(), of: web)),
            .rollout(RolloutRequest(.promote(isFull: true), of: web)),
        ])
    func roundTrip(_ request: CommandRequest) async throws {
        try await withServer { heard, _ throws(CommandRefusal) in
            "heard \(heard)"
        } _: { socket in
            let answer = try await CommandClient.send(request, socketPath: socket)
            #expect(answer == "heard \(request)")
        }
    }

    @Test("who asks is what the kernel says of the peer")
    func peer() async throws {
        let me = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
        try await withServer { _, name throws(CommandRefusal) in
            name
        } _: { socket in
            let answer = try await CommandClient.send(.resume(nil), socketPath: socket)
            #expect(answer == me)
        }
    }

    @Test(
        "a refusal reaches the client in the daemon's own words",
        arguments: [CommandRefusal.Code.invalid, .notFound, .conflict, .unavailable])
    func refusal(code: CommandRefusal.Code) async throws {
        try await withServer { _, _ throws(CommandRefusal) in
            throw CommandRefusal(code, "there is no 'x'")
        } _: { socket in
            let error = await #expect(throws: ClientFailure.self) {
                try await CommandClient.send(.unpin(Self.web), socketPath: socket)
            }
            #expect(error?.description == "there is no 'x'" && error?.isAbsent == false)
        }
    }

    struct BadInput: Sendable, CustomTestStringConvertible {
        let verb: CommandVerb
        let fields: [String: String]
        let message: String

        var testDescription: String { "\(verb.rawValue) \(fields)" }

        static let all = [
            BadInput(verb: .pause, fields: [:], message: "'reason' is missing"),
            BadInput(verb: .pause, fields: ["reason": " "], message: "'reason' is missing"),
            BadInput(verb: .pause, fields: ["reason": "a\nb"], message: "'reason' must be one line"),
            BadInput(verb: .pause, fields: ["reason": "a\u{1B}[2J"], message: "'reason' must be one line"),
            BadInput(
                verb: .pause, fields: ["reason": String(repeating: "a", count: 501)], message: "up to 500 characters"),
            BadInput(
                verb: .pause, fields: ["reason": "x", "objekt": "Workload/web"],
                message: "unknown field 'objekt'; this command has 'object', 'reason'"),
            BadInput(
                verb: .resume, fields: ["object": "web"],
                message: "'object' is 'web' and must be KIND/NAME, such as Workload/web"),
            BadInput(verb: .resume, fields: ["object": "Pod/web"], message: "must be KIND/NAME"),
            BadInput(verb: .approve, fields: [:], message: "'digest' is missing"),
            BadInput(verb: .approve, fields: ["digest": "yes"], message: "'digest' is 'yes' and must be the 8 hex"),
            BadInput(verb: .pin, fields: ["reason": "x"], message: "'object' is missing"),
            BadInput(
                verb: .pin, fields: ["object": "Workload/web", "reason": "x", "revision": "main"],
                message: "'revision' is 'main' and must be a commit id"),
            BadInput(verb: .unpin, fields: [:], message: "'object' is missing"),
            BadInput(verb: .drain, fields: [:], message: "'reason' is missing"),
            BadInput(
                verb: .drain, fields: ["reason": "x", "deadline": "soon"],
                message: "'deadline' is 'soon' and must be a time such as 2h"),
            BadInput(
                verb: .drain, fields: ["reason": "x", "force": "yes"],
                message: "'force' is 'yes' and must be true or false"),
            BadInput(
                verb: .uncordon, fields: ["object": "Workload/web"],
                message: "unknown field 'object'; this command has none"),
        ]
    }

    @Test("bad input is refused with its field and what would be right", arguments: BadInput.all)
    func badInput(_ c: BadInput) async throws {
        try await withServer { _, _ throws(CommandRefusal) in
            "carried out"
        } _: { socket in
            let error = await #expect(throws: ClientFailure.self) {
                try await CommandClient.send(c.verb, fields: c.fields, socketPath: socket)
            }
            #expect(error?.description.contains(c.message) == true, "\(String(describing: error))")
        }
    }

    @Test(
        "each refusal has its status",
        arguments: [
            ("{\"reason\": \"x\"}", CommandRefusal.Code.notFound, 404), ("{\"reason\": \"x\"}", .conflict, 409),
            ("{\"reason\": \"x\"}", .unavailable, 503), ("{\"reason\": 3}", nil, 400), ("[]", nil, 400),
            ("{", nil, 400), ("{\"reason\": \"x\"}", nil, 200), ("{\"reason\": \"x\", \"object\": null}", nil, 200),
        ])
    func statuses(body: String, code: CommandRefusal.Code?, expected: UInt) async throws {
        try await withServer { _, _ throws(CommandRefusal) in
            if let code { throw CommandRefusal(code, "no") }
            return "yes"
        } _: { socket in
            let answer = try await SocketClient(socketPath: socket).send("/v1/pause", body: Data(body.utf8)) { $0 }
            #expect(answer.code == expected)
            let reply = try JSONDecoder().decode(MessageDocument.self, from: answer.body)
            if body.contains("3") { #expect(reply.message == "'reason' must be a string") }
        }
    }

    @Test("without a daemon the error says so, and that it is nobody's refusal")
    func noDaemon() async throws {
        let error = await #expect(throws: ClientFailure.self) {
            try await CommandClient.send(.resume(nil), socketPath: "/no/such/socket")
        }
        #expect(error?.isAbsent == true)
        #expect(error?.description.hasPrefix("no daemon listens at '/no/such/socket'") == true)
    }

    @Test("a daemon that has ended leaves its socket, and that is no daemon")
    func endedDaemon() async throws {
        try await ScratchFolder.with { folder in
            let left = folder.path + "/s"
            try await withServer { _, _ in
                "yes"
            } _: { socket in
                try FileManager.default.linkItem(atPath: socket, toPath: left)
            }
            let error = await #expect(throws: ClientFailure.self) {
                try await CommandClient.send(.resume(nil), socketPath: left)
            }
            #expect(error?.isAbsent == true)
            #expect(error?.description.hasPrefix("no daemon listens at '\(left)'") == true)
        }
    }
}
