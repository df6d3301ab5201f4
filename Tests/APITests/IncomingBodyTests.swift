import NIOCore
import ReconcileTesting
import Testing

@testable import API

/// Bodies of requests: whoever sends one may be slow, may lie about its length, and may be anybody.
struct IncomingBodyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var head: String
        var body = ""
        var status: String

        static let all = [
            Case(
                testDescription: "one that does not end", head: "POST /v1/pause HTTP/1.1\r\nContent-Length: 100",
                body: "{", status: "408 Request Timeout"),
            Case(
                testDescription: "one that never begins", head: "POST /v1/sync HTTP/1.1\r\nTransfer-Encoding: chunked",
                status: "408 Request Timeout"),
            Case(
                testDescription: "a stranger's that does not end",
                head: "POST /v1/webhooks/gitlab HTTP/1.1\r\nX-Gitlab-Token: x\r\nContent-Length: 100", body: "{",
                status: "408 Request Timeout"),
            Case(
                testDescription: "one that is too large", head: "POST /v1/pause HTTP/1.1\r\nContent-Length: 2000000",
                body: "{", status: "413 Payload Too Large"),
            Case(
                testDescription: "a stranger's without a proof",
                head: "POST /v1/webhooks/github HTTP/1.1\r\nContent-Length: 100", body: "{", status: "401 Unauthorized"),
            Case(
                testDescription: "one that nobody asked for", head: "POST /v1/status HTTP/1.1\r\nContent-Length: 100",
                body: "{", status: "405 Method Not Allowed"),
        ]
    }

    @Test("whoever sends a body that is not read to its end has an answer, and soon no connection", arguments: Case.all)
    func unread(_ c: Case) async throws {
        try await TestServer.with { settings, folder in
            settings.bodyDeadline = .milliseconds(100)
            settings.webhookSecretFile = try folder.write("secret", "0123456789abcdef\n")
        } _: { server in
            let connection = try RawConnection(server.settings.socketPath)
            try connection.send("\(c.head)\r\nHost: reconcile\r\n\r\n\(c.body)")
            // Up to the end of the connection.
            let begun = ContinuousClock.now
            let answer = connection.read()
            #expect(answer.hasPrefix("HTTP/1.1 \(c.status)\r\n"), "\(answer)")
            #expect(answer.lowercased().contains("connection: close\r\n"), "\(answer)")
            #expect(begun.duration(to: .now) < .seconds(30), "an idle connection would be closed after a minute")
        }
    }

    @Test("after a body that was read the connection goes on")
    func read() async throws {
        try await TestServer.with { server in
            let connection = try RawConnection(server.settings.socketPath)
            for _ in 0..<2 {
                try connection.send("POST /v1/sync HTTP/1.1\r\nHost: reconcile\r\nContent-Length: 2\r\n\r\n{}")
                let answer = connection.read { $0.contains("\"}\n") }
                #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
                #expect(!answer.lowercased().contains("connection: close"), "\(answer)")
            }
        }
    }

    @Test("bodies of strangers share what there is for them, and give back what they took")
    func budget() {
        let budget = BodyBudget(bytes: 10)
        #expect(budget.take(6))
        #expect(!budget.take(5))
        #expect(budget.take(4))
        budget.giveBack(6)
        #expect(budget.take(5))
    }

    @Test("a socket that cannot be given to its group is not opened")
    func socketFile() async throws {
        #expect(throws: SocketFile.Failure.self) { try SocketFile(path: "/nonexistent", group: nil).open() }
        #expect(throws: SocketFile.Failure.self) { try SocketFile(path: "/nonexistent", group: 1).open() }
    }
}
