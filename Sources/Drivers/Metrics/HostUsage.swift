import Glibc
import Reconciler
import Specs
import Synchronization

/// How full this host is, in percent, from `/proc` and the engine's disk.
final class HostUsage: Sendable {
    let disk: @Sendable () -> Double?
    private let processors = Mutex(ProcessorMeter())
    private let begun = ContinuousClock.now

    init(disk: @escaping @Sendable () -> Double?) { self.disk = disk }

    func reading(_ name: Autoscaler.Metric.ResourceName) -> MetricReading {
        let now = Instant(secondsSince1970: Int64(time(nil)))
        switch name {
        case .cpu:
            return cpu().map { .whole($0, at: now) } ?? .failed("the use of CPU is known from the second look on")
        case .memory:
            guard let memory = memory() else { return .failed("'/proc/meminfo' cannot be read") }
            return .whole(Double(memory.used) * 100 / Double(memory.total), at: now)
        case .disk:
            return disk().map { .whole($0, at: now) } ?? .failed("the engine's disk is out of sight")
        }
    }

    /// Of all processors in percent, since the look before.
    func cpu() -> Double? {
        guard let text = try? KernelFile.read("/proc/stat"), let times = ProcessorTimes(text) else { return nil }
        return processors.withLock { $0.share(times, at: begun.duration(to: .now)) }
    }

    func memory() -> (used: Int64, total: Int64)? { (try? KernelFile.read("/proc/meminfo")).flatMap(Self.memory) }

    /// Bytes that are not available to programs, without what the kernel would give back, and all that there are.
    static func memory(_ text: String) -> (used: Int64, total: Int64)? {
        guard let total = CgroupText.value(of: "MemTotal:", inPadded: text), total > 0,
            let available = CgroupText.value(of: "MemAvailable:", inPadded: text)
        else { return nil }
        // The file says kB and means KiB.
        return ((total - available) << 10, total << 10)
    }
}

/// Turns ticks of processors into a share, for everybody who asks.
///
/// Many autoscalers ask at the same moment, and within few ticks there is no share to speak of: whoever asks within a second hears
/// what the one before heard.
struct ProcessorMeter: Sendable {
    static let shortest = Duration.seconds(1)

    private var last: (times: ProcessorTimes, at: Duration)?
    private var share: Double?

    /// In percent, since the look that was at least a second ago; nil before there was one.
    mutating func share(_ times: ProcessorTimes, at now: Duration) -> Double? {
        if let last {
            if now - last.at < Self.shortest { return share }
            share = times.busy(since: last.times)
        }
        last = (times, now)
        return share
    }
}

/// The first line of `/proc/stat`: ticks of all processors since the start.
struct ProcessorTimes: Hashable, Sendable {
    var total: Int64
    var idle: Int64

    init?(_ text: String) {
        guard let line = text.split(separator: "\n", maxSplits: 1).first, line.hasPrefix("cpu ") else { return nil }
        // user nice system idle iowait irq softirq steal; what guests use is in user already (proc(5)).
        let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Int64($0) }
        guard ticks.count >= 5 else { return nil }
        total = ticks.reduce(0, +)
        idle = ticks[3] + ticks[4]
    }

    /// In percent; nil where no time has passed.
    func busy(since before: ProcessorTimes) -> Double? {
        let passed = total - before.total
        guard passed > 0 else { return nil }
        return Double(passed - max(0, idle - before.idle)) * 100 / Double(passed)
    }
}

extension CgroupText {
    /// The number behind a word at the beginning of a line, with any number of spaces between.
    static func value(of key: String, inPadded text: String) -> Int64? {
        for line in text.split(separator: "\n") where line.hasPrefix(key) {
            return line.dropFirst(key.count).split(separator: " ").first.flatMap { Int64($0) }
        }
        return nil
    }
}
