import Specs

/// What is remembered of one pool between two inputs: how its claims come, how its members come up, and since when it has
/// made no progress.
struct PoolWatch: Sendable {
    var meter = PoolMeter()
    var consecutiveMisses = 0
    var forecast = DemandForecast()
    var arrivals = ArrivalRate()
    /// How many unclaimed members `size: auto` came to last.
    private var lastSize: Int?
    /// When members were created that were not ready yet.
    private var births: [MemberInstance: Duration] = [:]
    /// Members whose birth was counted already.
    private var ready: Set<MemberInstance> = []
    /// When members were begun within the last minute.
    private var starts: [Duration] = []
    private var progress: Progress?
    /// The ids of members that were free when the pool was last looked at, the best first; whoever takes one looks again.
    var free: ArraySlice<String> = []
    /// When the pool is looked at again though nothing happened.
    var wake: Duration?
    /// When the last member was handed out, and the first of those that followed each other closely.
    private var row: (first: Duration, last: Duration)?
    /// A start keeps a processor busy that the next claim would wait for: none begins so shortly after a claim, but claims
    /// that go on do not keep the pool from being filled.
    private static let calm = (after: Duration.milliseconds(15), within: Duration.milliseconds(75))

    /// Since when nothing has become ready, and how much had by then.
    private struct Progress {
        var label: String
        var ready: Int
        var since: Duration
    }

    // MARK: Arrivals

    mutating func hit(at now: Duration) {
        meter.hits += 1
        consecutiveMisses = 0
        let isNext = row.map { now < $0.last + Self.calm.after } ?? false
        row = (isNext ? row?.first ?? now : now, now)
        forecast.arrived(at: now)
        arrivals.arrived(at: now)
    }

    mutating func missed(at now: Duration) {
        meter.misses += 1
        consecutiveMisses += 1
        forecast.arrived(at: now)
        arrivals.arrived(at: now)
    }

    /// How many unclaimed members the claims ask for; as many as there are where git or an Autoscaler says the number.
    ///
    /// Before the claims are known the pool stays as large as it was, or as it was found: a claim takes a member, and not its
    /// place. One that was claimed from keeps one at least.
    mutating func size(of pool: WarmPool, found unclaimed: Int, at now: Duration) -> Int {
        guard pool.size == .auto else {
            lastSize = nil
            return unclaimed
        }
        let known = forecast.size(missing: pool.targetMissProbability, at: now)
        let size = known ?? max(lastSize ?? unclaimed, forecast.claims > 0 ? 1 : 0)
        lastSize = size
        return size
    }

    // MARK: Members

    mutating func began(at now: Duration) { starts.append(now) }

    mutating func made(_ instance: MemberInstance, at now: Duration) { births[instance] = now }

    func birth(of instance: MemberInstance) -> Duration? { births[instance] }

    mutating func becameReady(_ instance: MemberInstance, at now: Duration) {
        guard let birth = births[instance], !ready.contains(instance) else { return }
        ready.insert(instance)
        meter.startToReady.observe(now - birth)
        forecast.refilled(in: now - birth)
    }

    mutating func keep(_ present: Set<MemberInstance>) {
        births = births.filter { present.contains($0.key) }
        ready.formIntersection(present)
    }

    /// How many may be begun now; nil for no bound.
    mutating func startsLeft(of perMinute: Int?, at now: Duration) -> Int? {
        guard let perMinute else { return nil }
        starts.removeAll { $0 <= now - .seconds(60) }
        return max(0, perMinute - starts.count)
    }

    /// When the next may be begun.
    func nextStart(of perMinute: Int?) -> Duration? {
        guard let perMinute, starts.count >= perMinute else { return nil }
        return starts[starts.count - perMinute] + .seconds(60)
    }

    /// When members are begun again that nobody waits for; nil where none was handed out just now.
    func calm(at now: Duration) -> Duration? {
        guard let row else { return nil }
        let end = min(row.last + Self.calm.after, row.first + Self.calm.within)
        return end > now ? end : nil
    }

    // MARK: Progress

    /// Takes in how many members of the template in force are ready, and whether more are wanted.
    ///
    /// - Returns: since when nothing has become ready; nil while nothing is wanted.
    mutating func note(ready: Int, of label: String, isWanting: Bool, at now: Duration) -> Duration? {
        guard isWanting else {
            progress = nil
            return nil
        }
        guard var progress, progress.label == label, ready <= progress.ready else {
            self.progress = Progress(label: label, ready: ready, since: now)
            return now
        }
        // What was claimed meanwhile is no loss.
        progress.ready = ready
        self.progress = progress
        return progress.since
    }
}
