import ReconcileTesting
import Reconciler
import Specs
import Testing

@Suite("What is said of how containers are confined")
struct ConfinementReportTests {
    private func status(_ findings: [ControlFinding], isStarting: Bool = false) -> [Condition] {
        let state = Confined.state()
        var observed = ObservedState(converged: state)
        observed.change("web-0-1") { $0.confinement = ObservedConfinement(findings, isStarting: isStarting) }
        return Condition.confinement(of: observed.containers(of: Confined.id))
    }

    @Test("three values, and Degraded where something is not to be had")
    func conditions() {
        func short(_ conditions: [Condition]) -> [String] {
            conditions.map { "\($0.type.rawValue) \($0.state.rawValue) \($0.reason)" }
        }
        let good = ControlFinding(.seccomp, .enforced, "")
        #expect(short(status([good])) == ["Confined True Enforced"])
        #expect(short(status([good, ControlFinding(.user, .drifted, "Uid: 0")])) == ["Confined False Drifted"])
        #expect(short(status([], isStarting: true)) == ["Confined Unknown Starting"])
        #expect(
            short(status([good, ControlFinding(.appArmor, .notSupported, "the kernel has no AppArmor")])) == [
                "Confined Unknown NotSupported", "Degraded True KernelLacksAppArmor",
            ])
        #expect(
            short(status([ControlFinding(.seccomp, .notSupported, "runsc")])) == [
                "Confined Unknown NotSupported", "Degraded True NotSupported",
            ])
        #expect(Condition.confinement(of: []).isEmpty)
    }

    @Test("a report has every control with what was asked, where, and what shows")
    func report() async throws {
        let rig = Rig()
        let state = Confined.state {
            $0.seccomp?.base = .sandbox
            $0.seccomp?.allow = [.init("bpf")]
            $0.capabilities.drop = ["ALL"]
            $0.readOnlyRootFilesystem = true
            $0.user = "1000"
        }
        try await rig.settle(state)
        let report = try #require(await rig.controller.report().confinement(ofContainer: "web-0-1"))
        #expect(report.profile == ResourceID(.securityProfile, "tight") && report.member == "Workload/web/0")
        #expect(
            report.entries.map { "\($0.control.rawValue): \($0.state?.rawValue ?? "-")" } == [
                "seccomp: Enforced", "capabilities: Enforced", "noNewPrivileges: Enforced",
                "readOnlyRootFilesystem: Enforced", "user: Enforced",
            ])
        #expect(report.entries.first?.value.hasPrefix("sandbox v1 within docker-default 0.2.3 (enforce)") == true)
        #expect(report.entries[1].value == "drop ALL")
        #expect(report.entries.allSatisfy { $0.position?.file == "tight.yaml" })
        #expect(report.seccompProfile.contains("SCMP_ACT_ERRNO"))
        #expect(await rig.controller.report().confinement(ofContainer: "nobody") == nil)
    }
}
