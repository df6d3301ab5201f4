import ReconcileTesting
import Reconciler
import Specs
import Testing

@Suite("Whether containers are confined as they were asked to be")
struct EnforcementTests {
    private static func expectation() throws -> ConfinementExpectation {
        let state = Confined.state {
            $0.capabilities.drop = ["ALL"]
            $0.readOnlyRootFilesystem = true
            $0.user = "1000"
            $0.runtime = "runc"
        }
        return try #require(state.objects[Confined.id].flatMap { ConfinementExpectation($0.container) })
    }

    @Test("each control that is not as it was asked for is named, and only that", arguments: Control.allCases)
    func drift(_ control: Control) throws {
        var expectation = try Self.expectation()
        expectation.appArmor = "reconcile-web"
        let whole = expectation.judged(by: ConfinementFacts(asAsked: expectation))
        #expect(whole.holds && Set(whole.findings.map(\.control)) == Set(Control.allCases))
        let found = expectation.judged(by: ConfinementFacts(asAsked: expectation, missing: [control]))
        #expect(found.drifted.map(\.control) == [control] && !found.holds)
    }

    @Test("another profile than the one that was asked for is drift, whatever the kernel says")
    func otherProfile() throws {
        let expectation = try Self.expectation()
        var facts = ConfinementFacts(asAsked: expectation)
        facts.seccomp = "0123456789abcdef"
        #expect(expectation.judged(by: facts).drifted.map(\.control) == [.seccomp])
        facts.sight = .hidden
        #expect(expectation.judged(by: facts).drifted.map(\.control) == [.seccomp])
    }

    @Test("what cannot be seen is not called enforced")
    func hidden() throws {
        let expectation = try Self.expectation()
        var facts = ConfinementFacts(asAsked: expectation)
        facts.sight = .hidden
        let found = expectation.judged(by: facts)
        #expect(found.holds)
        #expect(found.findings.filter { $0.state == .enforced }.map(\.control) == [.runtime])
        #expect(found.notSupported.count == 5)
    }

    @Test("a runtime with a kernel of its own is named, and the rest is not claimed")
    func otherKernel() throws {
        var expectation = try Self.expectation()
        expectation.runtime = "runsc"
        var facts = ConfinementFacts(asAsked: expectation)
        facts.runtime = "runsc"
        let found = expectation.judged(by: facts)
        #expect(found.holds && found.findings.first { $0.control == .runtime }?.state == .enforced)
        #expect(found.findings.first { $0.control == .seccomp }?.state == .notSupported)
        facts.runtime = "runc"
        #expect(expectation.judged(by: facts).drifted.map(\.control) == [.runtime])
    }

    @Test("as long as the runtime's own process shows, nothing is judged, and the member is not ready")
    func starting() throws {
        let expectation = try Self.expectation()
        var process = ConfinementFacts.Process()
        process.isRuntime = true
        for sight in [ConfinementFacts.Sight.process(process), .gone] {
            let found = expectation.judged(by: ConfinementFacts(seccomp: expectation.seccomp, sight))
            #expect(!found.holds && found.drifted.isEmpty)
        }
    }

    @Test("AppArmor that is not required and not there is told apart from AppArmor that was lost")
    func appArmor() throws {
        var expectation = try Self.expectation()
        expectation.appArmor = "reconcile-web"
        expectation.isAppArmorOptional = true
        var facts = ConfinementFacts(asAsked: expectation)
        facts.kernelHasAppArmor = false
        #expect(expectation.judged(by: facts).notSupported.map(\.control) == [.appArmor])
        expectation.isAppArmorOptional = false
        #expect(expectation.judged(by: facts).drifted.map(\.control) == [.appArmor])
    }

    @Test("a container that was made by hand with our mark, and without the word on its confinement, is not believed")
    func forged() throws {
        let label = try #require(Confined.state().objects[Confined.id]).recreateLabel
        #expect(ObservedConfinement(unreadable: nil, recreateHash: label)?.holds == false)
        #expect(ObservedConfinement(unreadable: "v9;x=1", recreateHash: label)?.notSupported.count == 1)
        let plain = try #require(Declared.state(Declared.workload()).objects[Confined.id]).recreateLabel
        #expect(ObservedConfinement(unreadable: nil, recreateHash: plain) == nil)
    }

    // MARK: The plan

    private func observed(_ state: DesiredState, _ findings: [ControlFinding], isStarting: Bool = false)
        -> ObservedState
    {
        var observed = ObservedState(converged: state)
        observed.change("web-0-1") { $0.confinement = ObservedConfinement(findings, isStarting: isStarting) }
        return observed
    }

    @Test("a member that is not confined as asked is not ready and is replaced")
    func replaced() {
        let state = Confined.state()
        let lost = observed(state, [ControlFinding(.seccomp, .drifted, "Seccomp: 0")])
        #expect(
            plan(state, lost).lines == [
                "Workload/web/0 replace: securityProfile.seccomp Seccomp: 0 -> Enforced "
                    + "[create-container web-0-2, stop web-0-1, remove web-0-1]"
            ])
        #expect(plan(state, observed(state, [ControlFinding(.seccomp, .enforced, "")])).lines.isEmpty)
        #expect(plan(state, observed(state, [ControlFinding(.seccomp, .notSupported, "")])).lines.isEmpty)
        #expect(plan(state, observed(state, [], isStarting: true)).lines == ["Workload/web/0 await: not ready yet []"])
    }

    @Test("nothing is started where it could not be confined, and what runs is left alone")
    func ineligible() {
        let state = Confined.state { $0.runtime = "runsc" }
        var observed = ObservedState(converged: state)
        observed.engine.runtimes = ["runc"]
        #expect(plan(state, observed).lines.isEmpty)
        observed.change("web-0-1") { $0.status = .exited }
        #expect(plan(state, observed).lines.map { $0.hasSuffix("held: RuntimeMissing") } == [true])
        observed.remove("web-0-1")
        #expect(plan(state, observed).lines.map { $0.hasSuffix("held: RuntimeMissing") } == [true])
        observed.engine.runtimes = ["runc", "runsc"]
        #expect(plan(state, observed).lines == ["Workload/web/0 create: not on this host [create-container web-0-1]"])
        observed.engine.hasSeccomp = false
        #expect(plan(state, observed).lines.map { $0.hasSuffix("held: KernelLacksSeccomp") } == [true])
    }

    // MARK: The controller

    @Test("an engine that leaves out what it was told never makes a ready member")
    func ignored() async throws {
        let rig = Rig()
        await rig.engine.ignore([.seccomp])
        let status = try await rig.settle(Confined.state())
        #expect(status.objects.first?.ready == 0)
        #expect(status.objects.first?.conditions.first { $0.type == .stalled }?.reason == "NotConverged")
    }

    @Test("a container that lost what confined it is replaced, once")
    func lost() async throws {
        let rig = Rig()
        let state = Confined.state()
        try await rig.settle(state)
        let first = try #require(await rig.engine.containers.values.first)
        await rig.engine.loosen(first.id, [.readOnlyRootFilesystem, .seccomp])
        let status = try await rig.settle(state)
        #expect(status.isConverged)
        #expect(await rig.engine.containers.keys.contains(first.id) == false)
    }
}
