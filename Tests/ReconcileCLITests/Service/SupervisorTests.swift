import Foundation
import Logging
import ReconcileTesting
import Synchronization
import Testing

@testable import ReconcileCLI

@Suite("What a supervisor hears")
struct SupervisorTests {
    private static func address(isAbstract: Bool, in folder: ScratchFolder) -> String {
        isAbstract ? "@reconcile-test-\(UInt64.random(in: 0...(.max)))" : folder.path + "/notify"
    }

    @Test("messages arrive on sockets with a file and on abstract ones", arguments: [false, true])
    func messages(isAbstract: Bool) async throws {
        try await ScratchFolder.with { folder in
            let listener = try NotifyListener(Self.address(isAbstract: isAbstract, in: folder))
            let socket = try NotifySocket(listener.address)
            #expect(socket.send(["READY=1", "STATUS=all well"]) == nil)
            #expect(listener.lines == ["READY=1", "STATUS=all well"])
        }
    }

    @Test("a supervisor that is gone is an answer, and no wait")
    func gone() throws {
        #expect(try NotifySocket("/nonexistent/notify").send(["READY=1"]) == "No such file or directory")
        #expect(try NotifySocket("@nobody-\(UInt64.random(in: 0...(.max)))").send(["READY=1"]) == "Connection refused")
    }

    struct Given: Sendable, CustomTestStringConvertible {
        var environment: [String: String]
        var watchdog: Duration?

        var testDescription: String { "\(environment.sorted { $0.key < $1.key })" }

        static let all = [
            Given(environment: ["NOTIFY_SOCKET": "/run/n"]),
            Given(environment: ["NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "1500000"], watchdog: .milliseconds(1500)),
            Given(
                environment: ["NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "9", "WATCHDOG_PID": "17"],
                watchdog: .microseconds(9)),
            Given(environment: ["NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "9", "WATCHDOG_PID": "18"]),
            Given(environment: ["NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "", "WATCHDOG_PID": ""]),
        ]
    }

    @Test("the watchdog's time is that of the environment, if it is meant for this process", arguments: Given.all)
    func environment(_ c: Given) throws {
        let supervisor = try Supervisor(environment: c.environment, processID: 17)
        #expect(supervisor?.socket.address == c.environment["NOTIFY_SOCKET"])
        #expect(supervisor?.watchdog == c.watchdog)
    }

    @Test("without a socket there is nobody to tell", arguments: [[:], ["NOTIFY_SOCKET": ""], ["WATCHDOG_USEC": "9"]])
    func nobody(environment: [String: String]) throws {
        #expect(try Supervisor(environment: environment) == nil)
    }

    @Test(
        "variables that make no sense are refused",
        arguments: [
            (["NOTIFY_SOCKET": "run/n"], "NOTIFY_SOCKET 'run/n' must be an absolute path, or '@' and a name"),
            (["NOTIFY_SOCKET": "vsock:2:1"], "NOTIFY_SOCKET 'vsock:2:1' must be an absolute path, or '@' and a name"),
            (
                ["NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "1s"],
                "WATCHDOG_USEC '1s' must be a number of microseconds above 0"
            ),
            (
                ["NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "0"],
                "WATCHDOG_USEC '0' must be a number of microseconds above 0"
            ),
            (
                ["NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "me"],
                "WATCHDOG_PID 'me' must be the number of a process"
            ),
        ])
    func nonsense(environment: [String: String], message: String) {
        let error = #expect(throws: UsageError.self) { try Supervisor(environment: environment) }
        #expect(error?.description == message)
    }

    @Test("a sign of life needs a turn that ended, whatever time goes by")
    func hungLoop() async throws {
        try await ScratchFolder.with { folder in
            let listener = try NotifyListener(folder.path + "/notify")
            let supervisor = try #require(
                try Supervisor(environment: ["NOTIFY_SOCKET": listener.address, "WATCHDOG_USEC": "60000"]))
            let turns = Gate()
            turns.open()
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let service = SupervisorService(
                supervisor: supervisor, isListening: { true },
                takeTurn: {
                    await turns.pass()
                    return true
                }, describe: { "fine" }, stopGrace: .seconds(5), logger: logger)
            let telling = Task { try await service.run() }
            #expect(await eventually { listener.count("WATCHDOG=1") >= 3 })
            #expect(listener.count("READY=1") == 1)

            turns.close()
            #expect(await eventually { turns.isWaitedFor })
            let heard = listener.count("WATCHDOG=1")
            // Nothing can be awaited that does not come: five times the time within which a sign is due.
            try await Task.sleep(for: .milliseconds(300))
            #expect(listener.count("WATCHDOG=1") == heard)

            turns.open()
            #expect(await eventually { listener.count("WATCHDOG=1") > heard + 2 })
            telling.cancel()
            try await telling.value
            #expect(listener.lines.last == "EXTEND_TIMEOUT_USEC=20000000")
            #expect(listener.count("STOPPING=1") == 1)
        }
    }

    @Test("nobody is told that the daemon is ready before it can be asked and the loop runs")
    func readiness() async throws {
        try await ScratchFolder.with { folder in
            let listener = try NotifyListener(folder.path + "/notify")
            let supervisor = try #require(try Supervisor(environment: ["NOTIFY_SOCKET": listener.address]))
            let (asked, runs) = (Gate(), Gate())
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let service = SupervisorService(
                supervisor: supervisor, isListening: { asked.isOpen }, takeTurn: { runs.isOpen }, describe: { "fine" },
                stopGrace: .zero, logger: logger)
            let telling = Task { try await service.run() }
            try await Task.sleep(for: .milliseconds(120))
            asked.open()
            try await Task.sleep(for: .milliseconds(120))
            #expect(listener.lines == [])
            runs.open()
            #expect(await eventually { listener.lines.count >= 2 })
            #expect(listener.lines == ["READY=1", "STATUS=fine"])
            telling.cancel()
            try await telling.value
        }
    }
}

/// Holds tasks up while it is closed, and no thread.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            defer { state = State(isOpen: true) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func close() { state.withLock { $0.isOpen = false } }

    var isOpen: Bool { state.withLock { $0.isOpen } }
    var isWaitedFor: Bool { state.withLock { !$0.waiting.isEmpty } }
}
