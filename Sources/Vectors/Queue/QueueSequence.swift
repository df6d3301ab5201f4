import Reconciler

/// Steps on one queue and one limiter, under a clock that moves when the case says so.
struct QueueSequence {
    private var queue = WorkQueue<String>()
    private var limiter: RateLimiter<String>
    private var now = Duration.zero
    private let priorities: Priorities
    /// The durations that were recorded last.
    private var lastWait: Double?
    private var lastWork: Double?

    static func run(_ vector: VectorCase) throws(VectorError) {
        guard !vector.steps.isEmpty else { throw VectorError("no steps") }
        var sequence = try QueueSequence(vector)
        for (number, step) in vector.steps.enumerated() {
            let op = step["op"]?.string ?? ""
            do throws(VectorError) {
                try sequence.run(op, StepFields(step))
            } catch {
                throw VectorError("step \(number), \(op): \(error)")
            }
        }
    }

    private init(_ vector: VectorCase) throws(VectorError) {
        limiter = RateLimiter(try .init(config: vector.config, queue: vector.queue), seed: 1)
        priorities = try Priorities(vector.steps.map { $0["priority"]?.int ?? 0 })
    }

    private mutating func run(_ op: String, _ step: StepFields) throws(VectorError) {
        switch op {
        case "add": try add(step)
        case "done":
            let before = queue.metrics(now: now).workDuration.sum
            guard queue.lane(ofTurn: step.key) != nil else { throw VectorError("'\(step.key)' is not handed out") }
            queue.done(step.key, now: now)
            lastWork = (queue.metrics(now: now).workDuration.sum - before) / .seconds(1)
        case "get": try expectGet(try step.expectation("key", "shutdown", "priority"))
        case "get_would_block":
            var copy = queue
            try expect(.bool(copy.get(now: now) == nil && !copy.isShuttingDown), step.expect)
        case "len":
            queue.queueDue(by: now)
            // What was added while it is being worked on counts in controller-runtime, but not in client-go.
            try expect(.number(Double(queue.count)), step.expect)
        case "add_after":
            queue.add(step.key, lane: priorities.lane(0), at: now + .milliseconds(try step.int("ms")), now: now)
        case "advance_ms": now += .milliseconds(try step.int("ms"))
        case "advance_us": now += .microseconds(try step.int("us"))
        case "drain_n":
            for _ in 0..<(try step.int("n")) {
                guard let turn = queue.get(now: now) else { throw VectorError("nothing was left to get") }
                queue.done(turn.key, now: now)
            }
        case "shutdown": try shutDown(.atOnce, step)
        case "shutdown_with_drain": try shutDown(.afterDraining, step)
        case "drain_returned": try expect(.bool(queue.isStopped), step.expect)
        case "tick_unfinished": break
        case "metrics": try expectMetrics(try step.expectation())
        default: try runLimiter(op, step)
        }
        try step.requireAllRead()
    }

    private mutating func runLimiter(_ op: String, _ step: StepFields) throws(VectorError) {
        switch op {
        case "when": try expectDelay(step.key, step.expect)
        case "when_burst":
            let expected = step.expect
            for number in 0..<(try step.int("keys")) { try expectDelay("k\(number)", expected) }
        case "limiter_when_repeat":
            for _ in 0..<(try step.int("times")) { _ = limiter.delay(for: step.key, now: now) }
        case "num_requeues": try expect(.number(Double(limiter.failures(of: step.key))), step.expect)
        case "forget": limiter.forget(step.key)
        case "add_rate_limited":
            let delay = limiter.delay(for: step.key, now: now)
            if let expected = try step.expectation("ready_in_ms")["ready_in_ms"] {
                try expect(.number(delay / .milliseconds(1)), expected)
            }
            queue.add(step.key, lane: priorities.lane(0), at: now + delay, now: now)
        default: throw VectorError("the runner does not know this step")
        }
    }

    // MARK: Queue

    private mutating func add(_ step: StepFields) throws(VectorError) {
        let lane = priorities.lane(step.optionalInt("priority") ?? 0)
        var delay = step.optionalInt("after_ms").map { Duration.milliseconds($0) }
        if step.optionalBool("rate_limited") == true {
            let limited = limiter.delay(for: step.key, now: now)
            delay = min(limited, delay ?? limited)
        }
        if let delay {
            queue.add(step.key, lane: lane, at: now + delay, now: now)
        } else {
            queue.add(step.key, lane: lane, now: now)
        }
    }

    private mutating func expectGet(_ expected: [String: JSONValue]) throws(VectorError) {
        let before = queue.metrics(now: now).queueDuration.sum
        let turn = queue.get(now: now)
        if turn != nil { lastWait = (queue.metrics(now: now).queueDuration.sum - before) / .seconds(1) }
        if turn == nil && !queue.isShuttingDown {
            throw VectorError("expected \(JSONValue.object(expected)), got nothing: it would block")
        }
        if let key = expected["key"] { try expect(turn.map { .string($0.key) } ?? .null, key) }
        if let shutdown = expected["shutdown"] { try expect(.bool(turn == nil), shutdown) }
        if let priority = expected["priority"] {
            try expect(.number(Double(turn.flatMap { priorities.priority($0.lane) } ?? 0)), priority)
        }
    }

    private mutating func shutDown(_ how: WorkQueue<String>.ShutDown, _ step: StepFields) throws(VectorError) {
        queue.shutDown(how)
        if let returned = try step.expectation("returned")["returned"] { try expect(.bool(queue.isStopped), returned) }
    }

    private mutating func expectMetrics(_ expected: [String: JSONValue]) throws(VectorError) {
        queue.queueDue(by: now)
        let metrics = queue.metrics(now: now)
        for (name, value) in expected.sorted(by: { $0.key < $1.key }) {
            do throws(VectorError) {
                switch name {
                case "adds": try expect(.number(Double(metrics.adds)), value)
                case "retries": try expect(.number(Double(metrics.retries)), value)
                case "depth": try expectDepth(metrics, value)
                case "queue_latency_last": try expect(lastWait.map { .number($0) } ?? .null, value)
                case "queue_latency_count": try expect(.number(Double(metrics.queueDuration.count)), value)
                case "work_duration_last": try expect(lastWork.map { .number($0) } ?? .null, value)
                case "work_duration_count": try expect(.number(Double(metrics.workDuration.count)), value)
                case "unfinished_work": try expect(.number(metrics.unfinishedWork / .seconds(1)), value)
                case "longest_running": try expect(.number(metrics.longestRunning / .seconds(1)), value)
                default: throw VectorError("the runner does not know this metric")
                }
            } catch {
                throw VectorError("\(name): \(error)")
            }
        }
    }

    /// One number for all, or one for each priority.
    private func expectDepth(_ metrics: WorkQueueMetrics, _ expected: JSONValue) throws(VectorError) {
        guard let depths = expected.object else { return try expect(.number(Double(metrics.depth)), expected) }
        for (priority, depth) in depths {
            guard let number = Int(priority) else { throw VectorError("'\(priority)' is not a priority") }
            let known = priorities.contains(number) ? metrics.depth(of: priorities.lane(number)) : 0
            try expect(.number(Double(known)), depth)
        }
        let unnamed = Lane.allCases.filter { lane in
            metrics.depth(of: lane) != 0 && priorities.priority(lane).map { depths["\($0)"] == nil } ?? true
        }
        if !unnamed.isEmpty { throw VectorError("expected \(expected), got more") }
    }

    private mutating func expectDelay(_ key: String, _ expected: JSONValue?) throws(VectorError) {
        let delay = limiter.delay(for: key, now: now)
        // The bucket computes in floating point, so a nanosecond is as near as it gets.
        try expect(.number((delay / .nanoseconds(1)).rounded()), expected)
    }
}

/// Numbers are equal to nine digits, as far as they can be read from a decimal fraction.
func expect(_ got: JSONValue, _ expected: JSONValue?) throws(VectorError) {
    guard let expected else { throw VectorError("the case does not say what it expects") }
    if let a = got.number, let b = expected.number, abs(a - b) <= 1e-9 * max(abs(a), abs(b)) { return }
    if got != expected { throw VectorError("expected \(expected), got \(got)") }
}
