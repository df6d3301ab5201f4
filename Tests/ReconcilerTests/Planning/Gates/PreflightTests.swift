import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What a full disk and a flushed firewall hold: starts, and all that must be started again.
struct PreflightTests {
    private static let gibibyte: Int64 = 1 << 30

    @Test(
        "so much must be free",
        arguments: [
            (PreflightThresholds.default, Int64(10), Int64(512) << 20), (.default, 100, 2 << 30),
            (PreflightThresholds(minFreeDisk: .bytes(ByteQuantity(bytes: 7))), 100, 7),
            (PreflightThresholds(minFreeDisk: .share(Percentage(20))), 100, 20 << 30),
        ])
    func thresholds(thresholds: PreflightThresholds, gibibytes: Int64, expected: Int64) {
        #expect(thresholds.bytes(of: gibibytes << 30) == expected)
    }

    /// One member of each kind of trouble: a replacement, a restart, a plain start, a creation, a removal.
    private static func scene() -> (DesiredState, ObservedState) {
        let check = HealthCheck(command: ["ok"])
        func workload(_ name: String, replicas: Int = 1, _ image: String = "web:1") -> Resource<Workload> {
            Declared.workload(name, replicas: replicas, ContainerTemplate(image: image, healthCheck: check))
        }
        let before = Declared.state(
            workload("a"), workload("b"), workload("c"), workload("d", replicas: 2), workload("e"))
        var observed = ObservedState(converged: before)
        observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
        observed.change("b-0-1") { $0.health = .unhealthy }
        observed.change("c-0-1") { $0.status = .exited }
        observed.remove("e-0-1")
        return (
            Declared.state(workload("a", "web:2"), workload("b"), workload("c"), workload("d"), workload("e")), observed
        )
    }

    private static func verdicts(_ facts: PreflightFacts, chainsWereSeen: Bool = false) -> [String] {
        var (desired, observed) = scene()
        observed.preflight = facts
        var gates = desired.solitaryGates
        gates.chainsWereSeen = chainsWereSeen
        desired.host.pruneBudget = .default
        return Planner.plan(desired: desired, observed: observed, gates: gates, now: Now()).actions.map { action in
            guard case .held(let hold) = action.verdict else {
                return "\(action.verb.rawValue) \(action.key.object?.name ?? "")"
            }
            return "\(action.verb.rawValue) \(action.key.object?.name ?? ""): \(hold.gate.rawValue)"
        }
    }

    private static let free = ["replace a", "restart b", "start c", "remove d", "create e"]

    @Test("a full disk holds what must be started, and lets plain starts and removals go on")
    func lowDisk() {
        let facts = PreflightFacts(dataFree: Self.gibibyte, dataSize: 100 * Self.gibibyte)
        #expect(
            Self.verdicts(facts) == [
                "replace a: LowDisk", "restart b: LowDisk", "start c", "remove d", "create e: LowDisk",
            ])
    }

    @Test("inodes count like bytes")
    func inodes() {
        #expect(Self.verdicts(PreflightFacts(inodesFree: 1, inodes: 1_000)).first == "replace a: LowDisk")
        #expect(Self.verdicts(PreflightFacts(inodesFree: 20, inodes: 1_000)) == Self.free)
        #expect(Self.verdicts(PreflightFacts(inodesFree: 0, inodes: 0)) == Self.free, "btrfs counts none")
    }

    @Test("chains that were seen and are gone hold the same; chains that were never seen hold nothing")
    func firewall() {
        let missing = PreflightFacts(firewallChains: .missing)
        #expect(Self.verdicts(missing, chainsWereSeen: true).first == "replace a: FirewallDamaged")
        #expect(Self.verdicts(missing) == Self.free)
    }

    @Test("what is not known holds nothing", arguments: [true, false])
    func unknown(chainsWereSeen: Bool) {
        #expect(Self.verdicts(PreflightFacts(), chainsWereSeen: chainsWereSeen) == Self.free)
        #expect(Self.verdicts(PreflightFacts(dataFree: 0), chainsWereSeen: chainsWereSeen) == Self.free)
    }

    @Test("both are named, and say what the operator can do")
    func sentences() {
        var (desired, observed) = Self.scene()
        observed.preflight = PreflightFacts(
            dataFree: Self.gibibyte, dataSize: 100 * Self.gibibyte, firewallChains: .missing)
        var gates = desired.solitaryGates
        gates.chainsWereSeen = true
        desired.host.preflight = PreflightThresholds(minFreeDisk: .bytes(ByteQuantity(bytes: 3 * Self.gibibyte / 2)))
        guard case .held(let hold)? = plan(desired, observed, gates: gates).actions.first?.verdict else {
            return #expect(Bool(false))
        }
        #expect(
            hold.description
                == "LowDisk: 1Gi of 100Gi are free where the engine keeps its data; make room, for instance by "
                + "'docker image prune' (until 1.5Gi are free), also FirewallDamaged")
        #expect(hold.also.first?.message.contains("restart Docker") == true)
        #expect(hold.also.first?.until == .engineRestart)
    }

    @Test("chains count as seen until the engine starts anew")
    func watch() {
        var watch = ChainWatch()
        watch.record(.missing, engine: "1")
        #expect(!watch.wereSeen)
        watch.record(.present, engine: "1")
        watch.record(.missing, engine: "1")
        watch.record(.unknown, engine: "1")
        #expect(watch.wereSeen)
        watch.record(.missing, engine: "2")
        #expect(!watch.wereSeen, "an engine that was told to leave the firewall alone makes none")
    }
}
