import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// A plan against a snapshot is the plan that the host itself would have made at that moment.
@Suite("plans against snapshots")
struct SnapshotPlanTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let examples = tests.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "examples/specs")

    struct Example: Sendable, CustomTestStringConvertible {
        var folder: String
        var environment: String?
        var host: HostIdentity

        init(_ folder: String, _ environment: String? = nil, name: String = "host-1", role: String? = nil) {
            self.folder = folder
            self.environment = environment
            host = HostIdentity(name: name, labels: role.map { ["role": $0] } ?? [:])
        }

        var testDescription: String { folder + (environment.map { "-" + $0 } ?? "") }

        static let all = [
            Example("agent-workspaces", role: "workspaces"), Example("agents", name: "agents-1"),
            Example("ai-services", role: "inference"), Example("microservices", role: "shop"),
            Example("microservices", "staging", role: "shop-staging"),
            Example("microservices", "production", role: "shop"), Example("price-alerts", role: "alerts"),
            Example("publish", role: "edge"), Example("quickstart", role: "demo"), Example("rag", role: "knowledge"),
        ]
    }

    @Test("of every example, changed in every image and variable, and back again", arguments: Example.all)
    func examples(_ example: Example) throws {
        let root = Self.examples.appending(path: example.folder)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path).filter { $0.hasSuffix(".yaml") }
        let files = try paths.sorted().map {
            SpecFile(path: $0, bytes: [UInt8](try Data(contentsOf: root.appending(path: $0))))
        }
        let changed = files.map { file in
            let text = String(decoding: file.bytes, as: UTF8.self)
                .replacing(/(image: "?[^\s"}]+:)/) { "\($0.output.1)next-" }
                .replacing(/env:(\s+)([A-Z_]+):/) { "env:\($0.output.1)NEW: \"x\"\($0.output.1)\($0.output.2):" }
            return SpecFile(path: file.path, bytes: Array(text.utf8))
        }
        #expect(changed != files)
        var host = HostSettings(identity: example.host, environment: example.environment)
        host.pruneBudget = PruneBudget(.count(3))
        for (before, after) in [(files, changed), (changed, files), (files, files)] {
            var bed = try SnapshotBed(before, after, on: host)
            if let first = bed.observed.containers.values.map(\.name).sorted().first {
                bed.observed.change(first) { $0.status = .exited }
            }
            let (live, distant) = (try bed.live(), try bed.distant())
            #expect(try SnapshotBed.text(distant) == SnapshotBed.text(live))
            let plan = Preview(live).plan
            #expect(plan.hasChanges || !plan.held.isEmpty)
        }
    }

    @Test("of a host with members of other revisions, claims, pauses, pins, restarts and whatever else is written down")
    func rich() throws {
        let bed = try SnapshotBed.rich()
        var live = try bed.live()
        // Who has a member is nobody's business elsewhere.
        for index in live.memory.claims.indices { live.memory.claims[index].holder = "" }
        let text = try SnapshotBed.text(live)
        #expect(try SnapshotBed.text(try bed.distant()) == text)
        for word in ["Workload/web/1", "Workload/pinned", "paused", "env", "WarmPool/agents"] {
            #expect(text.contains(word), "the bed has nothing of \(word) to plan")
        }
    }

    @Test("nothing that the planner reads of a host is lost on the way")
    func facts() throws {
        let bed = try SnapshotBed.rich()
        let (live, distant) = (try bed.live(), try bed.distant())
        var engine = live.observed.engine
        // Which run of the engine it is, and where its files are, is of no use elsewhere.
        (engine.start, engine.dataRoot) = ("", nil)
        #expect(distant.observed.engine == engine)
        #expect(distant.observed.preflight == live.observed.preflight)
        #expect(Set(distant.observed.networks.values) == Set(live.observed.networks.values))
        #expect(distant.observed.volumes == live.observed.volumes)
        #expect(distant.observed.images == live.observed.images)
        #expect(distant.observed.firewall == live.observed.firewall)
        #expect(distant.observed.foreignNames == ["web-3-1": "id-foreign"])
        for (id, container) in live.observed.containers where id != "id-web-2-1" {
            #expect(distant.observed.containers[id] == container, "\(id)")
        }
        #expect(distant.memory.phases == live.memory.phases)
        #expect(distant.memory.pauses == live.memory.pauses && distant.memory.pins == live.memory.pins)
        #expect(distant.memory.scaling == live.memory.scaling && distant.memory.approvals == live.memory.approvals)
        #expect(distant.memory.overrides == live.memory.overrides && distant.memory.drains == live.memory.drains)
        #expect(distant.memory.rollouts.mapValues(\.restart) == live.memory.rollouts.mapValues(\.restart))
        #expect(distant.memory.rollouts.mapValues(\.generation) == live.memory.rollouts.mapValues(\.generation))
        #expect(distant.memory.accepted == live.memory.accepted)
        #expect(distant.memory.earlierRevisions == live.memory.earlierRevisions)
        #expect(distant.memory.incarnations == live.memory.incarnations)
        #expect(distant.observed.containers["id-web-0-1"]?.probed == true)
    }

    @Test("of a revision that cannot be looked up, images are compared, and values count as unchanged")
    func withoutRevisions() throws {
        var bed = try SnapshotBed.rich()
        bed.memory.rollouts = [:]
        let snapshot = bed.snapshot()
        let desired = try SnapshotBed.state(bed.after, SnapshotBed.second, try snapshot.settings())
        let (observed, memory) = try snapshot.state(for: desired, known: [:])
        let plan = Preview(PreviewInput(desired, on: observed, remembering: memory, at: SnapshotBed.now)).plan
        let replaced = plan.actions.filter { $0.verb == Action.Verb.replace && $0.key.object?.name == "web" }
        let reasons = replaced.map { "\($0.key): \($0.reason)" }
        #expect(reasons.count == 3 && reasons.allSatisfy { $0.contains("image") }, "\(reasons)")
        // What none of the host's revisions says is another value for sure.
        #expect(reasons.map { $0.contains("env") } == [false, false, true], "\(reasons)")
    }
}
