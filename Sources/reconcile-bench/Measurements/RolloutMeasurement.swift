import Foundation

/// A new template for all members of a Workload, a few beside the others at a time: the daemon, against the least that the
/// engine and `minHealthyTime` allow.
///
/// Both are timed by the same watcher of the engine's events, from the first create to the last old container's end. By
/// hand as many workers as the surge allows send the very creates that the daemon sends; each waits for `minHealthyTime`
/// after the start and then takes an old one away. Nobody waits for anybody else, and nobody looks.
struct RolloutMeasurement {
    let bench: Workbench
    let repetitions: Int

    private static let surge = 5
    private static let healthy = 1

    func measure(into report: inout Report) throws(BenchError) {
        try commit(version: 0)
        let (proxy, path) = try bench.makeProxy("rollout")
        defer { proxy.stop() }
        _ = try bench.converge(state: "rollout-record", socketPath: path)
        let recording = Recording(proxy.takeRequests())
        let watch = try EventWatch(bench.engine)
        defer { watch.stop() }
        var raw: [Double] = []
        for round in 1...repetitions {
            raw.append(try time(watch) { () throws(BenchError) in try replaceByHand(recording, round) })
        }
        try bench.engine.removeContainers()
        let own = try measureDaemon(watch)
        progress("a rollout: raw \(Samples(raw).median.text(2)) s, the daemon \(Samples(own).median.text(2)) s")
        let what = "\(bench.replicas) members replaced, \(Self.surge) at a time, each healthy for \(Self.healthy) s"
        report.add("\(what): bare API", seconds: Samples(raw))
        report.add("\(what): the daemon", seconds: Samples(own))
        let ratios = zip(own.sorted(), raw.sorted()).map { $0 / $1 }
        report.add("rolling update / least time by the bare API", ratio: Samples(ratios), atMost: 1.15)
    }

    private func measureDaemon(_ watch: EventWatch) throws(BenchError) -> [Double] {
        // From the repository, as the daemon: a folder has no history that a commit could follow.
        _ = try bench.converge(from: .repository, state: "rollout")
        let daemon = try bench.start(["--interval", "1s"], from: .repository, state: "rollout")
        var own: [Double] = []
        do throws(BenchError) {
            // The first looks at git and at the engine belong to the start.
            Thread.sleep(forTimeInterval: 5)
            for round in 1...repetitions {
                own.append(try time(watch) { () throws(BenchError) in try commit(version: round) })
                try bench.requireAllRunning()
            }
        } catch {
            _ = try daemon.stop()
            throw error
        }
        _ = try daemon.stop()
        return own
    }

    /// Seconds, from the first create to the end of the last container of before.
    private func time(_ watch: EventWatch, _ work: () throws(BenchError) -> Void) throws(BenchError) -> Double {
        let begun = ContinuousClock.now
        try work()
        let first = try watch.wait(for: 1, "create", after: begun)
        let last = try watch.wait(for: bench.replicas, "destroy", after: begun)
        // The machine comes to rest.
        Thread.sleep(forTimeInterval: 3)
        return (last - first).seconds
    }

    private func replaceByHand(_ recording: Recording, _ round: Int) throws(BenchError) {
        let engine = bench.engine
        let old = try engine.runningContainers()
        let creates = recording.containers
        guard old.count == creates.count else { throw BenchError("\(old.count) containers, \(creates.count) creates") }
        let counter = Counter(creates.count)
        try onThreads(Self.surge) { () throws(BenchError) in
            var connection = try RawConnection(engine.socketPath)
            while let index = counter.next() {
                // Another name than those that are there.
                let target = creates[index].target.replacingOccurrences(of: "name=", with: "name=round-\(round)-")
                try engine.createAndStart(Recording.Create(target: target, body: creates[index].body), on: &connection)
                Thread.sleep(forTimeInterval: Double(Self.healthy))
                try engine.stopAndRemove(old[index], on: &connection)
            }
        }
    }

    private func commit(version: Int) throws(BenchError) {
        try bench.commit(
            """
            apiVersion: reconcile.dev/v1
            kind: HostPool
            metadata: {name: bench}
            spec:
              hosts:
                matchLabels: {role: bench}
              scope: perHost
            ---
            apiVersion: reconcile.dev/v1
            kind: Workload
            metadata: {name: bench}
            spec:
              hostPool: bench
              replicas: \(bench.replicas)
              strategy: {maxSurge: \(Self.surge), maxUnavailable: 0, minHealthyTime: \(Self.healthy)s}
              template:
                image: busybox:local
                pullPolicy: Never
                command: [sleep, "2147483647"]
                stopTimeout: 0s
                env: {VERSION: "\(version)"}

            """, as: "bench.yaml")
    }
}
