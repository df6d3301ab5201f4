package import Reconciler
import Specs
import Synchronization

/// Reads what the kernel enforces on containers: their control groups and processes, without a call to Docker.
///
/// Inspect repeats what Docker was told, and in several cases the kernel has something else: updates that never reached
/// it, and files that somebody wrote to. Only where engine and program share a machine; a container whose process cannot
/// be found here is left as inspect shows it. Files stay open from look to look, ten or so of each container.
package final class KernelReader: Sendable {
    /// Between two samples of what containers use, which cost more than the check of their limits.
    static let samplePause = Duration.seconds(30)

    /// What is known of one container that runs.
    private struct Watched {
        let startedAt: String
        let files: ContainerFiles
        let owner: ResourceID
        /// What inspect showed, what the files said, and what was made of both when somebody last looked.
        var engine: LiveSettings
        var bytes: LimitBytes
        var live: LiveSettings
        var expectations: Expectations
        var meter = CPUMeter()
        /// Beside that of the samples: each counts from its own look before.
        var scalingMeter = CPUMeter()
        /// For people who look.
        var lookMeter = CPUMeter()
        var inactiveFile: InactiveFile?
    }

    /// What of the memory of a container is file cache that nobody has used for a while, as it was read last.
    ///
    /// The kernel takes longer to write the file that has it than all others of a look together, so it is read anew when
    /// the use of memory is not to the byte what it was, and once a minute.
    private struct InactiveFile {
        static let keptFor = Duration.seconds(60)

        let bytes: Int64
        let usage: Int64
        let elapsed: Duration

        func holds(for usage: Int64, _ elapsed: Duration) -> Bool {
            usage == self.usage && elapsed - self.elapsed < Self.keptFor
        }
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
        var nextSample = Duration.zero
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
            let known = state.watched[id].flatMap { $0.startedAt == startedAt ? $0 : nil }
            // Whatever ends here leaves nothing behind.
            state.watched[id] = nil
            if state.mounts == nil {
                state.mounts = KeptFile("/proc/self/mountinfo")?.table(state.buffer).map { CgroupMounts($0) }
            }
            guard let mounts = state.mounts,
                let files = known?.files
                    ?? ContainerProcess(pid: pid, container: id, on: process).flatMap({ first in
                        ContainerFiles(first, container: id, mounts: mounts, state.buffer)
                    })
            else { return nil }
            var watched: Watched
            if let known, known.engine == shown, known.expectations == expectations,
                known.bytes.isSame(files, state.buffer)
            {
                watched = known
            } else {
                let bytes = LimitBytes(files, includingThrottles: expectations.hasBlockIO, state.buffer)
                guard let live = bytes.limits.map({ LiveSettings($0, engine: shown) }) else { return nil }
                watched = Watched(
                    startedAt: startedAt, files: files, owner: owner, engine: shown, bytes: bytes, live: live,
                    expectations: expectations)
                if let known {
                    watched.meter = known.meter
                    (watched.scalingMeter, watched.lookMeter) = (known.scalingMeter, known.lookMeter)
                }
            }
            state.watched[id] = watched
            return (watched.live, Self.facts(watched, state.buffer))
        }
        guard let (live, kernel) = found else { return }
        container.live = live
        container.kernel = kernel
    }

    /// Containers whose limits are not what they were when somebody last looked at them. Now and then also notes what they
    /// use.
    package func check(now: Duration) -> [String] {
        var samples: [UsageSample] = []
        let changed = state.withLock { state -> [String] in
            var changed: [String] = []
            for (id, watched) in state.watched where !watched.bytes.isSame(watched.files, state.buffer) {
                let bytes = LimitBytes(
                    watched.files, includingThrottles: watched.expectations.hasBlockIO, state.buffer)
                let live = bytes.limits.map { LiveSettings($0, engine: watched.engine) }
                // It has ended, which the engine tells as well; a group that was taken away under it, it does not.
                if live == nil { state.watched[id] = nil }
                // Other bytes that come to the same are no change; of a change is told until somebody looks.
                if live == watched.live { state.watched[id]?.bytes = bytes } else { changed.append(id) }
            }
            guard usage != nil, now >= state.nextSample else { return changed }
            state.nextSample = now + Self.samplePause
            for id in state.watched.keys {
                if let sample = Self.sample(&state.watched[id], id, now: now, state.buffer) { samples.append(sample) }
            }
            return changed
        }
        usage?.take(samples, at: now)
        return changed.sorted()
    }

    func usage(of ids: Set<String>, elapsed: Duration, now: Instant) -> [String: MemberUsage] {
        state.withLock { state in
            var found: [String: MemberUsage] = [:]
            for id in ids where state.watched[id] != nil {
                found[id] = Self.usage(&state.watched[id], \.scalingMeter, elapsed, now, state.buffer)
            }
            return found
        }
    }

    /// What all containers that are watched use, by their objects.
    func usageByObject(elapsed: Duration, now: Instant) -> [ResourceID: PresentUsage.Object] {
        state.withLock { state in
            var found: [ResourceID: PresentUsage.Object] = [:]
            for id in state.watched.keys {
                guard let usage = Self.usage(&state.watched[id], \.lookMeter, elapsed, now, state.buffer),
                    let owner = state.watched[id]?.owner
                else { continue }
                var object = found[owner] ?? PresentUsage.Object(object: owner)
                object.containers += 1
                object.workingSet += usage.workingSet
                if let rate = usage.cpu { object.nanoCPUs = (object.nanoCPUs ?? 0) + rate.nanoCPUs }
                found[owner] = object
            }
            return found
        }
    }

    /// Reads the limits of all that are watched, and nothing else: what a check costs at least.
    ///
    /// - Returns: of how many they are what they were.
    package func readLimits() -> Int {
        state.withLock { state in
            state.watched.values.count { $0.bytes.isSame($0.files, state.buffer) }
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
            facts.throttles = throttles(watched)
        }
        if let text = watched.files.mountTable(buffer) {
            facts.memoryFileSystems = MountTable.memoryFileSystems(text)
        }
        return facts
    }

    private static func throttles(_ watched: Watched) -> [DeviceThrottle]? {
        watched.bytes.limits?.throttles.map { number, rates in
            DeviceThrottle(
                path: watched.expectations.devices[number] ?? "/dev/block/\(number)", readBytes: rates.readBytes,
                writeBytes: rates.writeBytes, readOperations: rates.readOperations,
                writeOperations: rates.writeOperations)
        }.filter(\.limitsAnything).sorted()
    }

    /// What is used without the file cache, which the kernel drops when it must.
    private static func memoryInUse(_ files: ContainerFiles, _ buffer: UnsafeMutableRawBufferPointer) -> Int64? {
        guard let usage = files.bytes(.memoryUsage, buffer).flatMap({ CgroupText.number($0) }),
            let statistics = files.bytes(.memoryStatistics, buffer)
        else { return nil }
        return max(0, usage - MemoryStatistics(statistics, files.version).fileCache)
    }

    private static func usage(
        _ watched: inout Watched?, _ meter: WritableKeyPath<Watched, CPUMeter>, _ elapsed: Duration, _ now: Instant,
        _ buffer: UnsafeMutableRawBufferPointer
    ) -> MemberUsage? {
        guard let files = watched?.files,
            let usage = files.bytes(.memoryUsage, buffer).flatMap({ CgroupText.number($0) })
        else { return nil }
        if watched?.inactiveFile?.holds(for: usage, elapsed) != true {
            guard let memory = files.bytes(.memoryStatistics, buffer).map({ MemoryStatistics($0, files.version) })
            else {
                return nil
            }
            watched?.inactiveFile = InactiveFile(bytes: memory.inactiveFile, usage: usage, elapsed: elapsed)
        }
        let rate = cpuNanoseconds(files, buffer).flatMap {
            watched?[keyPath: meter].rate(nanoseconds: $0, at: elapsed)
        }
        let inactive = watched?.inactiveFile?.bytes ?? 0
        return MemberUsage(workingSet: max(0, usage - inactive), cpu: rate, at: now)
    }

    private static func cpuNanoseconds(_ files: ContainerFiles, _ buffer: UnsafeMutableRawBufferPointer) -> Int64? {
        switch files.version {
        case .one: files.bytes(.cpuUsage, buffer).flatMap { CgroupText.number($0) }
        case .two: files.bytes(.cpuStatistics, buffer).flatMap { CPUStatistics($0).nanoseconds }
        }
    }

    private static func sample(
        _ watched: inout Watched?, _ id: String, now: Duration, _ buffer: UnsafeMutableRawBufferPointer
    ) -> UsageSample? {
        guard let files = watched?.files, let owner = watched?.owner,
            let usage = files.bytes(.memoryUsage, buffer).flatMap({ CgroupText.number($0) }),
            let memory = files.bytes(.memoryStatistics, buffer).map({ MemoryStatistics($0, files.version) })
        else { return nil }
        let throttling = files.bytes(.cpuStatistics, buffer).map { CPUStatistics($0) } ?? CPUStatistics()
        let used =
            files.version == .one
            ? files.bytes(.cpuUsage, buffer).flatMap { CgroupText.number($0) } : throttling.nanoseconds
        return UsageSample(
            object: owner, container: id, workingSet: max(0, usage - memory.inactiveFile),
            peakMemory: files.bytes(.memoryPeak, buffer).flatMap { CgroupText.number($0) },
            kills: files.bytes(.memoryEvents, buffer).flatMap { CgroupText.value(of: "oom_kill", in: $0) } ?? 0,
            nanoCPUs: used.flatMap { watched?.meter.rate(nanoseconds: $0, at: now)?.nanoCPUs },
            periods: throttling.periods, throttledPeriods: throttling.throttledPeriods)
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
