import Reconciler

/// Scenarios with many producers and consumers. The queue is a value without threads, so they take turns as a seeded
/// generator says, which makes a failure repeatable.
enum QueueStress {
    private struct Scenario: Sendable {
        var queue: String
        var config: Set<String>
        var invariants: Set<String>
        var run: @Sendable ([String: JSONValue]) throws(VectorError) -> Void
    }

    private static let scenarios = [
        Scenario(
            queue: "fifo",
            config: [
                "producers", "adds_per_producer", "consumers", "producer_sleep_ms", "consumer_work_ms", "keys",
            ],
            invariants: [
                "no key added after shutdown is ever returned", "every consumer exits", "final len == 0",
            ], run: basicConcurrency),
        Scenario(
            queue: "fifo", config: [],
            invariants: ["after add/get/done the queue holds no reference to the key (backing array slot zeroed)"],
            run: noReference),
        Scenario(
            queue: "priority", config: ["after_ms", "priorities", "items_per_priority", "add_order", "advance_ms"],
            invariants: [
                "all 10s first in index order, then 5s, 0s, -5s, -10s", "adds=5000", "retries=0",
                "depth of every priority back to 0",
            ], run: priorityOrder),
        Scenario(
            queue: "priority", config: ["rounds", "items", "delayed_share", "getters", "gets_each"],
            invariants: ["all items of a round are returned, no panic when deleting during iteration"],
            run: returnsMany),
        Scenario(
            queue: "priority", config: ["producers", "adds_each", "consumers", "max_after_ms"],
            invariants: [
                "no key handed out twice before Done", "priority returned == max priority of pending adds",
                "depth per priority never negative", "no deadlock",
            ], run: fuzz),
    ]

    static func run(_ vector: VectorCase) throws(VectorError) {
        let fields = Set(vector.config.keys)
        guard let scenario = scenarios.first(where: { $0.queue == vector.queue && $0.config == fields }) else {
            throw VectorError("the runner does not know a scenario with the settings \(fields.sorted())")
        }
        if vector.invariants.isEmpty { throw VectorError("no invariants") }
        for invariant in vector.invariants where !scenario.invariants.contains(invariant) {
            throw VectorError("the runner does not know the invariant '\(invariant)'")
        }
        try scenario.run(vector.config)
    }

    static func int(_ name: String, _ config: [String: JSONValue]) throws(VectorError) -> Int {
        guard let value = config[name]?.int else { throw VectorError("'\(name)' must be a whole number") }
        return value
    }

    static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(VectorError) {
        if !condition { throw VectorError(message()) }
    }
}
