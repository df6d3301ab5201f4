import Reconciler
import Specs

extension DriverConformance {
    static let claimChecks: [ConformanceCheck] = [
        ConformanceCheck("a member of a pool has a claim folder and an address, and others are not asked") { bench in
            let member = try await bench.started(bench.memberIntent())
            try bench.expectEqual(member.hasClaimFolder, true, "the claim folder")
            try bench.expect(member.address?.isEmpty == false, "a running member has no address")
            let other = try await bench.container(.createContainer(bench.intent(slot: 1)))
            try bench.expect(other.hasClaimFolder == nil, "a container that nobody can claim has a claim folder")
        },
        ConformanceCheck("binding the same claim twice equals once, and another claim finds the member lost") { bench in
            let member = try await bench.started(bench.memberIntent())
            let first = bench.binding(1, of: member)
            for _ in 0..<2 { try await bench.expectBinding(first, .bound) }
            try await bench.expectLost(bench.binding(2, of: member))
            try await bench.expectBinding(first, .bound)
        },
        ConformanceCheck("a container that does not run, or is gone, is lost") { bench in
            let member = try await bench.started(bench.memberIntent())
            let reference = ContainerReference(member)
            _ = try await bench.driver.apply(.stop(reference, timeout: .zero))
            try await bench.expectLost(bench.binding(1, of: member))
            try await bench.expectGone(.remove(reference))
            try await bench.expectLost(bench.binding(1, of: member))
        },
        ConformanceCheck("a container that was made without a claim folder cannot be had") { bench in
            var intent = bench.memberIntent()
            intent.container.claimRoot = nil
            let member = try await bench.started(intent)
            try bench.expectEqual(member.hasClaimFolder, false, "the claim folder")
            try await bench.expectLost(bench.binding(1, of: member))
        },
        ConformanceCheck("the name of a container that is gone is free for another claim") { bench in
            let reference = ContainerReference(try await bench.started(bench.memberIntent()))
            let member = try await bench.container(.start(reference))
            try await bench.expectBinding(bench.binding(1, of: member), .bound)
            _ = try await bench.driver.apply(.stop(reference, timeout: .zero))
            try await bench.expectGone(.remove(reference))
            let next = try await bench.started(bench.memberIntent())
            try await bench.expectBinding(bench.binding(2, of: next), .bound)
        },
        ConformanceCheck("pausing twice equals once, and a claim thaws") { bench in
            let member = try await bench.started(bench.memberIntent())
            for _ in 0..<2 {
                let paused = try await bench.container(.pause(ContainerReference(member)))
                try bench.expectEqual(paused.status, .paused, "the status")
            }
            var binding = bench.binding(1, of: member)
            binding.isPaused = true
            for _ in 0..<2 { try await bench.expectBinding(binding, .bound) }
            let found = try await bench.driver.observe(container: member.id, owner: bench.owner)
            try bench.expectEqual(found?.status, .running, "the status")
            try bench.expectEqual(found?.startedAt, member.startedAt, "the start")
        },
        ConformanceCheck("a container that does not run is not paused") { bench in
            let member = try await bench.created(bench.memberIntent())
            try await bench.expectRefusal(.conflict, .conflict, of: .pause(ContainerReference(member)))
        },
        ConformanceCheck("a claim's limits hold, and the rest stays") { bench in
            var template = bench.template
            template.resources = Resources(memory: ByteQuantity(bytes: 64 << 20), pids: 50)
            let member = try await bench.started(bench.memberIntent(template: template))
            var binding = bench.binding(1, of: member)
            binding.limits = LiveSettings(memory: 32 << 20, memorySwap: 32 << 20)
            try await bench.expectBinding(binding, .bound)
            let found = try await bench.driver.observe(container: member.id, owner: bench.owner)
            let expected = LiveSettings(memory: 32 << 20, memorySwap: 32 << 20, pids: 50)
            try bench.expectEqual(found?.live, expected, "the live settings")
        },
        ConformanceCheck("a hook that fails, or takes too long, is an answer") { bench in
            let member = try await bench.started(bench.memberIntent())
            let reference = ContainerReference(member)
            try bench.expect(try await bench.driver.run(bench.hook("true"), in: reference) == nil, "a hook failed")
            for hook in [bench.hook("false"), bench.hook("sleep", "271")] {
                let words = try await bench.driver.run(hook, in: reference)
                try bench.expect(words?.isEmpty == false, "a hook that failed succeeded")
            }
            var binding = bench.binding(1, of: member)
            binding.hook = bench.hook("true")
            try await bench.expectBinding(binding, .bound)
            binding.hook = bench.hook("false")
            let outcome = try await bench.driver.bind(binding)
            guard case .hookFailed = outcome else {
                throw ConformanceFailure(description: "the outcome of a hook that fails is \(outcome)")
            }
        },
        ConformanceCheck("a hook in a container that does not run fails") { bench in
            let member = try await bench.created(bench.memberIntent())
            let words = try await bench.driver.run(bench.hook("true"), in: ContainerReference(member))
            try bench.expect(words?.isEmpty == false, "a hook ran in a container that does not")
        },
    ]
}

extension ConformanceBench {
    /// A member of a pool.
    func memberIntent(template: ContainerTemplate? = nil) -> MemberIntent {
        var intent = intent(template: template)
        intent.mark.object = ResourceID(.warmPool, object.name)
        intent.container.claimRoot = environment.claimRoot
        return intent
    }

    func binding(_ number: UInt64, of member: ObservedContainer) -> ClaimBinding {
        let request = ClaimRequest(pool: member.mark.object, holder: "holder \(number)")
        let container = Claim.Container(instance: member.instance, id: member.id, name: member.name)
        let claim = Claim(
            id: ClaimID(number: number), request: request, phase: .binding, container: container, source: .warm,
            ttl: .seconds(60), created: Instant(secondsSince1970: 0), expires: Instant(secondsSince1970: 60),
            notAfter: nil)
        return ClaimBinding(claim: claim, container: ContainerReference(member))
    }

    func hook(_ command: String...) -> WarmPool.Hook {
        var hook = WarmPool.Hook()
        hook.command = command
        hook.timeout = .milliseconds(500)
        return hook
    }

    func expectBinding(_ binding: ClaimBinding, _ outcome: BindingOutcome) async throws {
        try expectEqual(try await driver.bind(binding), outcome, "the outcome")
    }

    func expectLost(_ binding: ClaimBinding) async throws {
        let outcome = try await driver.bind(binding)
        guard case .lost = outcome else { throw ConformanceFailure(description: "the outcome is \(outcome)") }
    }
}
