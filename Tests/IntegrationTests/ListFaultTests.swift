import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Rows D4 and D10 to D13 of the fault matrix: a picture of the engine that is partial, old, cut or late.
@Suite("an engine that shows less than there is", .serialized, .timeLimit(.minutes(3)))
struct ListFaultTests {
    private static let list = "GET /containers/json"

    /// What a list may do wrong for as long as it likes.
    struct Picture: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let effect: @Sendable (Bed) -> ProxyFault.Effect
    }

    static let pictures = [
        Picture(testDescription: "one member is left out") { .leaveOut("/\($0.name)-web-0-1") },
        Picture(testDescription: "everything of ours is left out") { .leaveOut($0.name) },
        Picture(testDescription: "the list is empty") { _ in .rewrite { _ in Data("[]".utf8) } },
        Picture(testDescription: "the list is of another time") { _ in .stale },
        Picture(testDescription: "the list is cut") { _ in .cut(afterBytes: 200) },
        Picture(testDescription: "the list is no list") { _ in .rewrite { _ in Data("null".utf8) } },
    ]

    @Test("what a list does not show is neither made again nor taken away", arguments: pictures)
    func picture(_ picture: Picture) async throws {
        try await Bed.with { bed in
            let web = bed.workload("web", replicas: 2)
            let (repository, first) = try await bed.repository(["web": web, "old": bed.workload("old")])
            try await bed.engine.makeForeignContainer("\(bed.name)-foreign")
            let foreign = try await bed.engine.get("/containers/\(bed.name)-foreign/json")
            try await bed.daemon(repository, throughProxy: true) { daemon in
                try await daemon.awaitConvergence(on: first)
                let before = try await bed.members().filter { $0.name.contains("-web-") }
                bed.proxy.forget()
                bed.proxy.inject(ProxyFault(.beforeReplying, picture.effect(bed), on: Self.list, times: .max))
                // A new revision makes it look at everything.
                let second = try await bed.commit(
                    ["web": web, "new": bed.workload("new")], to: repository, after: first)
                try await eventually("looked at the host") { bed.proxy.firedFaults >= 1 }
                try await Task.sleep(for: .seconds(1))
                #expect(try await bed.members().filter { $0.name.contains("-web-") } == before)
                let touched = bed.proxy.changes.filter { call in before.contains { call.path.contains($0.id) } }
                #expect(touched.isEmpty, "\(touched)")
                bed.proxy.heal()
                try await daemon.awaitConvergence(on: second)
                let after = try await bed.containers()
                #expect(
                    after.map(\.name) == ["foreign", "new-0-1", "web-0-1", "web-1-1"].map { "/\(bed.name)-\($0)" })
                #expect(after.filter { $0.name.contains("-web-") } == before)
                #expect(try await bed.engine.get("/containers/\(bed.name)-foreign/json") == foreign)
            }
        }
    }

    @Test("a member that the list hides from a daemon that has just started is not made twice")
    func hiddenAtStart() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["web": bed.workload("web", replicas: 2)])
            try await bed.daemon(repository, throughProxy: true) { try await $0.awaitConvergence(on: commit) }
            let before = try await bed.members()
            bed.proxy.forget()
            bed.proxy.inject(
                ProxyFault(.beforeReplying, .leaveOut("/\(bed.name)-web-0-1"), on: Self.list, times: .max))
            try await bed.daemon(repository, throughProxy: true) { daemon in
                try await eventually("looked at the host") { bed.proxy.firedFaults >= 1 }
                try await Task.sleep(for: .seconds(2))
                #expect(try await bed.members() == before)
                #expect(bed.proxy.changes.isEmpty, "\(bed.proxy.changes)")
            }
        }
    }

    @Test("a member whose inspect is cut is unknown, not gone")
    func inspectIsCut() async throws {
        try await Bed.with { bed in
            let (repository, first) = try await bed.repository(["web": bed.workload("web", replicas: 2)])
            try await bed.daemon(repository, throughProxy: true) { daemon in
                try await daemon.awaitConvergence(on: first)
                let before = try await bed.members()
                bed.proxy.forget()
                let victim = try #require(before.first)
                bed.proxy.inject(
                    ProxyFault(
                        .beforeReplying, .cut(afterBytes: 300), on: "GET /containers/\(victim.id)/json", times: .max))
                let second = try await bed.commit(
                    ["web": bed.workload("web", replicas: 1)], to: repository, after: first)
                try await eventually("looked at the host") { bed.proxy.firedFaults >= 2 }
                // Not even the surplus goes while the picture is incomplete.
                #expect(bed.proxy.changes.isEmpty, "\(bed.proxy.changes)")
                #expect(try await bed.members() == before)
                bed.proxy.heal()
                try await daemon.awaitConvergence(on: second)
                #expect(try await bed.members() == [victim])
            }
        }
    }

    @Test("while the answer to every create is lost there are never more containers than members")
    func noStorm() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["web": bed.workload("web", replicas: 3)])
            bed.proxy.inject(ProxyFault(.beforeReplying, .hangUp, on: "POST /containers/create", times: .max))
            try await bed.daemon(repository, throughProxy: true) { daemon in
                let end = ContinuousClock.now + .seconds(3)
                while ContinuousClock.now < end {
                    #expect(try await bed.containers().count <= 3)
                    try await Task.sleep(for: .milliseconds(100))
                }
                bed.proxy.heal()
                try await daemon.awaitConvergence(on: commit)
                #expect(try await bed.members().map(\.name) == (0..<3).map { "/\(bed.name)-web-\($0)-1" })
            }
        }
    }

    @Test("a slow create delays nobody else, and is not tried a second time")
    func slowCreate() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository([
                "slow": bed.workload("slow"), "web": bed.workload("web", replicas: 2),
            ])
            bed.proxy.inject(
                ProxyFault(.beforeForwarding, .delay(.seconds(9))) {
                    $0.path == "/containers/create" && $0.query.contains("\(bed.name)-slow-0-1")
                })
            try await bed.daemon(repository, throughProxy: true) { daemon in
                try await eventually("the others run", within: .seconds(8)) {
                    try await bed.members().filter { $0.state.status == "running" }.count == 2
                }
                try await daemon.awaitConvergence(on: commit)
                let creates = bed.proxy.changes.filter {
                    $0.path == "/containers/create" && $0.query.contains("-slow-")
                }
                #expect(creates.count == 1)
                #expect(try await bed.members().count == 3)
            }
        }
    }

    @Test("what happens while the event stream is cut is found all the same")
    func streamIsCut() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["web": bed.workload("web", replicas: 2)])
            try await bed.daemon(repository, throughProxy: true) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let before = try await bed.members()
                // The next two attempts to open it fail as well.
                bed.proxy.inject(ProxyFault(.beforeForwarding, .hangUp, on: "GET /events", times: 2))
                #expect(bed.proxy.hangUp { $0.path == "/events" } == 1)
                try await bed.engine.send(.post, "/containers/\(try #require(before.first).id)/kill")
                try await eventually("it runs again") {
                    try await bed.members().allSatisfy { $0.state.status == "running" }
                }
                #expect(try await bed.members().map(\.id) == before.map(\.id))
            }
        }
    }

    @Test(
        "a setting that the engine ignores is told as not right, tried ever more rarely, and never by a new container")
    func ignoredSetting() async throws {
        try await Bed.with { bed in
            let (repository, first) = try await bed.repository([
                "web": bed.workload("web", template: "resources: {pids: 64}")
            ])
            try await bed.daemon(repository, throughProxy: true) { daemon in
                try await daemon.awaitConvergence(on: first)
                let before = try await bed.members()
                bed.proxy.forget()
                bed.proxy.inject(
                    ProxyFault(
                        .beforeReplying,
                        .rewrite { body in
                            let text = String(decoding: body, as: UTF8.self)
                            // Limits are the kernel's word; of this the engine alone tells.
                            return Data(
                                text.replacing(
                                    #""RestartPolicy":{"Name":"no""#, with: #""RestartPolicy":{"Name":"always""#
                                ).utf8)
                        }, on: "GET /containers/*/json", times: .max))
                let second = try await bed.commit(
                    ["web": bed.workload("web", template: "resources: {pids: 64}"), "new": bed.workload("new")],
                    to: repository, after: first)
                let status = try await daemon.awaitStatus("told") { status in
                    status.revision?.id == second
                        && status.objects.contains { $0.id.name.hasSuffix("-new") && $0.ready == 1 }
                }
                #expect(!status.isConverged)
                try await Task.sleep(for: .seconds(4))
                let updates = bed.proxy.changes.filter { $0.path.hasSuffix("/update") }
                #expect((1...6).contains(updates.count), "\(updates)")
                #expect(bed.proxy.changes.allSatisfy { $0.method != "DELETE" })
                #expect(try await bed.members().filter { $0.name.contains("-web-") }.map(\.id) == before.map(\.id))
                bed.proxy.heal()
                // A new revision makes it look at everything.
                let third = try await bed.commit(
                    ["web": bed.workload("web", template: "resources: {pids: 64}")], to: repository, after: second)
                try await daemon.awaitConvergence(on: third)
            }
        }
    }
}
