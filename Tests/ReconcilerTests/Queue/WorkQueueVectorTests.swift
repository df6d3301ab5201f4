import Foundation
import Reconciler
import Testing

/// The observations of client-go's own tests, run against our queue and limiter.
///
/// Source, license and format stand in the file. A case is skipped only when `exceptions` says why.
struct WorkQueueVectorTests {
    /// Cases that do not apply, by id; a case that is neither here nor runs makes the test fail.
    private static let exceptions: [String: String] = [
        "fifo/shutdown-forces-drain":
            "nothing waits for a drain: the loop asks isDrained, and a cut is the caller's choice",
        "fifo/basic-concurrency": "a value has no threads; the model in WorkQueueModelTests takes its place",
        "fifo/no-reference-leak": "keys are values",
        "metrics/full": "the runner does not read metrics",
        "metrics/no-updates-after-shutdown": "the runner does not read metrics",
        "limiter/fast-slow": "we have no limiter of this type",
        "limiter/max-of": "made of a limiter that we do not have",
    ]

    /// What we have no counterpart of at all.
    private static let otherQueues: Set<String> = ["priority", "parallelize_until"]

    @Test("every case of the vectors that concerns us runs or is excepted with a reason")
    func coverage() throws {
        let ids = try VectorFile.load().cases.filter { !Self.otherQueues.contains($0.queue) }.map(\.id)
        #expect(Set(Self.exceptions.keys).isSubset(of: ids))
        #expect(try Self.cases().count + Self.exceptions.count == ids.count)
    }

    @Test("the queue shows what client-go's shows")
    func runs() throws {
        for vector in try Self.cases() {
            var runner = VectorRunner(vector)
            for (index, step) in vector.steps.enumerated() {
                try runner.run(step, "\(vector.id), step \(index)")
            }
        }
    }

    private static func cases() throws -> [VectorFile.Case] {
        try VectorFile.load().cases.filter { !otherQueues.contains($0.queue) && exceptions[$0.id] == nil }
    }
}

/// `Vectors/workqueue.json`, as far as we read it.
struct VectorFile: Decodable {
    var cases: [Case]

    struct Case: Decodable {
        var id: String
        var queue: String
        var config: Config
        var steps: [Step]

        enum CodingKeys: String, CodingKey { case id, queue, config, steps }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            id = try values.decode(String.self, forKey: .id)
            queue = try values.decode(String.self, forKey: .queue)
            // Other kinds of cases have other shapes, and are none of ours.
            config = (try? values.decode(Config.self, forKey: .config)) ?? Config()
            steps = (try? values.decode([Step].self, forKey: .steps)) ?? []
        }
    }

    struct Config: Decodable {
        var type: String?
        var baseNs: Int?
        var maxNs: Int?
        var qps: Double?
        var burst: Int?
        var of: [Config]?

        var limits: RateLimiter<String>.Limits {
            var limits = RateLimiter<String>.Limits(rate: 1e9, burst: 1 << 40, jitter: 0)
            for part in of ?? [self] {
                if let baseNs = part.baseNs { limits.base = .nanoseconds(baseNs) }
                if let maxNs = part.maxNs { limits.max = .nanoseconds(maxNs) }
                if let qps = part.qps { limits.rate = qps }
                if let burst = part.burst { limits.burst = burst }
            }
            return limits
        }
    }

    struct Step: Decodable {
        var op: String
        var key: String?
        var keys: Int?
        var ms: Int?
        var expect: Expectation?
    }

    enum Expectation: Decodable {
        case number(Int)
        case truth(Bool)
        case fields([String: Field])

        enum Field: Decodable, Equatable {
            case number(Int)
            case truth(Bool)
            case text(String)

            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let truth = try? value.decode(Bool.self) {
                    self = .truth(truth)
                } else if let number = try? value.decode(Int.self) {
                    self = .number(number)
                } else {
                    self = .text(try value.decode(String.self))
                }
            }
        }

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let truth = try? value.decode(Bool.self) {
                self = .truth(truth)
            } else if let number = try? value.decode(Int.self) {
                self = .number(number)
            } else {
                self = .fields(try value.decode([String: Field].self))
            }
        }

        var number: Int? { if case .number(let number) = self { number } else { nil } }
        var truth: Bool? { if case .truth(let truth) = self { truth } else { nil } }
        var fields: [String: Field] { if case .fields(let fields) = self { fields } else { [:] } }
    }

    static func load() throws -> VectorFile {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/workqueue.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(VectorFile.self, from: Data(contentsOf: file))
    }
}

/// One queue and one limiter under a clock that moves when the case says so.
private struct VectorRunner {
    var queue = WorkQueue<String>()
    var limiter: RateLimiter<String>
    var now = Duration.zero

    struct UnknownStep: Error { var op: String }

    init(_ vector: VectorFile.Case) { limiter = RateLimiter(vector.config.limits, seed: 1) }

    mutating func run(_ step: VectorFile.Step, _ place: String) throws {
        let key = step.key ?? ""
        switch step.op {
        case "add": queue.add(key, lane: .resync, now: now)
        case "done": queue.done(key, now: now)
        case "add_after": queue.add(key, lane: .resync, at: now + .milliseconds(step.ms ?? 0), now: now)
        case "advance_ms": now += .milliseconds(step.ms ?? 0)
        case "len": #expect(length == step.expect?.number, "\(place)")
        case "get": expectGet(step.expect?.fields ?? [:], place)
        case "shutdown_with_drain", "shutdown":
            queue.shutDown(step.op == "shutdown" ? .atOnce : .afterDraining)
            if let returned = step.expect?.fields["returned"] {
                #expect(.truth(queue.isDrained) == returned, "\(place)")
            }
        case "drain_returned": #expect(queue.isDrained == step.expect?.truth, "\(place)")
        case "when": expectDelay(key, step.expect?.number, place)
        case "when_burst": for index in 0..<(step.keys ?? 0) { expectDelay("k\(index)", step.expect?.number, place) }
        case "num_requeues": #expect(limiter.failures(of: key) == step.expect?.number, "\(place)")
        case "forget": limiter.forget(key)
        case "add_rate_limited":
            let delay = limiter.delay(for: key, now: now)
            if case .number(let expected) = step.expect?.fields["ready_in_ms"] {
                #expect(delay == .milliseconds(expected), "\(place)")
            }
            queue.add(key, lane: .resync, at: now + delay, now: now)
        default: throw UnknownStep(op: step.op)
        }
    }

    /// client-go queues due keys by a timer, ours with the next `get`; so a copy is emptied and counted.
    private var length: Int {
        var copy = queue
        var count = 0
        while copy.get(now: now) != nil { count += 1 }
        return count
    }

    private mutating func expectGet(_ expected: [String: VectorFile.Expectation.Field], _ place: String) {
        let key = queue.get(now: now)?.key
        if let wanted = expected["key"] { #expect(key.map { .text($0) } == wanted, "\(place)") }
        if expected["shutdown"] == .truth(true) { #expect(key == nil && queue.isShuttingDown, "\(place)") }
    }

    private mutating func expectDelay(_ key: String, _ expected: Int?, _ place: String) {
        let delay = limiter.delay(for: key, now: now)
        let difference = delay - .nanoseconds(expected ?? -1)
        // The bucket computes in floating point.
        #expect(difference > .nanoseconds(-1) && difference < .nanoseconds(1), "\(place): \(delay)")
    }
}
