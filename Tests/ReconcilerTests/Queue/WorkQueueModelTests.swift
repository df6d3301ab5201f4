import ReconcileTesting
import Reconciler
import Testing

/// Random calls on the queue, checked against the simplest thing that could be right.
struct WorkQueueModelTests {
    @Test("the queue does what its contract says under any order of calls", arguments: Seeds.corpus(50))
    func model(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var model = QueueModel()
        for _ in 0..<1_000 {
            let key = Int.random(in: 0..<6, using: &random)
            let lane = Lane.allCases.randomElement(using: &random) ?? .resync
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2: model.add(key, lane)
            case 3...4: model.add(key, lane, after: Int.random(in: 0..<50, using: &random))
            case 5...6: model.get()
            case 7...8: if let held = model.processing.keys.sorted().randomElement(using: &random) { model.done(held) }
            default: model.now += Int.random(in: 0..<20, using: &random)
            }
        }
        model.drain()
    }
}

/// A list of what is asked for and when, searched from end to end each time.
private struct QueueModel {
    private struct Request {
        var lane: Lane
        var readyAt: Int
        /// The place in the order, given when it becomes ready: the time with the head start, and the rank of equals.
        var place: (time: Int, sequence: Int)?
        var queuedAt = 0
        var sequence: Int
    }

    private static let ageing = 15
    var now = 0
    var processing: [Int: Int] = [:]
    private var queue = WorkQueue<Int>(ageing: .milliseconds(QueueModel.ageing))
    private var requests: [Int: Request] = [:]
    private var sequence = 0
    private var adds = 0
    private var retries = 0
    private var waited = 0
    private var worked = 0

    private var time: Duration { .milliseconds(now) }

    mutating func add(_ key: Int, _ lane: Lane, after delay: Int = 0) {
        if delay == 0 {
            queue.add(key, lane: lane, now: time)
        } else {
            queue.add(key, lane: lane, at: .milliseconds(now + delay), now: time)
            retries += 1
        }
        makeReady()
        sequence += 1
        guard var request = requests[key] else {
            requests[key] = Request(lane: lane, readyAt: now + delay, sequence: sequence)
            return makeReady()
        }
        let rises = lane < request.lane
        request.lane = min(lane, request.lane)
        if let place = request.place {
            let better = now + Self.ageing * lane.rawValue
            if rises && better < place.time { request.place = (better, sequence) }
        } else if now + delay < request.readyAt {
            request.readyAt = now + delay
            request.sequence = sequence
        }
        requests[key] = request
        makeReady()
    }

    private mutating func makeReady() {
        let due = requests.filter { $0.value.place == nil && $0.value.readyAt <= now }
        for (key, request) in due.sorted(by: {
            ($0.value.readyAt, $0.value.sequence) < ($1.value.readyAt, $1.value.sequence)
        }) {
            sequence += 1
            adds += 1
            requests[key]?.queuedAt = request.readyAt
            requests[key]?.place = (request.readyAt + Self.ageing * request.lane.rawValue, sequence)
        }
    }

    mutating func get() {
        makeReady()
        let next = requests.filter { $0.value.place != nil && processing[$0.key] == nil }
            .min { ($0.value.place ?? (0, 0)) < ($1.value.place ?? (0, 0)) }
        let turn = queue.get(now: time)
        #expect(turn?.key == next?.key)
        #expect(turn?.lane == next?.value.lane)
        if let next {
            waited += now - next.value.queuedAt
            requests[next.key] = nil
            processing[next.key] = now
        }
        compare()
    }

    private func compare() {
        let ready = requests.filter { $0.value.place != nil }
        #expect(queue.processingCount == processing.count)
        #expect(queue.count == ready.count { processing[$0.key] == nil })
        let waiting = requests.values.filter { $0.place == nil }
        #expect(queue.nextDeadline == waiting.map(\.readyAt).min().map { .milliseconds($0) })
        let metrics = queue.metrics(now: time)
        for lane in Lane.allCases { #expect(metrics.depth(of: lane) == ready.count { $0.value.lane == lane }) }
        #expect(metrics.adds == adds && metrics.retries == retries)
        #expect(metrics.queueDuration.sum == .milliseconds(waited))
        #expect(metrics.workDuration.sum == .milliseconds(worked))
        #expect(metrics.unfinishedWork == .milliseconds(processing.values.map { now - $0 }.reduce(0, +)))
        #expect(metrics.longestRunning == .milliseconds(processing.values.map { now - $0 }.max() ?? 0))
    }

    mutating func done(_ key: Int) {
        queue.done(key, now: time)
        worked += now - (processing.removeValue(forKey: key) ?? now)
        makeReady()
        compare()
    }

    mutating func drain() {
        now += 1_000
        while !queue.isDrained || queue.hasDelayed {
            get()
            for key in processing.keys.sorted() { done(key) }
        }
        #expect(requests.isEmpty)
    }
}
