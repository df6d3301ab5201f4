import Foundation

/// From the start of a daemon on a host that runs already to the first call with which it changes something.
struct RestartMeasurement {
    let bench: Workbench
    let repetitions: Int

    /// Expects a converged host.
    func measure(into report: inout Report) throws(BenchError) {
        let ids = try bench.engine.runningContainers()
        var times: [Double] = []
        for id in ids.prefix(repetitions) {
            var connection = try RawConnection(bench.engine.socketPath)
            try bench.engine.kill(id, on: &connection)
            // The engine goes on for a moment after its answer.
            Thread.sleep(forTimeInterval: 1)
            times.append(try firstWrite(through: "restart-\(times.count)"))
        }
        progress("restart: \(Samples(times).median.text(0)) ms")
        report.add(
            "daemon started beside \(bench.replicas) containers: to its first change", milliseconds: Samples(times),
            below: 2_000)
    }

    /// Milliseconds until the start of the container that was killed is asked for.
    private func firstWrite(through name: String) throws(BenchError) -> Double {
        let (proxy, path) = try bench.makeProxy(name)
        defer { proxy.stop() }
        let begun = ContinuousClock.now
        let daemon = try bench.start([], from: .repository, state: "heal", socketPath: path)
        var time: Double?
        while time == nil, ContinuousClock.now - begun < .seconds(20) {
            if !proxy.takeRequests().writes.isEmpty { time = (ContinuousClock.now - begun).milliseconds }
            usleep(1_000)
        }
        // What it began is finished before it ends.
        Thread.sleep(forTimeInterval: 1)
        _ = try daemon.stop()
        guard let time else { throw BenchError("the daemon changed nothing within 20 s") }
        return time
    }
}
