import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Rules are in force before anything of a restricted object is made or started.
struct FirewallPlanTests {
    private let desired = Declared.state(Declared.workload(), policies: [Declared.policy()])
    private let waiting = "Workload/web/0 create: not on this host [create-container web-0-1] after Firewall"
    private let applying = "Firewall create: rules not in force: Workload/web [apply-firewall]"

    @Test("on an empty host rules come first, and network and members wait for them")
    func firstStart() {
        var observed = ObservedState()
        observed.firewall.support = .by(.nftables)
        observed.images["web:1"] = ObservedImage(id: "sha256:web:1")
        let lines = plan(desired, observed).lines
        #expect(lines[0] == applying)
        #expect(lines[1] == "Workload/web create: not on this host [create-network reconcile-web] after Firewall")
    }

    @Test("a member is neither made nor started while its rules are not in force")
    func members() {
        var observed = ObservedState(converged: desired)
        observed.firewall.inForce = [:]
        observed.change("web-0-1") { $0.status = .exited }
        let update = applying.replacingFirst("create", by: "update")
        #expect(
            plan(desired, observed).lines == [
                update, "Workload/web/0 start: stopped with exit code 0 [start web-0-1] after Firewall",
            ])
        observed.remove("web-0-1")
        #expect(plan(desired, observed).lines == [update, waiting])
        observed.firewall.inForce = ObservedState(converged: desired).firewall.inForce
        #expect(plan(desired, observed).lines == [waiting.replacingFirst(" after Firewall", by: "")])
    }

    @Test("a host that has every rule in force has nothing to do")
    func quiet() { #expect(plan(desired, ObservedState(converged: desired)).lines == []) }

    @Test("an object without a policy waits for nothing")
    func unrestricted() {
        let open = Declared.state(Declared.workload())
        var observed = ObservedState(converged: open)
        observed.firewall = FirewallFacts(support: .missing("no nft"))
        observed.remove("web-0-1")
        #expect(plan(open, observed).lines == ["Workload/web/0 create: not on this host [create-container web-0-1]"])
    }

    @Test("where rules cannot be had, what asks for them is held, and what runs without them is not settled")
    func unsupported() {
        var observed = ObservedState(converged: desired)
        observed.firewall = FirewallFacts(support: .missing("no nft"))
        #expect(
            plan(desired, observed).lines == [
                "Workload/web/0 update: runs without something that its spec asks for [] held: PolicyNotSupported"
            ])
        observed.remove("web-0-1")
        let held = plan(desired, observed).actions.compactMap { action -> Hold.Gate? in
            if case .held(let hold) = action.verdict { hold.gate } else { nil }
        }
        #expect(held == [.policyNotSupported])
    }

    @Test("rules of what git says nothing of any more stay until its network is gone, and go then")
    func undeclared() throws {
        let gone = Declared.state()
        var observed = ObservedState(converged: desired)
        let bridge = try #require(desired.firewall.bridges.first?.bridge)
        observed.firewall.inForce = [:]
        observed.firewall.others = [bridge]
        #expect(!plan(gone, observed).actions.contains { $0.key == .firewall })
        observed.networks = ObservedNetworks()
        #expect(
            plan(gone, observed).lines.first
                == "Firewall update: rules of ours that no policy asks for [apply-firewall]")
    }

    @Test("while others' rules change, those of a bridge that is kept are named in the step")
    func kept() throws {
        let other = Declared.state(Declared.workload("api"), policies: [Declared.policy()])
        var observed = ObservedState(converged: desired)
        let bridge = try #require(desired.firewall.bridges.first?.bridge)
        observed.firewall.inForce = [:]
        observed.firewall.others = [bridge]
        let action = try #require(plan(other, observed).actions.first { $0.key == .firewall })
        guard case .applyFirewall(let intent)? = action.steps.first else { throw Missing() }
        #expect(intent.kept == [bridge])
    }

    private struct Missing: Error {}
}

extension String {
    fileprivate func replacingFirst(_ text: String, by other: String) -> String {
        guard let range = firstRange(of: text) else { return self }
        return replacingCharacters(in: range, with: other)
    }

    private func replacingCharacters(in range: Range<Index>, with other: String) -> String {
        self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
