import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What a spec says about resources, what the container has, and what is done about the difference.
struct DriftCase: Sendable, CustomTestStringConvertible {
    let name: String
    let resources: Resources
    let live: LiveSettings
    let expected: [String]

    var testDescription: String { name }

    private static let limits = Resources(
        cpus: CPUQuantity(nanoCPUs: 500_000_000), memory: ByteQuantity(bytes: 64 << 20), pids: 100)
    private static let asDeclared = LiveSettings(
        nanoCPUs: 500_000_000, memory: 64 << 20, memorySwap: 128 << 20, pids: 100)

    private static func with(_ change: (inout LiveSettings) -> Void) -> LiveSettings {
        var live = asDeclared
        change(&live)
        return live
    }

    private static func update(_ change: String) -> [String] { ["Workload/web/0 update: \(change) [update web-0-1]"] }
    private static func replace(_ change: String) -> [String] {
        ["Workload/web/0 replace: \(change) [create-container web-0-2, stop web-0-1, remove web-0-1]"]
    }

    static let all: [DriftCase] = [
        DriftCase(name: "as declared", resources: limits, live: asDeclared, expected: []),
        DriftCase(name: "no limits at all", resources: Resources(), live: LiveSettings(), expected: []),
        DriftCase(
            name: "more CPU", resources: limits, live: with { $0.nanoCPUs = 250_000_000 },
            expected: update("resources.cpus 250m -> 500m")),
        DriftCase(
            name: "a CPU limit where there was none", resources: limits, live: with { $0.nanoCPUs = nil },
            expected: update("resources.cpus none -> 500m")),
        DriftCase(
            name: "a CPU limit is taken away", resources: Resources(), live: LiveSettings(nanoCPUs: 2_000_000_000),
            expected: replace("resources.cpus 2 -> none")),
        DriftCase(
            name: "less memory, and swap with it", resources: limits,
            live: with {
                $0.memory = 128 << 20
                $0.memorySwap = 256 << 20
            },
            expected: update("resources.memory 128Mi -> 64Mi, resources.memorySwap 256Mi -> 128Mi")),
        DriftCase(
            name: "a memory limit is taken away", resources: Resources(),
            live: LiveSettings(memory: 64 << 20, memorySwap: 128 << 20),
            expected: replace("resources.memory 64Mi -> none")),
        DriftCase(
            name: "swap becomes unlimited",
            resources: Resources(memory: ByteQuantity(bytes: 64 << 20), memorySwap: .unlimited),
            live: LiveSettings(memory: 64 << 20, memorySwap: 128 << 20),
            expected: replace("resources.memorySwap 128Mi -> unlimited")),
        DriftCase(
            name: "swap becomes limited", resources: Resources(memory: ByteQuantity(bytes: 64 << 20)),
            live: LiveSettings(memory: 64 << 20, memorySwap: -1),
            expected: update("resources.memorySwap unlimited -> 128Mi")),
        DriftCase(
            name: "swap without a memory limit is Docker's own matter", resources: Resources(),
            live: LiveSettings(memorySwap: -1), expected: []),
        DriftCase(
            name: "a pids limit is taken away in place", resources: Resources(), live: LiveSettings(pids: 10),
            expected: update("resources.pids 10 -> none")),
        DriftCase(
            name: "a restart policy that somebody set", resources: Resources(),
            live: LiveSettings(restartPolicy: "always"), expected: update("restartPolicy always -> no")),
        DriftCase(
            name: "one of two differences needs a replacement", resources: Resources(pids: 5),
            live: LiveSettings(nanoCPUs: 1_000_000_000, pids: 6), expected: replace("resources.cpus 1 -> none")),
    ]
}

struct LiveDriftTests {
    @Test("Docker's updates are used where they hold, and a replacement where they do not", arguments: DriftCase.all)
    func drift(_ c: DriftCase) {
        let desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", resources: c.resources)))
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1") { $0.live = c.live }
        #expect(plan(desired, observed).lines == c.expected)
    }

    @Test("an update sends every setting, memory and swap together, and takes a pids limit away with -1")
    func target() throws {
        let resources = Resources(memory: ByteQuantity(bytes: 64 << 20))
        let desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", resources: resources)))
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1") { $0.live.pids = 3 }
        let step = try #require(plan(desired, observed).actions.first?.steps.first)
        guard case .update(_, let settings) = step else {
            Issue.record("not an update: \(step)")
            return
        }
        #expect(settings == LiveSettings(memory: 64 << 20, memorySwap: 128 << 20, pids: -1))
    }

    @Test("an update is safe, and a replacement is disruptive")
    func classes() {
        let desired = Declared.state(Declared.workload())
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1") { $0.live.pids = 3 }
        #expect(plan(desired, observed).actions.map(\.actionClass) == [.safe])
        observed.change("web-0-1") { $0.live.nanoCPUs = 1_000_000_000 }
        #expect(plan(desired, observed).actions.map(\.actionClass) == [.disruptive])
    }
}
