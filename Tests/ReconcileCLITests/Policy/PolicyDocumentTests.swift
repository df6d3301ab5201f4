import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// What `reconcile policy show` prints: limits, confinement, system calls and network, each with place and state.
@Suite("The effective policy of a container")
struct PolicyDocumentTests {
    private static let specs = """
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: local}
        spec: {hosts: {name: host-1}}
        ---
        apiVersion: reconcile.dev/v1
        kind: ResourceLimits
        metadata: {name: defaults}
        spec:
          selector: {}
          defaults:
            memory: 64Mi
            ulimits: {nofile: {soft: 10, hard: 20}}
          ceilings:
            pids: 100
        ---
        apiVersion: reconcile.dev/v1
        kind: SecurityProfile
        metadata: {name: tight}
        spec:
          seccomp:
            base: sandbox
            allow: [bpf, {name: ptrace, args: [{index: 0, op: EQ, value: 3}]}]
            deny: [mkdir]
          capabilities: {drop: [ALL]}
        ---
        apiVersion: reconcile.dev/v1
        kind: NetworkPolicy
        metadata: {name: closed}
        spec:
          selector: {}
          egress: {default: deny}
        ---
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: web}
        spec:
          hostPool: local
          replicas: 2
          template:
            image: "web:1"
            securityProfile: tight
            resources:
              cpus: 500m
        """

    private func state() throws -> DesiredState {
        let loaded = SpecLoader.load([SpecFile(path: "all.yaml", bytes: Array(Self.specs.utf8))])
        let specs = try #require(loaded.specs, "\(loaded.diagnostics)")
        var host = Declared.host
        host.seccompBaseline = SeccompBaseline(.sandbox)
        return DesiredState(specs: specs, revision: Revision(id: "1", reference: "main"), host: host)
    }

    private func document(
        _ containers: [String] = ["web-0-1", "web-1-1"], _ change: (inout ObservedState) -> Void = { _ in }
    ) throws -> PolicyDocument {
        let desired = try state()
        var observed = ObservedState(converged: desired)
        for name in containers {
            observed.change(name) { container in
                container.kernel = KernelFacts(hardLimits: ["nofile": 20])
                container.kernel?.memoryFileSystems = ["/dev/shm": 64 << 20]
                container.confinement = ObservedConfinement([
                    ControlFinding(.seccomp, .enforced, "profile 1"),
                    ControlFinding(.capabilities, .enforced, "CapBnd: 0"),
                    ControlFinding(.noNewPrivileges, .enforced, "NoNewPrivs: 1"),
                ])
            }
        }
        change(&observed)
        let object = try #require(desired.objects[ResourceID(.workload, "web")])
        let policy = EffectivePolicy(of: object.id, labels: object.labels, desired.networkPolicies)
        let shown = observed.containers(of: object.id).filter { containers.contains($0.name) }
        return PolicyDocument(object, policy, in: desired, observed, shown)
    }

    private func lines(_ document: PolicyDocument, _ section: String) -> [String] {
        (document.sections.first { $0.name == section }?.lines ?? []).map { line in
            [line.what, line.enforcement?.rawValue ?? "-", line.position, line.source, line.detail]
                .compactMap { $0?.isEmpty == false ? $0 : nil }.joined(separator: " | ")
        }
    }

    @Test("limits have the object that gives them, and what the kernel has")
    func limits() throws {
        #expect(
            try lines(document(), "limits") == [
                "cpus 500m | Enforced | all.yaml:44:13",
                "memory 64Mi | Enforced | all.yaml:12:13 | ResourceLimits/defaults",
                "memorySwap 128Mi with memory | Enforced | the engine's default",
                "pids 100 | Enforced | all.yaml:15:11 | ResourceLimits/defaults",
                "ulimits.nofile 10:20 | Enforced | all.yaml:13:23 | ResourceLimits/defaults",
                "shm 64Mi | Enforced | the engine's default",
            ])
    }

    @Test("a limit that the kernel does not have is Drifted, and of several containers the worst is shown")
    func drift() throws {
        let document = try document {
            $0.change("web-1-1") { $0.live.memory = 128 << 20 }
            $0.change("web-0-1") { $0.kernel = nil }
        }
        let limits = lines(document, "limits")
        #expect(limits[0] == "cpus 500m | NotSupported | all.yaml:44:13 | the kernel's word cannot be seen from here")
        #expect(
            limits[1].hasPrefix("memory 64Mi | Drifted") && limits[1].hasSuffix("web-1-1: it has 128Mi"), "\(limits[1])"
        )
    }

    @Test("without a container there is what git says, and nothing is called enforced but the network")
    func withoutContainer() throws {
        let document = try document([])
        #expect(lines(document, "limits")[0] == "cpus 500m | - | all.yaml:44:13")
        #expect(lines(document, "confinement")[1] == "capabilities drop ALL | - | all.yaml:25:17")
        #expect(lines(document, "egress")[0] == "default deny | Enforced | all.yaml:32:21")
    }

    @Test("controls and calls have their lines, and what the baseline withholds is said")
    func calls() throws {
        let document = try document()
        let confinement = lines(document, "confinement")
        #expect(confinement[0].hasPrefix("seccomp sandbox v1 within sandbox v1 (enforce), profile "))
        #expect(confinement[0].contains("| Enforced | all.yaml:2"))
        #expect(confinement[1] == "capabilities drop ALL | Enforced | all.yaml:25:17 | CapBnd: 0")
        let calls = lines(document, "syscalls")
        #expect(
            calls[0] == "allow bpf | - | all.yaml:23:13 | without effect: the host's baseline withholds it", "\(calls)")
        #expect(calls.contains { $0.hasPrefix("deny mkdir | Enforced | all.yaml:24:12") }, "\(calls)")
        #expect(calls.last?.contains("calls are let through") == true, "\(calls)")
        let all = try #require(document.systemCalls)
        #expect(all.defaultAction == "SCMP_ACT_ERRNO")
        #expect(!all.rules.contains { $0.action == "SCMP_ACT_ALLOW" && $0.calls.contains("mkdir") })
        let text = PolicyRenderer.text(document, listsCalls: true)
        #expect(text.contains("EVERY SYSTEM CALL") && text.contains(" read ") && text.contains("LIMITS"), "\(text)")
    }
}
