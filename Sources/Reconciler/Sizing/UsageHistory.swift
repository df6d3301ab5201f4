/// What the members of one object used, in bounded space.
package struct UsageHistory: Hashable, Sendable {
    /// What one container's counters said last, since they begin anew with each.
    private struct Counters: Hashable {
        var kills: Int64
        var periods: Int64
        var throttled: Int64
    }

    private var memory = DecayingHistogram(first: 1_048_576, last: 1.8e13)
    private var cpu = DecayingHistogram(first: 1_000_000, last: 1e13)
    private var last: [String: Counters] = [:]
    private(set) var samples = 0
    private(set) var firstSample: Duration?
    private(set) var lastSample = Duration.zero
    /// The largest working set of a sample.
    private(set) var largestWorkingSet: Int64 = 0
    /// The largest that the kernel saw between samples as well, file cache included.
    private(set) var peakMemory: Int64?
    private(set) var largestNanoCPUs: Int64 = 0
    private(set) var kills: Int64 = 0
    private(set) var periods: Int64 = 0
    private(set) var throttledPeriods: Int64 = 0

    package init() {}

    package mutating func add(_ sample: UsageSample, at now: Duration) {
        samples += 1
        firstSample = firstSample ?? now
        lastSample = now
        memory.add(Double(sample.workingSet), at: now)
        largestWorkingSet = max(largestWorkingSet, sample.workingSet)
        if let peak = sample.peakMemory { peakMemory = max(peakMemory ?? 0, peak) }
        if let rate = sample.nanoCPUs {
            cpu.add(Double(rate), at: now)
            largestNanoCPUs = max(largestNanoCPUs, rate)
        }
        count(sample)
    }

    private mutating func count(_ sample: UsageSample) {
        let counters = Counters(kills: sample.kills, periods: sample.periods, throttled: sample.throttledPeriods)
        let before = last[sample.container]
        // A container that is started again counts from 0.
        func grown(_ place: KeyPath<Counters, Int64>) -> Int64 {
            let value = counters[keyPath: place]
            guard let old = before?[keyPath: place], old <= value else { return value }
            return value - old
        }
        kills += grown(\.kills)
        periods += grown(\.periods)
        throttledPeriods += grown(\.throttled)
        last[sample.container] = counters
    }

    /// Forgets the counters of containers that are gone.
    mutating func forget(allBut containers: Set<String>) { last = last.filter { containers.contains($0.key) } }

    /// What is known, for recommendations; nil before the first sample.
    package var summary: UsageSummary? {
        guard samples > 0, let firstSample, let p95 = memory.percentile(0.95) else { return nil }
        return UsageSummary(
            samples: samples, seconds: Int64((lastSample - firstSample) / .seconds(1)),
            memoryP95: min(Int64(p95), max(largestWorkingSet, 1 << 20)), memoryLargest: largestWorkingSet,
            memoryPeak: peakMemory,
            cpuP95: cpu.percentile(0.95).map { min(Int64($0), max(largestNanoCPUs, 1_000_000)) },
            cpuLargest: cpu.isEmpty ? nil : largestNanoCPUs, kills: kills,
            throttled: periods > 0 ? Double(throttledPeriods) / Double(periods) : nil)
    }
}

/// What the members of one object used: bytes, and billionths of a CPU.
package struct UsageSummary: Codable, Hashable, Sendable {
    /// Of all members together.
    package var samples: Int
    /// Between the first sample and the last.
    package var seconds: Int64
    /// 95 % of the samples are at most this, to 5 %; recent ones count for more.
    package var memoryP95: Int64
    package var memoryLargest: Int64
    /// What the kernel saw between samples as well, file cache included; nil where it does not say.
    package var memoryPeak: Int64?
    /// nil before two samples of one container.
    package var cpuP95: Int64?
    package var cpuLargest: Int64?
    /// By the kernel, for lack of memory.
    package var kills: Int64
    /// The share of periods, 0 to 1, in which the CPU limit cut a member short; nil without a limit.
    package var throttled: Double?

    package init(
        samples: Int, seconds: Int64, memoryP95: Int64, memoryLargest: Int64, memoryPeak: Int64? = nil,
        cpuP95: Int64? = nil, cpuLargest: Int64? = nil, kills: Int64, throttled: Double? = nil
    ) {
        self.samples = samples
        self.seconds = seconds
        self.memoryP95 = memoryP95
        self.memoryLargest = memoryLargest
        self.memoryPeak = memoryPeak
        self.cpuP95 = cpuP95
        self.cpuLargest = cpuLargest
        self.kills = kills
        self.throttled = throttled
    }
}
