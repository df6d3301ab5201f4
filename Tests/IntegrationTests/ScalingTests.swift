import Glibc
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Autoscalers on a real engine, with the whole program: load makes more members, and its end makes fewer.
@Suite("autoscalers follow load on a real engine", .serialized, .timeLimit(.minutes(5)))
struct ScalingTests {
    private func autoscaler(_ bed: Bed, _ kind: String, _ short: String, _ lines: String) -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: Autoscaler
        metadata: {name: \(bed.name)-\(short)}
        spec:
          target: {kind: \(kind), name: \(bed.name)-\(short)}
        \(lines)

        """
    }

    private static let byCPU = """
          min: 1
          max: 3
          interval: 2s
          metrics:
            - {type: Resource, name: cpu, target: {averageUtilization: 50}}
          behavior:
            scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 1}]}
            scaleDown: {stabilizationWindowSeconds: 0}
        """

    /// Each member is busy for its first twenty seconds, and sleeps from then on.
    private static let busy =
        #"[sh, -c, "end=$(( $(cut -d. -f1 /proc/uptime) + 20 )); while [ $(cut -d. -f1 /proc/uptime) -lt $end ]; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; done; sleep 1000000"]"#

    @Test(
        "a busy loop in its members scales it out, and in again when it is over",
        arguments: [ResourceKind.workload, .warmPool])
    func load(kind: ResourceKind) async throws {
        try await Bed.with { bed in
            let resources = "resources: {cpus: 200m, memory: 64Mi, memorySwap: 64Mi}"
            let target =
                kind == .workload
                ? bed.workload("busy", command: Self.busy, template: resources)
                : bed.warmPool("busy", command: Self.busy, template: resources)
                    .replacing("  size: 1\n", with: "")
            let (repository, commit) = try await bed.repository([
                "busy": target, "scale": autoscaler(bed, kind.rawValue, "busy", Self.byCPU),
            ])
            let id = ResourceID(kind, "\(bed.name)-busy")
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                try await daemon.awaitStatus("scaled out", within: .seconds(60)) { status in
                    status.objects.contains { $0.id == id && $0.ready >= 2 }
                }
                let shown = try await daemon.tell("autoscaler", "\(bed.name)-busy")
                #expect(shown.exitCode == 0 && shown.output.contains("Resource/cpu"), "\(shown)")
                let described = try await daemon.tell("describe", "\(id)")
                #expect(described.output.contains("AbleToScale"), "\(described)")
                let events = try await daemon.tell("events", "--reason", "SuccessfulRescale")
                #expect(events.output.contains("from 1 to 2: Resource/cpu is at"), "\(events)")
                let planned = try await bed.program.run(
                    bed.arguments(["--dry-run", "--repo", repository.url, "--allow-insecure"]))
                #expect(planned.output.contains("(autoscaled, bounds 1-3)"), "\(planned)")
                try await daemon.awaitStatus("scaled in again", within: .seconds(120)) { status in
                    status.objects.contains { $0.id == id && $0.desired == 1 && $0.present == 1 }
                }
            }
        }
    }

    @Test("at the turn of a minute a schedule moves the bounds and a window opens, as status and events say")
    func clock() async throws {
        try await Bed.with { bed in
            let opening = Opening.next(atLeast: 45)
            let scale = autoscaler(
                bed, "Workload", "web",
                """
                  min: 1
                  max: 3
                  metrics:
                    - {type: HostResource, name: memory, strategy: threshold, above: 100%}
                  schedules:
                    - {name: nights, start: "\(opening.cron)", end: "\(opening.end)", min: 2, max: 3}
                """)
            let window = """
                apiVersion: reconcile.dev/v1
                kind: MaintenanceWindow
                metadata: {name: \(bed.name)-nights}
                spec: {kind: allow, schedule: "\(opening.cron)", duration: 10m, notice: 1h, selector: {}}

                """
            let files = ["web": bed.workload("web"), "scale": scale, "window": window]
            let (repository, commit) = try await bed.repository(files)
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                var changed = files
                changed["web"] = bed.workload("web", template: "env: {GENERATION: \"2\"}")
                let second = try await bed.commit(changed, to: repository, after: commit)
                try await daemon.awaitStatus("held") { status in
                    status.revision?.id == second
                        && status.objects.contains { $0.conditions.contains { $0.message.contains("held until") } }
                }
                try await daemon.awaitStatus("replaced and two of them", within: .seconds(150)) { status in
                    status.isConverged && status.objects.contains { $0.desired == 2 && $0.ready == 2 }
                }
                let events = try await daemon.tell("events")
                #expect(events.output.contains("WindowOpensSoon"), "\(events)")
                #expect(events.output.contains("from 1 to 2: 1 is outside of the bounds 2-3 by nights"), "\(events)")
            }
        }
    }

    @Test("claims that find a pool empty make it larger, and a restart of the daemon keeps the number")
    func pool() async throws {
        try await Bed.with { bed in
            let pool = bed.warmPool("warm").replacing("  size: 1\n", with: "")
            let (repository, commit) = try await bed.repository([
                "warm": pool,
                "scale": autoscaler(
                    bed, "WarmPool", "warm",
                    """
                      min: 1
                      max: 6
                      metrics:
                        - {type: PoolExhausted, times: 2, step: 3}
                    """),
            ])
            var size = 0
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                try await daemon.awaitStatus("filled") { $0.pools?.first?.ready == 1 }
                for holder in ["ada", "bob", "eve"] {
                    let claimed = try await daemon.tell("claim", "WarmPool/\(bed.name)-warm", "--holder", holder)
                    #expect(claimed.exitCode == 0, "\(claimed)")
                }
                let status = try await daemon.awaitStatus("larger, with somebody in store") { status in
                    status.pools?.first.map { $0.claimed == 3 && $0.ready == 1 } ?? false
                }
                size = status.objects.first?.desired ?? 0
                #expect(size == 4)
                let shown = try await daemon.tell("autoscaler", "\(bed.name)-warm")
                #expect(shown.output.contains("misses in a row"), "\(shown)")
            }
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                try await daemon.awaitStatus("as large as before") { $0.objects.first?.desired == size }
            }
        }
    }
}

/// A minute to come, in UTC.
private struct Opening {
    var cron: String
    /// An hour later.
    var end: String

    static func next(atLeast seconds: Int) -> Opening {
        let minute = (time(nil) + seconds) / 60 + 1
        let (hour, rest) = (minute / 60 % 24, minute % 60)
        return Opening(cron: "\(rest) \(hour) * * *", end: "\(rest) \((hour + 1) % 24) * * *")
    }
}
