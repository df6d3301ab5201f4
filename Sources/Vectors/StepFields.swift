import Reconciler

/// The fields of one step; remembers which were read, so that none is overlooked.
final class StepFields {
    private let fields: [String: JSONValue]
    private var read: Set<String> = ["op", "note"]

    init(_ fields: [String: JSONValue]) { self.fields = fields }

    /// All of them, without their being read.
    var all: [String: JSONValue] { fields }

    subscript(name: String) -> JSONValue? {
        read.insert(name)
        return fields[name]
    }

    var key: String { self["key"]?.string ?? "" }
    var expect: JSONValue? { self["expect"] }
    func optionalInt(_ name: String) -> Int? { self[name]?.int }
    func optionalBool(_ name: String) -> Bool? { self[name]?.bool }

    func int(_ name: String) throws(VectorError) -> Int {
        guard let value = self[name]?.int else { throw VectorError("'\(name)' must be a whole number") }
        return value
    }

    /// What is expected as fields, none if nothing is. Without names any field may occur.
    func expectation(_ names: String...) throws(VectorError) -> [String: JSONValue] {
        guard let expect else { return [:] }
        guard let fields = expect.object else { throw VectorError("'expect' must be an object, not \(expect)") }
        if let unknown = fields.keys.sorted().first(where: { !names.isEmpty && !names.contains($0) }) {
            throw VectorError("the runner does not know what '\(unknown)' expects")
        }
        return fields
    }

    func requireAllRead() throws(VectorError) {
        if let unknown = fields.keys.sorted().first(where: { !read.contains($0) }) {
            throw VectorError("the runner does not know the field '\(unknown)'")
        }
    }
}

/// The numbers that a case uses as priorities, as lanes in the same order: the highest is the first lane.
struct Priorities {
    private let sorted: [Int]

    /// - Throws: when there are more priorities than lanes.
    init(_ numbers: some Sequence<Int>) throws(VectorError) {
        sorted = Set(numbers).sorted(by: >)
        guard sorted.count <= Lane.allCases.count else {
            throw VectorError("\(sorted.count) priorities do not fit into \(Lane.allCases.count) lanes")
        }
    }

    func contains(_ priority: Int) -> Bool { sorted.contains(priority) }
    func lane(_ priority: Int) -> Lane { Lane.allCases[sorted.firstIndex(of: priority) ?? 0] }
    func priority(_ lane: Lane) -> Int? { lane.rawValue < sorted.count ? sorted[lane.rawValue] : nil }
}

extension RateLimiter.Limits {
    /// An exponential limiter, a bucket, or both; what the case does not speak of does not limit.
    init(config: [String: JSONValue], queue: String) throws(VectorError) {
        self.init(rate: 1e9, burst: 1 << 40, jitter: 0)
        // The limiter that controller-runtime's queue has by default.
        if queue == "priority" { (base, max) = (.milliseconds(5), .seconds(1_000)) }
        if config.isEmpty { return }
        let parts = config["type"] == .string("max_of") ? config["of"]?.array ?? [] : [.object(config)]
        for part in parts.map({ $0.object ?? [:] }) {
            switch (
                part["type"]?.string, part["base_ns"]?.int, part["max_ns"]?.int, part["qps"]?.number, part["burst"]?.int
            ) {
            case ("exponential", let base?, let max?, nil, nil):
                (self.base, self.max) = (.nanoseconds(base), .nanoseconds(max))
            case ("bucket", nil, nil, let qps?, let burst?): (rate, self.burst) = (qps, burst)
            default: throw VectorError("the runner does not know the limiter \(JSONValue.object(part))")
            }
        }
    }
}
