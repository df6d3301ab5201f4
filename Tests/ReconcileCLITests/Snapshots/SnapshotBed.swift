import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// A host under a revision, and a newer revision, by the files of both.
struct SnapshotBed {
    static let now = Instant(secondsSince1970: 1_790_000_000)
    static let key = SnapshotSigner()

    var host: HostSettings
    var before: [SpecFile]
    var after: [SpecFile]
    var observed = ObservedState()
    var memory = StoredState()

    static let first = Revision(id: String(repeating: "1", count: 40), reference: "main")
    static let second = Revision(id: String(repeating: "2", count: 40), reference: "main")

    /// The host is as the first revision says.
    init(_ before: [SpecFile], _ after: [SpecFile], on host: HostSettings) throws {
        self.host = host
        self.before = before
        self.after = after
        memory.accepted = AcceptedRevision(revision: Self.first, files: before)
        let base = try Self.state(before, Self.first, host)
        observed = ObservedState(converged: base)
        // In an order that is the same in every run.
        for (index, id) in base.objects.keys.sorted(by: { $0.name < $1.name }).enumerated() {
            observed.networks[DesiredObject.networkName(of: id)]?.subnets = ["10.224.\(index * 4).0/22"]
        }
        // Some of what the newer one asks for is there.
        for image in try Self.state(after, Self.second, host).images.sorted().prefix(1) {
            observed.images[image] = ObservedImage(id: "sha256:" + image)
        }
    }

    static func state(_ files: [SpecFile], _ revision: Revision, _ host: HostSettings) throws -> DesiredState {
        let loaded = SpecLoader.load(files, environment: host.environment)
        return DesiredState(specs: try #require(loaded.specs, "\(loaded.diagnostics)"), revision: revision, host: host)
    }

    /// By the host itself.
    func live() throws -> PreviewInput {
        PreviewInput(
            try Self.state(after, Self.second, host), since: try Self.state(before, Self.first, host), on: observed,
            remembering: memory, at: Self.now)
    }

    func snapshot(salt: [UInt8] = [1, 2, 3], at time: Instant = now) -> PublishedSnapshot {
        PublishedSnapshot(of: observed, remembering: memory, on: host, at: time, by: "test", salt: salt)
    }

    /// By its snapshot, as somebody else reads it who has the repository.
    func distant() throws -> PreviewInput {
        let bytes = try SealedSnapshot(snapshot(), signedBy: Self.key).bytes
        let snapshot = try SealedSnapshot(bytes).snapshot(trusting: [Self.key.publicKey(for: nil)])
        let host = try snapshot.settings()
        #expect(host == self.host)
        let desired = try Self.state(after, Self.second, host)
        var known: [String: PublishedSnapshot.KnownRevision] = [:]
        for revision in [memory.accepted].compactMap(\.self) + memory.earlierRevisions {
            known[revision.revision.id] = PublishedSnapshot.KnownRevision(
                revision, try Self.state(revision.files, revision.revision, host))
        }
        let (observed, memory) = try snapshot.state(for: desired, known: known)
        return PreviewInput(
            desired, since: known[Self.first.id]?.state, on: observed, remembering: memory, at: Self.now)
    }

    static func text(_ input: PreviewInput) throws -> String {
        let host = input.desired.host.identity.name
        return try Terminal.json(PlanDocument(Preview(input), revision: input.desired.revision, host: host))
    }
}

extension SnapshotBed {
    /// A host with something of everything.
    static func rich() throws -> SnapshotBed {
        let before = [file("all.yaml", rich(image: "web:1", secret: "canary-now", cpus: "500m"))]
        let after = [file("all.yaml", rich(image: "web:2", secret: "canary-next", cpus: "1"))]
        var host = Declared.host
        host.identity.labels = ["zone": "a"]
        host.claimRoot = "/dev/shm/claims"
        host.preflight.minFreeDisk = .share(Percentage(7))
        var bed = try SnapshotBed(before, after, on: host)
        let old = AcceptedRevision(
            revision: Revision(id: String(repeating: "0", count: 40), reference: "main"),
            files: [file("all.yaml", rich(image: "web:0", secret: "canary-before", cpus: "500m", pinned: "pinned:1"))])
        bed.memory.earlierRevisions = [old]
        let (base, earlier) = (try state(before, first, host), try state(old.files, old.revision, host))
        let (web, agents) = (ResourceID(.workload, "web"), ResourceID(.warmPool, "agents"))
        // One member is still of the revision before, one of none that anybody knows.
        bed.observed.change("web-1-1") { container in
            container.member.recreateHash = earlier.objects[web]?.recreateLabel ?? ""
            container.image = "web:0"
        }
        let stranger = RecreateHash(
            label: base.objects[web]?.recreateLabel.replacing(/env=[0-9a-f]+/, with: "env=123456789abc") ?? "")
        bed.observed.change("web-2-1") { container in
            container.member.recreateHash = stranger.description
        }
        bed.observed.change("api-0-1") { container in
            (container.status, container.exitCode, container.endedAt) = (.exited, 137, "2024-01-02T00:00:00Z")
            container.address = "10.224.0.2"
            container.stopTimeout = .seconds(7)
            container.kernel = KernelFacts(
                memoryInUse: 1 << 20, oomScoreAdjustment: 3, hardLimits: ["nofile": 1024],
                throttles: [DeviceThrottle(path: "/dev/sda", readBytes: 7)])
            container.confinement = ObservedConfinement([ControlFinding(.seccomp, .enforced, "a filter")])
        }
        bed.observed.foreignNames = ["web-3-1": "id-foreign", "private-database": "id-private"]
        bed.observed.networks["theirs"] = ObservedNetwork(id: "n", name: "theirs", subnets: ["172.30.0.0/16"])
        bed.observed.volumes["data"] = ObservedVolume(
            name: "data", mark: OwnershipMark(owner: "default", object: web))
        bed.observed.preflight = PreflightFacts(
            dataFree: 1 << 40, dataSize: 1 << 41, inodesFree: 900, inodes: 1_000, firewallChains: .present)
        bed.observed.firewall.traffic = TrafficMap([
            .init(
                PublishedPort(hostPort: 8080, container: ContainerPort(80)),
                to: [.init(.v4(0x0AE0_0002), weight: 3)])
        ])
        bed.decide(web, agents, base)
        return bed
    }

    /// What people and the controller have written down.
    private mutating func decide(_ web: ResourceID, _ agents: ResourceID, _ base: DesiredState) {
        let claimed = MemberInstance(MemberID(agents, 0), 1)
        var claim = Claim(
            id: ClaimID(number: 7),
            request: ClaimRequest(
                pool: agents, holder: "canary-holder", labels: ["tenant_id": "canary-label"],
                environment: ["TOKEN": "canary-claim"], limits: ClaimLimits(memory: 64 << 20),
                idempotencyKey: "canary-key"),
            phase: .bound,
            container: Claim.Container(instance: claimed, id: "id-agents-0-1", name: "agents-0-1", ports: ["80/tcp"]),
            source: .warm, ttl: .seconds(60), created: Self.now, expires: Self.now, notAfter: nil)
        claim.message = "canary-message"
        memory.claims = [claim]
        memory.phases = [claimed: .claimed, MemberInstance(MemberID(agents, 9), 4): .retiring]
        memory.incarnations = [
            claimed.member: 1, MemberID(web, 0): 5, MemberID(ResourceID(.workload, "gone"), 0): 2,
        ]
        memory.probedStarts = ["id-web-0-1": "2024-01-01T00:00:00Z"]
        memory.pauses = [Pause(object: ResourceID(.workload, "api"), reason: "moving", by: "ada", since: Self.now)]
        let pinned = ResourceID(.workload, "pinned")
        memory.pins = [
            Pin(
                object: pinned, revision: memory.earlierRevisions[0].revision, cause: .requested, reason: "wait",
                rejected: base.objects[pinned]?.meaning ?? "",
                since: Self.now)
        ]
        var rollout = RolloutState(
            generation: base.objects[web]?.generation ?? "", revision: Self.first, at: Self.now)
        rollout.restart(RestartMark(incarnations: [1, 1, 1], by: "ada", at: Self.now))
        memory.rollouts = [web: rollout]
        memory.scaling = [web: ScalingState(size: 3)]
        memory.drains = []
        memory.approvals = [Approval(revision: Self.second.id, removals: ["web-2-1"], by: "ada", at: Self.now)]
        memory.overrides = [
            WindowOverride(reason: "urgent", by: "ada", since: Self.now, until: Self.now.advanced(bySeconds: 60))
        ]
    }

    static func file(_ path: String, _ text: String) -> SpecFile { SpecFile(path: path, bytes: Array(text.utf8)) }

    private static func rich(
        image: String, secret: String, cpus: String, pinned: String = "pinned:2"
    ) -> String {
        func template(_ image: String, _ value: String, _ cpus: String) -> String {
            """
            {image: "\(image)", env: {TOKEN: "\(value)-env"}, command: [run, "\(value)-command"], \
            args: ["\(value)-args"], labels: {note: "\(value)-label"}, \
            healthCheck: {command: [check, "\(value)-check"]}, resources: {cpus: "\(cpus)", memory: 128Mi}}
            """
        }
        func object(_ kind: String, _ name: String, _ spec: String) -> String {
            """
            ---
            apiVersion: reconcile.dev/v1
            kind: \(kind)
            metadata: {name: \(name), labels: {app: \(name)}, annotations: {note: "\(secret)-annotation"}}
            spec: {\(spec)}

            """
        }
        return object("HostPool", "local", "hosts: {name: host-a}")
            + object("Workload", "api", "hostPool: local, template: \(template("api:1", secret, cpus))")
            + object("Workload", "pinned", "hostPool: local, template: \(template(pinned, "canary-pinned", "1"))")
            + object("Workload", "web", "hostPool: local, replicas: 3, template: \(template(image, secret, cpus))")
            + object("WarmPool", "agents", "hostPool: local, size: 2, template: \(template("agent:1", secret, cpus))")
            + object(
                "NetworkPolicy", "closed",
                "selector: {matchLabels: {app: api}}, egress: {default: deny}")
    }
}
