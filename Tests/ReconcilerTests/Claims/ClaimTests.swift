import ReconcileTesting
import Reconciler
import Specs
import Testing

@Suite("claims")
struct ClaimTests {
    @Test("a claim is a ready member, on the disk before it is answered, and the pool makes another")
    func claims() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 2)) {
            await rig.awaitReady(2)
            let claim = try await rig.claim { $0.labels = ["conversation_id": "42"] }
            #expect(claim.phase == .bound && claim.source == .warm && claim.holder == "ada")
            #expect(claim.labels == ["conversation_id": "42"])
            let container = try #require(claim.container)
            let stored = try rig.store.copy().load()
            #expect(stored.claims.map(\.id) == [claim.id])
            #expect(stored.phases[container.instance] == .claimed)
            #expect(await rig.engine.containers[container.id]?.claim == claim.id)
            await rig.awaitReady(2)
            #expect(await rig.poolStatus.claimed == 1)
        }
    }

    @Test("many claims at once get a member each, whatever the pool has ready")
    func sideBySide() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 5)) {
            await rig.awaitReady(5)
            let claims = try await withThrowingTaskGroup { group in
                for number in 0..<20 { group.addTask { try await rig.claim("holder-\(number)", wait: .seconds(10)) } }
                return try await group.reduce(into: [Claim]()) { $0.append($1) }
            }
            #expect(Set(claims.map { $0.container?.id }).count == 20)
            #expect(Set(claims.map(\.holder)).count == 20)
            await rig.awaitReady(5)
            #expect(await rig.controller.report().figures.pools[Rig.pool]?.overCreated == 0)
        }
    }

    @Test("the same request asked again under its key is answered with the same claim")
    func idempotency() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 2)) {
            await rig.awaitReady(2)
            let first = try await rig.claim(key: "k1")
            let second = try await rig.claim(key: "k1")
            #expect(first.id == second.id && first.container == second.container)
            await #expect { try await rig.claim("eve", key: "k1") } throws: { ($0 as? ClaimRefusal)?.code == .conflict }
            _ = try await rig.controller.release(first.id, by: "test")
            await #expect { try await rig.claim(key: "k1") } throws: { ($0 as? ClaimRefusal)?.code == .conflict }
        }
    }

    @Test("a released member is removed, never given to another, and the pool is full again")
    func release() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 2) { $0.maxMembers = 2 }) {
            await rig.awaitReady(2)
            let claim = try await rig.claim()
            let released = try await rig.controller.release(claim.id, by: "test")
            #expect(released.phase == .ended && released.ending == .released)
            // Again changes nothing.
            let again = try await rig.controller.release(claim.id, by: "test")
            #expect(again.ending == .released)
            await rig.awaitReady(2)
            #expect(await eventually { await rig.engine.containers[claim.container?.id ?? ""] == nil })
            let next = try await rig.claim("eve")
            #expect(next.container?.id != claim.container?.id)
        }
    }

    @Test("a claim that nobody renews ends, and one that is renewed goes on")
    func expiry() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 2)) {
            await rig.awaitReady(2)
            let short = try await rig.claim { $0.ttl = .seconds(1) }
            let kept = try await rig.claim("eve") { $0.ttl = .seconds(1) }
            _ = try await rig.controller.renew(kept.id, for: .seconds(60), by: "test")
            #expect(await eventually { await rig.controller.claim(short.id)?.ending == .expired })
            #expect(await rig.controller.claim(kept.id)?.phase == .bound)
            await #expect { try await rig.controller.renew(short.id, for: nil, by: "test") } throws: {
                ($0 as? ClaimRefusal)?.code == .conflict
            }
            #expect(await rig.controller.report().figures.pools[Rig.pool]?.expired == 1)
        }
    }

    @Test("an empty pool makes whoever comes wait, in the order of their coming")
    func fairness() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 0) { $0.maxMembers = 1 }) {
            #expect(await eventually { await rig.isConverged })
            let order = Order()
            try await withThrowingTaskGroup { group in
                for number in 0..<4 {
                    group.addTask {
                        let claim = try await rig.claim("holder-\(number)", wait: .seconds(20))
                        await order.append(number)
                        _ = try await rig.controller.release(claim.id, by: "test")
                    }
                    #expect(await eventually { await rig.poolStatus.waiting + order.numbers.count > number })
                }
                try await group.waitForAll()
            }
            #expect(await order.numbers == [0, 1, 2, 3])
        }
    }

    private actor Order {
        var numbers: [Int] = []
        func append(_ number: Int) { numbers.append(number) }
    }

    @Test("an empty pool refuses at once where it may start none for the claim, and says when to come again")
    func exhausted() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 0) { $0.claim.coldStart = false }) {
            #expect(await eventually { await rig.isConverged })
            await #expect { try await rig.claim() } throws: { error in
                let refusal = error as? ClaimRefusal
                return refusal?.code == .exhausted && refusal?.retryAfter != nil
            }
            #expect(await rig.poolStatus.consecutiveMisses == 1)
        }
    }

    @Test("an empty pool starts a member for the claim where it may")
    func coldStart() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 0)) {
            #expect(await eventually { await rig.isConverged })
            let claim = try await rig.claim()
            #expect(claim.source == .cold)
            _ = try await rig.controller.release(claim.id, by: "test")
            #expect(await eventually { await rig.engine.containers.isEmpty })
        }
    }

    @Test("the image of an empty pool is there before anybody comes, and is fetched again where somebody removes it")
    func imageOfEmptyPool() async throws {
        let rig = Rig(engine: FakeDriver(images: [], registry: ["agent:1"]))
        try await rig.running(Rig.state(size: 0)) {
            #expect(await eventually { await rig.engine.images["agent:1"] != nil })
            await rig.engine.removeImageByHand("agent:1")
            let claim = try await rig.claim(wait: .seconds(5))
            #expect(claim.source == .cold)
        }
    }

    @Test("a pool that follows its claims fetches its image when it needs a member, and an empty one does not")
    func imageOfPoolThatFollows() async throws {
        let rig = Rig(engine: FakeDriver(images: ["agent:1"], registry: ["agent:2"]))
        try await rig.running(Rig.state(size: 1)) {
            await rig.awaitReady(1)
            _ = try await rig.claim()
            let empty = Rig.state(size: 0, image: "agent:2", revision: "2222222") { $0.claim.coldStart = false }
            await rig.controller.setDesired(empty)
            #expect(await eventually { await rig.isConverged })
            #expect(await rig.engine.images["agent:2"] == nil)
            let following = Rig.state(image: "agent:2", revision: "3333333") {
                $0.size = .percentOfClaimed(Percentage(100))
                $0.claim.coldStart = false
            }
            await rig.controller.setDesired(following)
            await rig.awaitReady(1)
        }
    }

    @Test("a claim whose container dies is lost, and ends")
    func lost() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 1)) {
            await rig.awaitReady(1)
            let claim = try await rig.claim()
            await rig.engine.stopByHand(try #require(claim.container?.id))
            #expect(await eventually { await rig.controller.claim(claim.id)?.ending == .containerLost })
            #expect(await rig.controller.claim(claim.id)?.message.contains("137") == true)
            await rig.awaitReady(1)
        }
    }

    @Test("a claim whose container dies gets another where the pool says so")
    func recovered() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 1) { $0.claim.onLost = .replace }) {
            await rig.awaitReady(1)
            let claim = try await rig.claim()
            let container = try #require(claim.container)
            await rig.awaitReady(1)
            await rig.engine.removeByHand(container.id)
            #expect(await eventually { await rig.controller.claim(claim.id)?.recoveries == 1 })
            let later = try #require(await rig.controller.claim(claim.id))
            #expect(later.phase == .bound && later.container?.id != container.id && later.predecessor == nil)
            #expect(await rig.engine.containers[later.container?.id ?? ""]?.claim == claim.id)
        }
    }

    @Test("a lost claim gets another member although the pool may have no more than it has")
    func recoveredWithoutRoom() async throws {
        let rig = Rig()
        let state = Rig.state(size: 0) {
            $0.maxMembers = 1
            $0.claim.onLost = .replace
        }
        try await rig.running(state) {
            #expect(await eventually { await rig.isConverged })
            let claim = try await rig.claim(wait: .seconds(5))
            await rig.engine.stopByHand(try #require(claim.container?.id))
            #expect(await eventually { await rig.controller.claim(claim.id)?.recoveries == 1 })
            #expect(await eventually { await rig.engine.containers.count == 1 })
        }
    }

    @Test("a claim that is released while it waits for another member gets none")
    func releasedWhileLost() async throws {
        let rig = Rig()
        let state = Rig.state(size: 1) {
            $0.claim.onLost = .replace
            $0.source.template.healthCheck = HealthCheck(command: ["true"])
        }
        try await rig.running(state) {
            await rig.awaitReady(1)
            await rig.engine.setProbeOutcome { _, _ in false }
            let claim = try await rig.claim()
            await rig.engine.stopByHand(try #require(claim.container?.id))
            #expect(await eventually { await rig.controller.claim(claim.id)?.phase == .recovering })
            _ = try await rig.controller.release(claim.id, by: "test")
            await rig.engine.setProbeOutcome { _, _ in true }
            await rig.awaitReady(1)
            #expect(await rig.controller.claim(claim.id)?.ending == .released)
            #expect(await eventually { await rig.engine.containers.count == 1 })
            #expect(await rig.engine.containers.values.allSatisfy { $0.claim == nil })
        }
    }

    @Test("a claim lasts no longer than the pool lets any, however often it is renewed")
    func maximumAge() async throws {
        let rig = Rig()
        let state = Rig.state(size: 1) {
            $0.claim.ttl = .seconds(60)
            $0.claim.maxAge = .seconds(1)
        }
        try await rig.running(state) {
            await rig.awaitReady(1)
            let claim = try await rig.claim()
            let renewed = try await rig.controller.renew(claim.id, for: nil, by: "test")
            #expect(renewed.expires == claim.notAfter)
            #expect(await eventually { await rig.controller.claim(claim.id)?.ending == .maximumAge })
        }
    }

    @Test("a hook that fails fails the claim, and its member goes")
    func failingHook() async throws {
        let rig = Rig()
        let state = Rig.state(size: 1) {
            var hook = WarmPool.Hook()
            hook.command = ["false"]
            $0.claim.hooks.afterClaim = hook
        }
        try await rig.running(state) {
            await rig.awaitReady(1)
            await #expect { try await rig.claim() } throws: { ($0 as? ClaimRefusal)?.code == .failed }
            await rig.awaitReady(1)
            #expect(await eventually { await rig.engine.containers.values.allSatisfy { $0.claim == nil } })
        }
    }

    @Test("claims outlive the program, and what was never answered does not")
    func restart() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 2)) {
            await rig.awaitReady(2)
            _ = try await rig.claim("ada", key: "k")
            await rig.awaitReady(2)
        }
        let held = try #require(try rig.store.load().claims.first)
        // As if the program had ended between the choice and the answer.
        var unanswered = held
        unanswered.id = ClaimID(number: 7)
        unanswered.idempotencyKey = nil
        unanswered.phase = .binding
        let other = try #require(await rig.engine.containers.values.first { $0.claim == nil })
        let instance = try #require(other.mark?.memberID).instance(other.mark?.member?.incarnation ?? 0)
        unanswered.container = .init(instance: instance, id: other.id, name: other.name)
        try rig.store.commit([.transition(instance, from: .ready, to: .claimed), .claim(unanswered)])

        let next = Rig(engine: rig.engine, store: rig.store.copy())
        try await next.running(Rig.state(size: 2)) {
            await next.awaitReady(2)
            #expect(await next.controller.claim(held.id)?.phase == .bound)
            let again = try await next.claim("ada", key: "k")
            #expect(again.id == held.id)
            #expect(await next.controller.claim(unanswered.id)?.ending == .cancelled)
            #expect(await eventually { await next.engine.containers[other.id] == nil })
            #expect(await next.engine.containers[held.container?.id ?? ""]?.status == .running)
        }
    }

    @Test("a claimed member stays when its pool is gone from git, until the claim is over")
    func undeclared() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 2)) {
            await rig.awaitReady(2)
            let claim = try await rig.claim()
            await rig.controller.setDesired(Declared.state(revision: "2222222"))
            #expect(await eventually { await rig.engine.containers.count == 1 })
            #expect(await rig.engine.containers[claim.container?.id ?? ""]?.status == .running)
            _ = try await rig.controller.release(claim.id, by: "test")
            #expect(await eventually { await rig.engine.containers.isEmpty })
        }
    }

    @Test("whoever goes away while it waits has no claim")
    func cancelled() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 0) { $0.claim.coldStart = false }) {
            #expect(await eventually { await rig.isConverged })
            let request = Task { try await rig.claim(wait: .seconds(60)) }
            #expect(await eventually { await rig.poolStatus.waiting == 1 })
            request.cancel()
            _ = await request.result
            #expect(await eventually { await rig.poolStatus.waiting == 0 })
            #expect(await rig.controller.claims().filter(\.isOpen).isEmpty)
        }
    }
}

extension MemberID {
    fileprivate func instance(_ incarnation: Int) -> MemberInstance { MemberInstance(self, incarnation) }
}
