import FoundationEssentials
import ReconcileTesting
import Testing

/// Answers that are lost, late or wrong, with a controller that lives on.
@Suite("an engine whose answers go wrong", .serialized, .timeLimit(.minutes(3)))
struct FaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let moment: ProxyFault.Moment
        let effect: ProxyFault.Effect

        init(_ description: String, _ moment: ProxyFault.Moment, _ effect: ProxyFault.Effect) {
            testDescription = description
            self.moment = moment
            self.effect = effect
        }
    }

    static let faults = [
        Fault("the call is lost", .beforeForwarding, .hangUp),
        Fault("the answer is lost", .beforeReplying, .hangUp),
        Fault("the answer is late", .beforeReplying, .delay(.milliseconds(1500))),
        Fault("it answers 500 and does nothing", .beforeForwarding, .answer(status: 500, message: "made up")),
        Fault("it answers 500 and has done it", .beforeReplying, .answer(status: 500, message: "made up")),
        Fault("it answers 409", .beforeForwarding, .answer(status: 409, message: "made up")),
    ]

    @Test("each sort of call may go wrong once, and the host converges in the same run", arguments: faults)
    func convergesAllTheSame(_ fault: Fault) async throws {
        try await Bed.with { bed in
            func inject(_ calls: String...) {
                for call in calls {
                    bed.proxy.inject(
                        ProxyFault(fault.moment, fault.effect) { $0.description.hasPrefix(call) || $0.isEnd(call) })
                }
            }
            try bed.write(bed.workload("web", replicas: 2))
            inject("POST /networks/create", "POST /containers/create", "POST /start")
            let first = try await bed.once()
            #expect(first.exitCode == 0, "\(first)")
            #expect(bed.proxy.firedFaults == 3)
            let before = try await bed.members()
            #expect(before.map(\.labels["dev.reconcile.slot"]) == ["0", "1"])

            bed.proxy.forget()
            try bed.write(bed.workload("new", image: TestImage.other, template: "resources: {memory: 32Mi}"))
            inject("POST /stop", "DELETE /containers/", "DELETE /networks/")
            let second = try await bed.once()
            #expect(second.exitCode == 0, "\(second)")
            #expect(bed.proxy.firedFaults == 3)
            #expect(try await bed.containers().map(\.name) == ["/\(bed.name)-new-0-1"])
            #expect(try await bed.engine.networks(of: bed.name) == ["reconcile-\(bed.name)-new"])
        }
    }

    @Test("a revision that arrives while the host is first looked at finds its images")
    func revisionDuringFirstLook() async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/repo.git")
            let commit = try await repository.commit(
                ["pool.yaml": .file(bed.pool()), "web.yaml": .file(bed.workload("web"))], parent: nil)
            // The daemon asks for its networks only when it looks at everything.
            bed.proxy.inject(ProxyFault(.beforeForwarding, .delay(.seconds(3))) { $0.description == "GET /networks" })
            try await bed.daemon(repository, throughProxy: true) { daemon in
                try await daemon.awaitConvergence(on: commit, within: .seconds(15))
            }
        }
    }

    @Test("an engine that never answers one call does not keep the others from their work")
    func hangingCall() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("slow"), bed.workload("web", replicas: 2))
            bed.proxy.inject(
                ProxyFault(.beforeForwarding, .hang) { $0.path == "/containers/create" && $0.query.contains("slow") })
            let arguments = bed.arguments(["--once", "--specs", bed.specsDirectory])
            try await bed.program.running(arguments) { _ in
                try await eventually("the others run") {
                    let members = try await bed.members()
                    return members.map(\.name) == ["0", "1"].map { "/\(bed.name)-web-\($0)-1" }
                        && members.allSatisfy { $0.state.status == "running" }
                }
            }
            #expect(try await bed.once().exitCode == 0)
            #expect(try await bed.members().count == 3)
        }
    }
}

extension ProxiedCall {
    /// Whether it is `POST /containers/{id}/start` for `POST /start`.
    fileprivate func isEnd(_ call: String) -> Bool {
        guard let space = call.firstIndex(of: " ") else { return false }
        return method == call[..<space] && path.hasPrefix("/containers/")
            && path.hasSuffix(call[call.index(after: space)...])
    }
}
