package import Invariants
package import Specs

/// One object of a revision, as a person would write it: the few fields that the simulator turns.
package struct DraftObject: Hashable, Sendable {
    package var name: String
    package var isWarmPool = false
    package var pool = "ours"
    package var replicas = 1
    /// Asked for; a published port needs it, see `recreates`.
    package var isRecreated = false
    package var image = "app:1"
    package var followsTag = false
    package var env: [String: String] = [:]
    package var hasHealthCheck = false
    package var hostPort: UInt16?
    /// Its port is led to its members by rules; without this the engine publishes it.
    package var isLed = false
    /// Blue-green, with old members kept for so many seconds after the switch; nil for other strategies.
    package var hold: Int?
    /// A canary with steps of so many percent, of five seconds each; nil for other strategies.
    package var weights: [Int]?
    /// What a canary is judged by finds it bad.
    package var isRefuted = false
    package var volume: String?
    /// Thousandths.
    package var cpus: Int?
    /// Mebibytes.
    package var memory: Int?
    package var isSwapUnlimited = false
    package var pids: Int?
    package var stopTimeout = 10
    /// Names of Workloads.
    package var dependsOn: [String] = []
    /// How many members may be missing; nil declares no budget.
    package var maxUnavailable: Int?

    /// Of a rollout in which the new one comes first: members beyond the replicas, and members that may be missing; nil
    /// leaves them to the defaults.
    package var maxSurge: Int?
    package var maxMissing: Int?
    /// Seconds.
    package var minHealthyTime: Int?
    package var progressDeadline: Int?
    package var rollsBack = false
    /// Its health check never succeeds.
    package var isBad = false

    /// It tolerates that its host is emptied.
    package var staysOnDrain = false

    /// Of a pool whose members are claimed.
    package var maxMembers: Int?
    package var isIdlePaused = false
    package var coldStarts = true
    package var replacesLost = false
    /// Seconds.
    package var claimTTL = 30
    /// Names of programs: `ok`, or `false`, which fails.
    package var afterClaim: String?
    package var beforeRelease: String?
    package var onRestore: String?

    /// What gives it its number of members; nil where `replicas` do.
    package var scaling: ScalingFacts?

    /// Of a task: when it is due; nil for everything that is none.
    package var due: [Instant]?
    package var policy = TaskFacts.Policy.allow
    /// How often it is tried again.
    package var retries = 0
    package var successful = 3
    package var failed = 1
    /// Seconds.
    package var activeDeadline: Int?
    /// How many seconds each attempt takes.
    package var lasts = 5
    /// How the first attempts end, those after them as the last of these.
    package var exitCodes = [0]

    package init(_ name: String, replicas: Int = 1) {
        self.name = name
        self.replicas = replicas
    }

    /// What is measured at these is good and bad.
    static let (goodQuery, badQuery) = ("good", "bad")
    /// How the queries of metrics begin; the rest is the object.
    static let (loadQuery, pressureQuery) = ("load", "pressure")

    /// A network policy selects it. Its name says so, so that revisions agree.
    var isRestricted: Bool { ["b", "e", "h"].contains(name) }

    var isTask: Bool { due != nil }
    var kind: ResourceKind { isTask ? .scheduledTask : isWarmPool ? .warmPool : .workload }
    var id: ResourceID { ResourceID(kind, name) }

    /// The old member goes before the new one comes.
    var recreates: Bool { !isWarmPool && !isTask && !(isLed && hostPort != nil) && (isRecreated || hostPort != nil) }

    package func with(_ change: (inout DraftObject) -> Void) -> DraftObject {
        var copy = self
        change(&copy)
        return copy
    }
}

/// A revision as a person would write it.
package struct Draft: Hashable, Sendable {
    package var objects: [DraftObject]
    /// How many more containers than it needs the pool `bounded` may have; fewer are not valid.
    package var slack = 0
    /// How the host is emptied of the pool `drained`; nil while it is not.
    package var drain: DrainFacts?
    /// When no member of anything may be replaced; nil where there is no window.
    package var freeze: FreezeFacts?
    /// One of the files cannot be read: the object of this name.
    package var brokenObject: String?

    package init(_ objects: [DraftObject]) { self.objects = objects }

    /// How many containers the pool `bounded` may have on this host.
    var bound: Int { max(1, objects.filter { $0.pool == "bounded" }.reduce(slack) { $0 + $1.replicas }) }

    /// The files of the repository.
    var files: [SpecFile] {
        let pools = SpecFile(path: "pools.yaml", bytes: Array(poolText.utf8))
        return [pools]
            + objects.sorted { $0.name < $1.name }.map { object in
                let text = object.text + (object.name == brokenObject ? "\n  {" : "")
                return SpecFile(path: "\(object.name).yaml", bytes: Array(text.utf8))
            }
    }

    private var poolText: String {
        """
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: ours}
        spec: {hosts: {name: host-a}}
        ---
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: bounded}
        spec: {hosts: {name: host-a}, capacity: {containersPerHost: \(bound)}}
        ---
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: theirs}
        spec: {hosts: {name: host-b}}
        ---
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: drained}
        spec: {hosts: {name: host-a}\(drainText)}
        ---
        apiVersion: reconcile.dev/v1
        kind: NetworkPolicy
        metadata: {name: closed}
        spec: {selector: {matchLabels: {network: closed}}, egress: {default: deny}}
        \(windowText)
        """
    }

    private var windowText: String {
        guard let freeze else { return "" }
        let minutes = (freeze.to.secondsSince1970 - freeze.from.secondsSince1970) / 60
        return """
            ---
            apiVersion: reconcile.dev/v1
            kind: MaintenanceWindow
            metadata: {name: freeze}
            spec:
              kind: deny
              schedule: {dates: ["\(String("\(freeze.from)".prefix(16)))"]}
              duration: \(minutes)m
              selector: {}
              overrun: \(freeze.letsFinish ? "finish" : "stop")
            """
    }

    private var drainText: String {
        guard let drain else { return "" }
        let deadline = drain.deadline.map { "deadline: \($0.components.seconds)s, " } ?? ""
        return ", drain: {\(deadline)force: \(drain.force), reason: a new kernel}"
    }
}

extension DraftObject {
    fileprivate var text: String {
        var lines = ["apiVersion: reconcile.dev/v1", "kind: \(kind.rawValue)"]
        lines += [
            "metadata: {name: \(name)\(isRestricted ? ", labels: {network: closed}" : "")}", "spec:",
            "  hostPool: \(pool)",
        ]
        if !isTask, !isWarmPool || scaling == nil {
            lines.append("  \(isWarmPool ? "size" : "replicas"): \(replicas)")
        }
        lines += taskLines
        if isWarmPool { lines += poolLines }
        if staysOnDrain { lines.append("  tolerations: [{key: reconcile.dev/drain, operator: Exists}]") }
        if !strategy.isEmpty, !isTask { lines.append("  strategy: {\(strategy.joined(separator: ", "))}") }
        if let hostPort, !isTask { lines.append("  publish: [{hostPort: \(hostPort), containerPort: 80}]") }
        if !dependsOn.isEmpty {
            lines.append("  dependsOn: [\(dependsOn.map { "{kind: Workload, name: \($0)}" }.joined(separator: ", "))]")
        }
        if let maxUnavailable, !isWarmPool, !isTask {
            lines.append("  disruptionBudget: {maxUnavailable: \(maxUnavailable)}")
        }
        lines += ["  template:", "    image: \(image)", "    stopTimeout: \(stopTimeout)s"]
        if isTask {
            lines.append("    command: [run, \"\(lasts)\", \"\(exitCodes.map(String.init).joined(separator: " "))\"]")
        }
        if followsTag { lines.append("    pullPolicy: Always") }
        if !env.isEmpty {
            let pairs = env.sorted { $0.key < $1.key }.map { "\($0.key): \"\($0.value)\"" }
            lines.append("    env: {\(pairs.joined(separator: ", "))}")
        }
        if hasHealthCheck || isBad {
            lines.append("    healthCheck: {command: [\"\(isBad ? "false" : "ok")\"]}")
        }
        if let volume { lines.append("    mounts: [{type: volume, source: \(volume), target: /data}]") }
        if !resources.isEmpty { lines.append("    resources: {\(resources.joined(separator: ", "))}") }
        return (lines + autoscalerLines).joined(separator: "\n") + "\n"
    }

    private var strategy: [String] {
        if isWarmPool { return [] }
        var fields = recreates ? ["type: recreate"] : []
        if let hold { fields = ["type: blueGreen", "blueGreen: {hold: \(hold)s}"] }
        if let weights {
            let steps = weights.map { "{weight: \($0)%, pause: 5s}" }.joined(separator: ", ")
            let query = isRefuted ? Self.badQuery : Self.goodQuery
            let metric = "{name: errors, max: 0.5, prometheus: {query: \(query)}}"
            let analysis = "{interval: 2s, failureLimit: 2, metrics: [\(metric)]}"
            fields = ["type: canary", "canary: {steps: [\(steps)], analysis: \(analysis)}"]
        }
        if !recreates, let maxSurge { fields.append("maxSurge: \(maxSurge)") }
        if !recreates, let maxMissing { fields.append("maxUnavailable: \(maxMissing)") }
        if let minHealthyTime { fields.append("minHealthyTime: \(minHealthyTime)s") }
        if let progressDeadline { fields.append("progressDeadline: \(progressDeadline)s") }
        if rollsBack { fields.append("autoRollback: true") }
        return fields
    }

    private var autoscalerLines: [String] {
        guard let scaling else { return [] }
        let metrics = scaling.metrics.map { metric in
            let (query, strategy) =
                switch metric {
                case .load: (Self.loadQuery, "passThrough")
                case .pressure(let above, let below, let step):
                    (Self.pressureQuery, "threshold, above: \(above), below: \(below), step: \(step)")
                }
            return "{type: Prometheus, strategy: \(strategy), maxAge: \(scaling.maxAge)s, "
                + "prometheus: {query: \(query) \(id)}}"
        }
        func rules(_ window: Int64) -> String { "{stabilizationWindowSeconds: \(window)}" }
        return [
            "---", "apiVersion: reconcile.dev/v1", "kind: Autoscaler", "metadata: {name: \(name)}", "spec:",
            "  target: {kind: \(kind.rawValue), name: \(name)}", "  min: \(scaling.bounds.lowerBound)",
            "  max: \(scaling.bounds.upperBound)", "  schedules: [\(scaling.night.map(schedule) ?? "")]",
            "  interval: \(scaling.interval)s",
            "  behavior: {scaleUp: \(rules(scaling.upWindow)), scaleDown: \(rules(scaling.downWindow))}",
            "  metrics: [\(metrics.joined(separator: ", "))]",
        ]
    }

    private func schedule(_ night: ScalingFacts.Night) -> String {
        // A date of this year in cron: minute, hour, day, and month.
        let (start, end) = (Self.cron(night.from), Self.cron(night.to))
        let bounds = "min: \(night.bounds.lowerBound), max: \(night.bounds.upperBound)"
        return "{name: night, start: \"\(start)\", end: \"\(end)\", \(bounds)}"
    }

    private static func cron(_ moment: Instant) -> String {
        let parts = "\(moment)".split { !$0.isNumber }
        return "\(parts[4]) \(parts[3]) \(parts[2]) \(parts[1]) *"
    }

    private var taskLines: [String] {
        guard let due else { return [] }
        // Minutes are all that a date of a schedule has.
        let dates = due.map { "\"\(String("\($0)".prefix(16)))\"" }.joined(separator: ", ")
        var lines = [
            "  schedule: {dates: [\(dates)]}", "  concurrencyPolicy: \(policy.rawValue)",
            "  retries: {limit: \(retries), backoff: 1s, maxBackoff: 4s}",
            "  history: {successful: \(successful), failed: \(failed)}",
        ]
        if let activeDeadline { lines.append("  activeDeadline: \(activeDeadline)s") }
        return lines
    }

    private var poolLines: [String] {
        var lines: [String] = []
        if let maxMembers { lines.append("  maxMembers: \(maxMembers)") }
        if isIdlePaused { lines.append("  idle: {mode: pause}") }
        let hooks = [("afterClaim", afterClaim), ("beforeRelease", beforeRelease), ("onRestore", onRestore)]
            .compactMap { name, command in command.map { "\(name): {command: [\"\($0)\"], timeout: 5s}" } }
        lines.append(
            "  claim: {ttl: \(claimTTL)s, coldStart: \(coldStarts), onLost: \(replacesLost ? "replace" : "fail"), "
                + "hooks: {\(hooks.joined(separator: ", "))}}")
        return lines
    }

    private var resources: [String] {
        var fields: [String] = []
        if let cpus { fields.append("cpus: \(cpus)m") }
        if let memory { fields.append("memory: \(memory)Mi") }
        if memory != nil, isSwapUnlimited { fields.append("memorySwap: unlimited") }
        if let pids { fields.append("pids: \(pids)") }
        return fields
    }
}
