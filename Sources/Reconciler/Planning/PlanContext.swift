import Specs

/// What one call of the planner is about, and what follows from all objects together: found when something asks for it
/// the first time, since the plan of one key seldom does.
final class PlanContext {
    let desired: DesiredState
    let observed: ObservedState
    let gates: Gates
    let now: Now

    /// The subnets of networks that are still to be made, of all objects.
    lazy var subnets = NewSubnets(desired: desired, observed: observed, gates: gates)
    /// What the revision would remove in all.
    lazy var removals = RemovalSet(desired, observed)
    lazy var pruneHold = pruneHoldNow()
    private lazy var support = HostSupport(observed.engine)
    /// How many slots of each object the host has room for.
    lazy var room = handOutRoom()
    /// Which blue-green rollouts have room for a second set of members.
    lazy var secondSets = SecondSets(in: self)
    lazy var diskHold = PreflightGate.diskHold(observed.preflight, desired.host.preflight)
    lazy var firewallHold = PreflightGate.firewallHold(observed.preflight, chainsWereSeen: gates.chainsWereSeen)

    /// What windows say, of each set of them and each question once: many actions ask the same.
    var windowDecisions: [WindowInquiry: WindowDecision] = [:]

    init(_ desired: DesiredState, _ observed: ObservedState, _ gates: Gates, _ now: Now) {
        self.desired = desired
        self.observed = observed
        self.gates = gates
        self.now = now
    }

    var firewall: FirewallPlan { FirewallPlan(context: self) }

    func view(_ id: ResourceID) -> ObjectView { ObjectView(id, in: self) }

    /// Why a whole object is left alone: nothing of it is created, changed or removed.
    func objectHold(on object: DesiredObject) -> Hold? {
        var holds: [Hold] = []
        let share = gates.shares[object.hostPool] ?? .notSelected
        if let hold = Hold(share: share, of: object.hostPool, host: desired.host.identity.name) {
            if share == .notSelected { return hold }
            holds.append(hold)
        }
        if let pin = object.pin, pin.revision == nil {
            let reason = pin.reason.isEmpty ? pin.cause.rawValue.lowercased() : pin.reason
            holds.append(Hold(.quarantined, "\(reason); there is no earlier revision to go back to", until: .commit))
        }
        if let hold = Hold(notYetEnforced: object.unenforced) { holds.append(hold) }
        holds += support.holds(on: object)
        if let problem = object.cannotConfine { holds.append(Hold(.cannotConfine, problem)) }
        if let hold = firewall.hold(on: object) { holds.append(hold) }
        return Hold(holds)
    }
}

extension Hold {
    /// What a share of a HostPool holds; nil where it holds nothing.
    init?(share: Share, of pool: String, host: String) {
        switch share {
        case .everything: return nil
        case .notSelected: self.init(.hostNotSelected, "HostPool/\(pool) does not select host '\(host)'")
        case .noCoordinator:
            self.init(
                .noCoordinator,
                "HostPool/\(pool) may span several hosts and nobody divides it; name one host (hosts.name) or set "
                    + "'scope: perHost'")
        }
    }
}
