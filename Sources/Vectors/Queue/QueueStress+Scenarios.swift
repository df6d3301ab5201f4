import Reconciler

extension QueueStress {
    /// Producers that each add their own number now and then, and consumers that take some time for each turn.
    static func basicConcurrency(_ config: [String: JSONValue]) throws(VectorError) {
        for how in [WorkQueue<Int>.ShutDown.atOnce, .afterDraining] {
            var queue = WorkQueue<Int>()
            var adds = [Int](repeating: try int("adds_per_producer", config), count: try int("producers", config))
            var busy: [Int: Int] = [:]
            let (pause, work) = (max(1, try int("producer_sleep_ms", config)), try int("consumer_work_ms", config))
            var turns = 0
            var tick = 0
            while adds.contains(where: { $0 > 0 }) || !queue.isDrained {
                let now = Duration.milliseconds(tick)
                if tick % pause == 0 {
                    for producer in adds.indices where adds[producer] > 0 {
                        queue.add(producer, lane: .heal, now: now)
                        adds[producer] -= 1
                    }
                }
                if !queue.isShuttingDown && adds.allSatisfy({ $0 == 0 }) { queue.shutDown(how) }
                if queue.isShuttingDown { queue.add(adds.count, lane: .heal, now: now) }
                for (key, end) in busy.sorted(by: { $0.key < $1.key }) where end <= tick {
                    busy[key] = nil
                    queue.done(key, now: now)
                }
                while busy.count < (try int("consumers", config)), let key = queue.get(now: now)?.key {
                    try require(key < adds.count, "a key that was added after the shutdown was handed out")
                    try require(busy.updateValue(tick + work, forKey: key) == nil, "\(key) was handed out twice")
                    turns += 1
                }
                tick += 1
                try require(tick < 1_000_000, "the consumers do not come to an end")
            }
            try require(turns >= adds.count, "expected a turn of each key, got \(turns)")
            try require(queue.count == 0 && queue.isStopped, "expected an empty queue, got \(queue.count) keys")
        }
    }

    /// Whether a key that is done with is let go of.
    static func noReference(_: [String: JSONValue]) throws(VectorError) {
        var queue = WorkQueue<Token>()
        weak var seen: Token?
        do {
            let token = Token()
            seen = token
            queue.add(token, lane: .heal, now: .zero)
            _ = queue.get(now: .zero)
            queue.done(token, now: .zero)
        }
        try require(queue.isDrained && seen == nil, "the queue still holds the key")
    }

    /// Keys of all priorities, added in turn, leave by priority and then in the order of their adds.
    static func priorityOrder(_ config: [String: JSONValue]) throws(VectorError) {
        let numbers = (config["priorities"]?.array ?? []).compactMap(\.int)
        let priorities = try Priorities(numbers)
        let count = try int("items_per_priority", config)
        let delay = Duration.milliseconds(try int("after_ms", config))
        var queue = WorkQueue<String>()
        // Some time after the start, so that there is a past.
        var now = Duration.seconds(10)
        for index in 0..<count {
            for number in numbers {
                queue.add("\(number)-\(index)", lane: priorities.lane(number), at: now + delay, now: now)
            }
        }
        now += .milliseconds(try int("advance_ms", config))
        for number in numbers.sorted(by: >) {
            for index in 0..<count {
                let turn = queue.get(now: now)
                try require(
                    turn?.key == "\(number)-\(index)", "expected \(number)-\(index), got \(turn?.key ?? "none")")
                try require(turn?.lane == priorities.lane(number), "\(number)-\(index) has another priority")
            }
        }
        let metrics = queue.metrics(now: now)
        try require(
            metrics.adds == numbers.count * count, "expected \(numbers.count * count) adds, got \(metrics.adds)")
        try require(metrics.retries == 0, "expected no retries, got \(metrics.retries)")
        try require(metrics.depths.allSatisfy { $0 == 0 }, "expected no depth, got \(metrics.depths)")
    }

    /// Rounds of many keys, a tenth of them delayed by up to 9 ms, all of which come out.
    static func returnsMany(_ config: [String: JSONValue]) throws(VectorError) {
        var random = SplitMix64(seed: 1)
        let items = try int("items", config)
        let turns = try int("getters", config) * (try int("gets_each", config))
        try require(turns == items, "\(items) items and \(turns) gets do not match")
        var queue = WorkQueue<Int>()
        var now = Duration.zero
        for round in 0..<(try int("rounds", config)) {
            for item in 0..<items {
                let priority = Int.random(in: 10..<100, using: &random)
                let lane = Lane.allCases[6 - (priority - 10) * 7 / 90]
                let delay = item % 10 == 0 ? Int.random(in: 0..<10, using: &random) : 0
                queue.add(item, lane: lane, at: now + .milliseconds(delay), now: now)
            }
            var seen: Set<Int> = []
            for _ in 0..<10 {
                while let key = queue.get(now: now)?.key {
                    try require(seen.insert(key).inserted, "\(key) came twice in round \(round)")
                    queue.done(key, now: now)
                }
                now += .milliseconds(1)
            }
            try require(seen.count == items, "expected \(items) items in round \(round), got \(seen.count)")
        }
    }

    /// Adds of random keys, lanes and delays among random gets and dones, with a model of what is asked for.
    static func fuzz(_ config: [String: JSONValue]) throws(VectorError) {
        var random = SplitMix64(seed: 1)
        var left = try int("producers", config) * (try int("adds_each", config))
        let (consumers, longest) = (try int("consumers", config), try int("max_after_ms", config))
        var queue = WorkQueue<Int>()
        var asked: [Int: Lane] = [:]
        var held: Set<Int> = []
        var now = Duration.zero
        var calls = 0
        while left > 0 || !asked.isEmpty || !held.isEmpty {
            calls += 1
            try require(calls < 10_000_000, "the queue does not come to an end")
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where left > 0:
                let key = Int.random(in: 0..<500, using: &random)
                let lane = Lane.allCases.randomElement(using: &random) ?? .resync
                let delay = Int.random(in: 0...longest, using: &random)
                queue.add(key, lane: lane, at: now + .milliseconds(delay), now: now)
                asked[key] = min(lane, asked[key] ?? lane)
                left -= 1
            case 1 where held.count < consumers:
                guard let turn = queue.get(now: now) else { continue }
                try require(held.insert(turn.key).inserted, "\(turn.key) was handed out twice")
                let lane = asked.removeValue(forKey: turn.key)
                try require(turn.lane == lane, "expected \(lane.map { "\($0)" } ?? "no turn"), got \(turn.lane)")
            case 2:
                guard let key = held.sorted().randomElement(using: &random) else { continue }
                held.remove(key)
                queue.done(key, now: now)
            default: now += .milliseconds(1)
            }
            try require(queue.metrics(now: now).depths.allSatisfy { $0 >= 0 }, "a depth below 0")
        }
        try require(queue.isDrained && !queue.hasDelayed, "something was left behind")
    }

    private final class Token: Hashable, Sendable {
        static func == (a: Token, b: Token) -> Bool { a === b }
        func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
    }
}
