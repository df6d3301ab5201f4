import Reconciler
import Specs

/// Kubernetes' replica calculator, case by case.
enum ReplicaCases {
    static let functions: Set<String> = [
        "resource_utilization", "pods_average_value", "object_value", "external_value", "object_average",
        "external_average", "group_pods",
    ]

    /// Some time after 1970, so that there is a past.
    static let now = Instant(secondsSince1970: 1_800_000_000)
    /// What is no time at all in Go: before every other.
    static let never = Instant(secondsSince1970: -62_135_596_800)

    static func run(_ vector: VectorCase) throws(VectorError) {
        let fields = StepFields.of(vector)
        let expected = try fields.part("expect")
        _ = fields["note"]
        if vector.function == "group_pods" {
            try runGroups(fields, expected)
        } else {
            try runReplicas(vector.function, fields, expected)
        }
        try fields.requireAllRead()
        try expected.requireAllRead()
    }

    private static func runReplicas(
        _ function: String, _ fields: StepFields, _ expected: StepFields
    ) throws(VectorError) {
        let tolerance = Tolerance(
            down: try fields.number("tolerance_down"), up: try fields.number("tolerance_up"))
        let calculator = ReplicaCalculator(current: try fields.int("current"), tolerance: tolerance)
        let problem = expected["error_contains"]?.string
        let outcome: ReplicaCalculator.Outcome
        switch try Self.outcome(function, calculator, fields) {
        case .success(let found): outcome = found
        case .failure(let error):
            guard let problem else { throw VectorError(error.message) }
            // Kubernetes' names of its own interfaces are no part of ours.
            guard error.isLike(problem) else { throw VectorError("expected '\(problem)', got '\(error.message)'") }
            return
        }
        if let problem { throw VectorError("expected '\(problem)', got \(outcome.replicas)") }
        try expect(.number(Double(outcome.replicas)), expected["replicas"])
        if let percent = expected["utilization_percent"] {
            try expect(outcome.utilization.map { .number(Double($0)) } ?? .null, percent)
        }
        for name in ["raw_milli", "usage_milli"] {
            guard let milli = expected[name] else { continue }
            guard outcome.milli == milli.int64 else { throw VectorError("expected \(milli), got \(outcome.milli)") }
        }
    }

    private static func outcome(
        _ function: String, _ calculator: ReplicaCalculator, _ fields: StepFields
    ) throws(VectorError) -> Result<ReplicaCalculator.Outcome, MetricProblem> {
        switch function {
        case "resource_utilization", "pods_average_value":
            return try perMember(function == "resource_utilization", calculator, fields)
        case "object_value", "external_value":
            let members = try fields.parts("pods").map { (pod) throws(VectorError) in try member(pod, container: nil) }
            let ready = members.count { $0.phase == .running && $0.isReady == true }
            let (value, target) = (try whole(fields), try fields.int64("target_milli"))
            if calculator.current > 0, members.isEmpty {
                return .failure(MetricProblem(.failed, "no pods returned by selector"))
            }
            return .success(calculator.value(value, target: target, ready: ready))
        default:
            let (value, target) = (try whole(fields), try fields.int64("target_milli"))
            return .success(calculator.average(value, target: target, members: calculator.current))
        }
    }

    private static func whole(_ fields: StepFields) throws(VectorError) -> Int64 {
        if let value = fields["object_value_milli"]?.int64 { return value }
        return fields.list("external_values_milli").compactMap(\.int64).reduce(0) {
            ReplicaCalculator.saturatingSum($0, $1)
        }
    }

    private static func perMember(
        _ isUtilization: Bool, _ calculator: ReplicaCalculator, _ fields: StepFields
    ) throws(VectorError) -> Result<ReplicaCalculator.Outcome, MetricProblem> {
        let container = fields.optionalString("container")
        let resource = fields.optionalString("resource") ?? "cpu"
        let isCPU = isUtilization && resource == "cpu"
        let members = try fields.parts("pods").map { (pod) throws(VectorError) in try member(pod, container: container)
        }
        var samples: [String: MemberSample] = [:]
        for metric in try fields.parts("metrics") {
            let milli =
                metric["value_milli"]?.int64
                ?? chosen(metric.list("containers_milli").compactMap(\.int64), container)
            samples[try metric.string("pod")] = MemberSample(
                milli: milli, at: moment(metric["ts_offset_s"]) ?? never, window: 60)
            _ = metric["window_s"]
            try metric.requireAllRead()
        }
        let target = isUtilization ? try fields.int64("target_percent") : try fields.int64("target_milli")
        let groups = MemberGroups(
            members, samples, isCPU: isCPU, at: now, .init(initialization: 120, readinessDelay: 10))
        return Result { () throws(MetricProblem) in
            if samples.isEmpty {
                let source = isUtilization ? "resource" : "custom"
                throw MetricProblem(.failed, "no metrics returned from \(source) metrics API")
            }
            if members.isEmpty { throw MetricProblem(.failed, "no pods returned by selector") }
            guard isUtilization else {
                return try calculator.memberAverage(samples, target: target, groups: groups)
            }
            var limits: [String: Int64] = [:]
            for member in members {
                guard let limit = member.limits[.cpu] else {
                    throw MetricProblem(.failed, "missing request for \(resource) in \(member.id)")
                }
                limits[member.id] = limit
            }
            return try calculator.utilization(samples, limits: limits, target: target, groups: groups)
        }
    }

    /// The sum over the containers of a pod, or one of them; with us a member is one container.
    private static func chosen(_ values: [Int64], _ container: String?) -> Int64 {
        if let container, let number = Int(container.filter(\.isNumber)), (1...values.count).contains(number) {
            return values[number - 1]
        }
        return values.reduce(0) { ReplicaCalculator.saturatingSum($0, $1) }
    }

    static func member(_ pod: StepFields, container: String?) throws(VectorError) -> ScaledMember {
        var member = ScaledMember(try pod.string("name"))
        member.phase =
            switch pod.optionalString("phase") ?? "Running" {
            case "Pending": .pending
            case "Failed": .failed
            default: .running
            }
        member.isLeaving = pod.optionalBool("deleted") ?? false
        if pod["ready_condition"] != nil || pod["start_offset_s"] != nil {
            member.isReady = pod.optionalBool("ready_condition")
            member.started = moment(pod["start_offset_s"])
            member.readyChanged = moment(pod["ready_transition_offset_s"])
        } else {
            member.isReady = try pod.bool("ready")
            member.readyChanged = never
            member.started =
                switch try pod.string("start") {
                case "hot": now
                case "cool": now.advanced(bySeconds: -180)
                default: Instant(secondsSince1970: 0)
                }
        }
        let requests = pod.list("container_requests_milli").compactMap(\.int64)
        if !requests.isEmpty { member.limits = [.cpu: chosen(requests, container)] }
        if let request = pod["request_milli"]?.int64 { member.limits = [.cpu: request, .memory: request] }
        return member
    }

    private static func moment(_ offset: JSONValue?) -> Instant? { offset?.int64.map { now.advanced(bySeconds: $0) } }

    private static func runGroups(_ fields: StepFields, _ expected: StepFields) throws(VectorError) {
        var members: [ScaledMember] = []
        var samples: [String: MemberSample] = [:]
        for pod in try fields.parts("pods") {
            let member = try member(pod, container: nil)
            members.append(member)
            if let metric = pod["metric"]?.object {
                samples[member.id] = MemberSample(
                    milli: 1, at: moment(metric["ts_offset_s"]) ?? now, window: metric["window_s"]?.int64 ?? 60)
            }
            try pod.requireAllRead()
        }
        let groups = MemberGroups(
            members, samples, isCPU: fields.optionalString("resource") == "cpu", at: now,
            .init(
                initialization: try fields.int64("cpu_initialization_period_s"),
                readinessDelay: try fields.int64("initial_readiness_delay_s")))
        try expect(.number(Double(groups.readyCount)), expected["ready_count"])
        for (name, ids) in [("unready", groups.unready), ("missing", groups.missing), ("ignored", groups.ignored)] {
            let wanted = expected.list(name).compactMap(\.string).sorted()
            if ids != wanted { throw VectorError("\(name): expected \(wanted), got \(ids)") }
        }
    }
}

extension MetricProblem {
    /// Whether it says what Kubernetes' message says, whose own names of interfaces stand before it.
    fileprivate func isLike(_ text: String) -> Bool {
        // Which container of which pod is another matter where a member is one container.
        let request = "missing request for"
        return message.contains(text) || text.contains(message) || message.contains(request) && text.contains(request)
    }
}

extension VectorCase {
    var function: String { fields["fn"]?.string ?? "" }
    var strategy: String { fields["strategy"]?.string ?? "" }
}
