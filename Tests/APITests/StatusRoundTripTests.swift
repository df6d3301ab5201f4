import Foundation
import Hummingbird
import Logging
import ReconcileTesting
import Reconciler
import ServiceLifecycle
import Specs
import Testing

@testable import API

/// The server and the client of the daemon's socket, together over a real one.
struct StatusRoundTripTests {
    @Test("the client reads back what the daemon says, with a time in every condition")
    func roundTrip() async throws {
        try await TestServer.with { server in
            let answer = try await DaemonClient(socketPath: server.settings.socketPath).status()
            var ledger = ConditionLedger()
            #expect(answer == ledger.date(TestHost.status, now: TestServer.now))
            #expect(answer.conditions?.map(\.type) == [.ready, .engineReachable, .sourceReady, .paused])
        }
    }

    @Test("objects, one object, conditions, plan, events and history come as the client knows them")
    func reads() async throws {
        let event = EventRecord(
            time: Instant(secondsSince1970: 5), key: .member(MemberID(TestHost.web, 1)), reason: "Started",
            message: "web-1-1: not on this host", revision: "3f2c9e1")
        let record = RevisionRecord(
            revision: Revision(id: "3f2c9e1", reference: "main"),
            commit: CommitFacts(author: "Ada", time: Instant(secondsSince1970: 1), subject: "Add web"),
            outcome: .applied, time: Instant(secondsSince1970: 7))
        let host = TestHost(
            .init(report: TestHost.planned(), events: [event], history: [record]))
        try await TestServer.with(host) { server in
            let client = DaemonClient(socketPath: server.settings.socketPath)
            #expect(try await client.objects(.workload).items.map(\.id) == [TestHost.web])
            #expect(try await client.objects(.warmPool).items.isEmpty)
            let detail = try await client.object(TestHost.web)
            #expect(detail.declaredAt?.description == "web.yaml:1:1" && detail.members.map(\.name) == ["web-0-1"])
            #expect(detail.actions.contains { $0.key == "Workload/web/1" && $0.verb == "create" })
            #expect(try await client.events(EventQuery(object: TestHost.web), limit: 5) == [EventDocument(event)])
            #expect(try await client.events(EventQuery(severity: .warning), limit: 5).isEmpty)
            let suggested = try await client.recommendations(.workload)
            #expect(suggested.items.map(\.object) == [TestHost.web] && suggested.items[0].memory.suggested == "46Mi")
            #expect(try await client.recommendations(of: TestHost.web) == suggested)
            #expect(try await client.recommendations(.warmPool).items.isEmpty)
            #expect(try await client.history(limit: 5) == [record])
            #expect(try await client.sync() == "nothing new")
            let missing = await #expect(throws: ClientFailure.self) {
                try await client.object(ResourceID(.workload, "a b%ü"))
            }
            #expect(
                missing?.description.hasPrefix("there is no Workload/a b%ü here") == true,
                "\(String(describing: missing))")
            for id in [ResourceID(.workload, "wbe"), ResourceID(.warmPool, "web")] {
                let near = await #expect(throws: ClientFailure.self) { try await client.object(id) }
                #expect(near?.description.hasSuffix("; did you mean 'Workload/web'?") == true, "\(id)")
            }
        }
    }

    @Test("a stale socket of an earlier run is replaced, and only its owner and its group may use the new one")
    func staleSocket() async throws {
        try await TestServer.with { settings, folder in
            settings.socketPath = folder.path + "/old"
            let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array((folder.path + "/old").utf8)) }
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            close(descriptor)
            try #require(result == 0)
        } _: { server in
            let path = server.settings.socketPath
            let client = DaemonClient(socketPath: path)
            #expect(await eventually { (try? await client.status()) != nil })
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o660)
        }
    }

    @Test("without a daemon the error names the socket and says what to do")
    func noDaemon() async throws {
        let socket = "/no/such/folder/reconcile.sock"
        let error = await #expect(throws: ClientFailure.self) {
            try await DaemonClient(socketPath: socket).status()
        }
        #expect(error?.description.contains("no daemon listens at '\(socket)'") == true)
        #expect(error?.description.contains("--state-dir") == true)
    }

    @Test("a socket that is there and not for us is not called a daemon that does not run")
    func noPermission() {
        let refused = ClientFailure(socketPath: "/s/reconcile.sock", errno: EACCES).description
        #expect(refused.hasPrefix("no permission to use '/s/reconcile.sock'; ask as root, "))
        let absent = ClientFailure(socketPath: "/s/reconcile.sock", errno: ENOENT).description
        #expect(absent.hasPrefix("no daemon listens at '/s/reconcile.sock'; "))
    }

    @Test("whatever else answers there is told apart from a daemon", arguments: [true, false])
    func noDaemonAnswers(knowsRoute: Bool) async throws {
        try await ScratchFolder.with { folder in
            let socket = folder.path + "/s"
            let router = Router()
            if knowsRoute { router.get("/v1/status") { _, _ in "fine, thanks" } }
            var quiet = Logger(label: "test")
            quiet.logLevel = .critical
            let other = Application(
                router: router, configuration: .init(address: .unixDomainSocket(path: socket)), logger: quiet)
            let group = ServiceGroup(services: [other], logger: quiet)
            let run = Task { try await group.run() }
            try #require(await eventually { RawConnection.isAccepted(socket) }, "nobody listens")
            let error = await #expect(throws: ClientFailure.self) {
                try await DaemonClient(socketPath: socket).status()
            }
            await group.triggerGracefulShutdown()
            try await run.value
            #expect(error?.description.hasPrefix("the daemon at '\(socket)' does not answer: ") == true)
            if !knowsRoute { #expect(error?.description.contains("404") == true) }
        }
    }

    @Test("a file that is no socket gives an error, not a wait")
    func notASocket() async throws {
        try await ScratchFolder.with { folder in
            let socket = try folder.write("s", "")
            let error = await #expect(throws: ClientFailure.self) {
                try await DaemonClient(socketPath: socket).status()
            }
            #expect(error?.description.hasPrefix("no daemon listens at ") == true)
            // Tried again and again, it would end with a timeout.
            #expect(error?.description.lowercased().contains("timeout") == false)
        }
    }
}
