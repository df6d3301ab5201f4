package import Reconciler
import Specs
import Synchronization

/// Reads what the kernel enforces on containers: their control groups and processes, without a call to Docker.
///
/// Inspect repeats what Docker was told, and in several cases the kernel has something else: updates that never reached
/// it, and files that somebody wrote to. Only where engine and program share a machine; a container whose process cannot
/// be found here is left as inspect shows it. Files stay open from look to look, ten or so of each container.
package final class KernelReader: Sendable {
    /// What is known of one container that runs.
    private struct Watched {
        let startedAt: String
        let files: ContainerFiles
        let owner: ResourceID
        /// What inspect showed, and what was made of both when somebody last looked.
        var engine: LiveSettings
        var live: LiveSettings
        var expectations: Expectations
        var meter = CPUMeter()
    }

    /// What a container was created with that only files beside the usual ones show.
    fileprivate struct Expectations: Hashable {
        var ulimits: Set<String> = []
        /// Devices by `major:minor`, with the path that inspect names.
        var devices: [String: String] = [:]
        var hasBlockIO = false
    }

    private struct State: ~Copyable {
        var watched: [String: Watched] = [:]
        var mounts: CgroupMounts?
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)

        deinit { buffer.deallocate() }
    }

    private let state: Mutex<State>
    private let usage: UsageMeter?
    /// Times of samples count from here.
    let begun = ContinuousClock.now

    /// - Parameter usage: is told what containers use, whenever their limits are checked.
    package init(usage: UsageMeter? = nil) {
        state = Mutex(State())
        self.usage = usage
    }

    /// How many containers are watched.
    package var count: Int { state.withLock { $0.watched.count } }

    /// Puts the kernel's word in the place of inspect's.
    ///
    /// - Parameters:
    ///   - details: what inspect showed just now.
    ///   - process: the engine's; nil where it is out of our sight.
    func complete(
        _ container: inout ObservedContainer, from details: ContainerDetails, on process: EngineProcess? = nil
    ) {
        let (id, owner) = (container.id, container.mark.object)
        let startedAt = container.startedAt
        var engine = container.live
        // Once a limit was lifted with a quota of -1, inspect shows both for ever, whatever the kernel has by now.
        if let nanoCPUs = details.hostConfig?.nanoCPUs, nanoCPUs > 0 { engine.nanoCPUs = nanoCPUs }
        // Only its first process is in sight, and a container that is paused or stops still has one.
        guard let pid = details.state.pid, pid > 0, container.status != .exited, container.status != .dead else {
            state.withLock { $0.watched[id] = nil }
            return
        }
        let (shown, expectations) = (engine, Expectations(details.hostConfig))
        let found = state.withLock { state -> (LiveSettings, KernelFacts)? in
            if state.watched[id]?.startedAt != startedAt {
                state.watched[id] = nil
                if state.mounts == nil {
                    state.mounts = KeptFile("/proc/self/mountinfo").map { Self.whole($0) }.map { CgroupMounts($0) }
                }
                guard let mounts = state.mounts, let first = ContainerProcess(pid: pid, container: id, on: process),
                    let files = ContainerFiles(first, container: id, mounts: mounts, state.buffer)
                else { return nil }
                state.watched[id] = Watched(
                    startedAt: startedAt, files: files, owner: owner, engine: shown, live: shown,
                    expectations: expectations)
            }
            guard var watched = state.watched[id] else { return nil }
            watched.engine = shown
            watched.expectations = expectations
            guard let live = Self.live(watched, state.buffer) else {
                state.watched[id] = nil
                return nil
            }
            watched.live = live
            state.watched[id] = watched
            return (live, Self.facts(watched, state.buffer))
        }
        guard let (live, kernel) = found else { return }
        container.live = live
        container.kernel = kernel
    }

    /// Containers whose limits are not what they were when somebody last looked at them. Also notes what they use.
    package func check(now: Duration) -> [String] {
        var samples: [UsageSample] = []
        let changed = state.withLock { state -> [String] in
            var changed: [String] = []
            for (id, var watched) in state.watched {
                guard let live = Self.live(watched, state.buffer) else {
                    // It has ended, which the engine tells as well; a group that was taken away under it, it does not.
                    state.watched[id] = nil
                    changed.append(id)
                    continue
                }
                if live != watched.live { changed.append(id) }
                guard usage != nil, let sample = Self.sample(&watched, id, now: now, state.buffer) else { continue }
                samples.append(sample)
                state.watched[id] = watched
            }
            return changed
        }
        usage?.take(samples, at: now)
        return changed.sorted()
    }

    /// Reads the limits of all that are watched, and nothing else: what a check costs at least.
    ///
    /// - Returns: how many could be read.
    package func readLimits() -> Int {
        state.withLock { state in
            var count = 0
            for watched in state.watched.values where Self.live(watched, state.buffer) != nil { count += 1 }
            return count
        }
    }

    /// Bytes in use that could not be given back, and whether a limit below them would kill (version 2) instead of being
    /// refused; nil where it cannot be read.
    func memoryInUse(_ id: String) -> (bytes: Int64, kills: Bool)? {
        state.withLock { state in
            guard let files = state.watched[id]?.files else { return nil }
            return Self.memoryInUse(files, state.buffer).map { ($0, files.version == .two) }
        }
    }

    /// Forgets all containers but these.
    package func forget(allBut ids: Set<String>) {
        state.withLock { state in
            for id in Array(state.watched.keys) where !ids.contains(id) { state.watched[id] = nil }
        }
    }

    // MARK: Reading

    private static func live(_ watched: Watched, _ buffer: UnsafeMutableRawBufferPointer) -> LiveSettings? {
        let limits = CgroupLimits(
            watched.files.version, includingThrottles: watched.expectations.hasBlockIO
        ) { watched.files.text($0, buffer) }
        return limits.map { LiveSettings($0, engine: watched.engine) }
    }

    private static func facts(_ watched: Watched, _ buffer: UnsafeMutableRawBufferPointer) -> KernelFacts {
        var facts = KernelFacts(memoryInUse: memoryInUse(watched.files, buffer))
        facts.oomScoreAdjustment = watched.files.text(ofProcess: "oom_score_adj", buffer).flatMap {
            CgroupText.number($0)
        }
        if !watched.expectations.ulimits.isEmpty, let text = watched.files.text(ofProcess: "limits", buffer) {
            facts.hardLimits = ProcessLimits.all(in: text).filter { watched.expectations.ulimits.contains($0.key) }
                .mapValues(\.hard)
        }
        if !watched.expectations.devices.isEmpty {
            facts.throttles = throttles(watched, buffer)
        }
        if let text = watched.files.text(ofProcess: "mountinfo", buffer) {
            facts.memoryFileSystems = MountTable.memoryFileSystems(text)
        }
        return facts
    }

    private static func throttles(
        _ watched: Watched, _ buffer: UnsafeMutableRawBufferPointer
    ) -> [DeviceThrottle]? {
        let limits = CgroupLimits(watched.files.version, includingThrottles: true) { watched.files.text($0, buffer) }
        return limits?.throttles.map { number, rates in
            DeviceThrottle(
                path: watched.expectations.devices[number] ?? "/dev/block/\(number)", readBytes: rates.readBytes,
                writeBytes: rates.writeBytes, readOperations: rates.readOperations,
                writeOperations: rates.writeOperations)
        }.filter(\.limitsAnything).sorted()
    }

    /// What is used without the file cache, which the kernel drops when it must.
    private static func memoryInUse(_ files: ContainerFiles, _ buffer: UnsafeMutableRawBufferPointer) -> Int64? {
        guard let usage = files.text(.memoryUsage, buffer).flatMap({ CgroupText.number($0) }),
            let statistics = files.text(.memoryStatistics, buffer)
        else { return nil }
        return max(0, usage - MemoryStatistics(statistics, files.version).fileCache)
    }

    private static func sample(
        _ watched: inout Watched, _ id: String, now: Duration, _ buffer: UnsafeMutableRawBufferPointer
    ) -> UsageSample? {
        let files = watched.files
        guard let usage = files.text(.memoryUsage, buffer).flatMap({ CgroupText.number($0) }),
            let statistics = files.text(.memoryStatistics, buffer)
        else { return nil }
        let memory = MemoryStatistics(statistics, files.version)
        let cpu = files.text(.cpuStatistics, buffer) ?? ""
        let used =
            files.version == .one
            ? files.text(.cpuUsage, buffer).flatMap { CgroupText.number($0) }
            : CgroupText.value(of: "usage_usec", in: cpu).map { $0 * 1000 }
        let kills = files.text(.memoryEvents, buffer).flatMap { CgroupText.value(of: "oom_kill", in: $0) }
        return UsageSample(
            object: watched.owner, container: id, workingSet: max(0, usage - memory.inactiveFile),
            peakMemory: files.text(.memoryPeak, buffer).flatMap { CgroupText.number($0) },
            kills: kills ?? 0,
            nanoCPUs: used.flatMap { watched.meter.rate(nanoseconds: $0, at: now) },
            periods: CgroupText.value(of: "nr_periods", in: cpu) ?? 0,
            throttledPeriods: CgroupText.value(of: "nr_throttled", in: cpu) ?? 0)
    }

    /// A file that is longer than the kernel's usual ones.
    private static func whole(_ file: KeptFile) -> String {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        return file.text(buffer) ?? ""
    }
}

extension KernelReader.Expectations {
    fileprivate init(_ config: ContainerDetails.HostConfig?) {
        guard let config else { return }
        ulimits = Set((config.ulimits ?? []).map(\.name))
        let paths = Set(config.throttles.map(\.path))
        hasBlockIO = !paths.isEmpty || (config.blockIOWeight ?? 0) > 0
        for path in paths {
            if let number = BlockDevices.number(of: path) { devices[number] = path }
        }
    }
}

/// What is needed of `memory.stat`.
struct MemoryStatistics: Hashable, Sendable {
    var activeFile: Int64
    var inactiveFile: Int64

    /// The totals of version 1 count groups below too, as its usage does, and those of version 2 always do.
    init(_ text: String, _ version: CgroupFile.Version) {
        let prefix = version == .one ? "total_" : ""
        activeFile = CgroupText.value(of: prefix + "active_file", in: text) ?? 0
        inactiveFile = CgroupText.value(of: prefix + "inactive_file", in: text) ?? 0
    }

    var fileCache: Int64 { activeFile + inactiveFile }
}

/// Turns a count of CPU time into a rate.
private struct CPUMeter {
    private var last: (nanoseconds: Int64, at: Duration)?

    /// Billionths of a CPU since the last call; nil at the first.
    mutating func rate(nanoseconds: Int64, at now: Duration) -> Int64? {
        defer { last = (nanoseconds, now) }
        guard let last, now > last.at, nanoseconds >= last.nanoseconds else { return nil }
        return Int64(Double(nanoseconds - last.nanoseconds) / ((now - last.at) / .seconds(1)))
    }
}
