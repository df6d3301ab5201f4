import FoundationEssentials
import Glibc
import ReconcileTesting
import Synchronization
import Testing

/// `kill -9` between any two calls to Docker, on both sides of each call: the next run ends where one without a crash
/// would have ended.
@Suite("killed between any two calls to Docker", .serialized, .timeLimit(.minutes(5)))
struct CrashTests {
    /// What remains the same however often a run was interrupted: no ids, times and incarnations.
    struct EndState: Hashable {
        struct Member: Hashable {
            var object: String
            var slot: String
            var image: String
            var hash: String
            var status: String
            var isNameRight: Bool
        }

        var members: [Member]
        var networks: [String]
    }

    private func endState(_ bed: Bed) async throws -> EndState {
        let members = try await bed.members().map { container in
            let labels = container.labels
            let object = labels["dev.reconcile.object"] ?? ""
            let short = object.split(separator: "/").last ?? ""
            let slot = labels["dev.reconcile.slot"] ?? ""
            let name = "/\(short)-\(slot)-\(labels["dev.reconcile.incarnation"] ?? "")"
            return EndState.Member(
                object: object, slot: slot, image: container.configuration.image,
                hash: labels["dev.reconcile.recreate-hash"] ?? "", status: container.state.status,
                isNameRight: container.name == name)
        }
        let sorted = members.sorted { ($0.object, $0.slot) < ($1.object, $1.slot) }
        return EndState(members: sorted, networks: try await bed.engine.networks(of: bed.name))
    }

    /// Runs `--once`, which is killed at the n-th call that changes something.
    ///
    /// - Returns: false when the run had fewer calls and ended by itself.
    private func killed(at number: Int, _ moment: ProxyFault.Moment, _ bed: Bed) async throws -> Bool {
        let running = Mutex<RunningProgram?>(nil)
        bed.proxy.forget()
        bed.proxy.inject(
            ProxyFault(moment, ofChange: number, .hangUp) {
                let process = running.withLock { $0 }
                process?.kill()
                // Nothing that it might still do may come after this call.
                await process?.waitUntilEnded()
            })
        let ending = try await bed.once { process in running.withLock { $0 = process } }
        if bed.proxy.firedFaults == 0 {
            #expect(ending.exitCode == 0, "\(ending)")
            return false
        }
        #expect(ending.signal == SIGKILL, "\(ending)")
        return true
    }

    @Test("during a rollout of two replicas and a warm pool", arguments: ProxyFault.Moment.allCases)
    func rollout(_ moment: ProxyFault.Moment) async throws {
        try await Bed.with { bed in
            func declare(_ image: String) throws {
                try bed.write(
                    bed.workload("web", replicas: 2, image: image), bed.warmPool("warm", image: image))
            }
            try await bed.engine.makeForeignContainer("\(bed.name)-web-0-99")
            let foreign = try await bed.engine.get("/containers/\(bed.name)-web-0-99/json")
            // What a run without a crash leads to, for both images.
            let images = ["busybox:local", "busybox:local2"]
            var expected: [EndState] = []
            for image in images + images.prefix(1) {
                try declare(image)
                #expect(try await bed.once().exitCode == 0)
                expected.append(try await endState(bed))
            }
            #expect(expected[0] == expected[2])

            // Each crash begins where the last recovery ended, so that nothing has to be built up anew.
            var number = 1
            while true {
                try declare(images[number % 2])
                guard try await killed(at: number, moment, bed) else { break }
                let recovery = try await bed.once()
                #expect(recovery.exitCode == 0, "after a kill at call \(number): \(recovery)")
                #expect(try await endState(bed) == expected[number % 2], "after a kill at call \(number)")
                number += 1
            }
            // Create, start, stop and remove for each of the three.
            #expect(number == 13)
            #expect(try await endState(bed) == expected[number % 2])
            #expect(try await bed.engine.get("/containers/\(bed.name)-web-0-99/json") == foreign)
        }
    }

    @Test("during a prune of an object with two members", arguments: ProxyFault.Moment.allCases)
    func prune(_ moment: ProxyFault.Moment) async throws {
        try await Bed.with { bed in
            try await bed.engine.makeForeignContainer("\(bed.name)-old-0-99")
            let foreign = try await bed.engine.get("/containers/\(bed.name)-old-0-99/json")
            let kept = bed.workload("kept")
            try bed.write(kept)
            #expect(try await bed.once().exitCode == 0)
            let expected = try await endState(bed)
            let keptBefore = try await bed.members()

            var number = 1
            while true {
                try bed.write(kept, bed.workload("old", replicas: 2))
                let full = try await bed.once()
                #expect(full.exitCode == 0, "\(full)")
                try bed.write(kept)
                guard try await killed(at: number, moment, bed) else { break }
                let recovery = try await bed.once()
                #expect(recovery.exitCode == 0, "after a kill at call \(number): \(recovery)")
                #expect(try await endState(bed) == expected, "after a kill at call \(number)")
                number += 1
            }
            // Stop and remove for both members, and the network.
            #expect(number == 6)
            #expect(try await endState(bed) == expected)
            #expect(try await bed.members() == keptBefore)
            #expect(try await bed.engine.get("/containers/\(bed.name)-old-0-99/json") == foreign)
        }
    }
}
