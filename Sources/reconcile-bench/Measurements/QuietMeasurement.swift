import Foundation

/// A host that is as it should be: how long the program takes to see that, and that it leaves the engine alone.
struct QuietMeasurement {
    let bench: Workbench
    let repetitions: Int

    /// Expects a converged host.
    func measure(into report: inout Report) throws(BenchError) {
        let begun = Date()
        let count = bench.replicas
        report.add(
            "second `--once`, \(count) containers, `--specs`", milliseconds: try times(["--once"], .folder, "quiet"),
            below: 100)
        report.add(
            "second `--once`, \(count) containers, `--repo`",
            milliseconds: try times(["--once"], .repository, "quiet-git"),
            below: 100)
        report.add("`--dry-run`, \(count) containers", milliseconds: try times(["--dry-run"], .folder, nil))
        let events = try bench.engine.eventCount(from: begun, to: Date())
        let requests = try recordOne()
        let writes = requests.writes.count
        report.add(
            "Docker writes of a second `--once`", "\(writes)",
            "\(requests.count - writes) reads; \(events) engine events in all runs above",
            goal: .init(text: "0", isMet: writes == 0 && events == 0))
    }

    private func times(
        _ mode: [String], _ source: Workbench.Source, _ state: String?
    ) throws(BenchError) -> Samples {
        // The first run makes the state directory and the mirror.
        _ = try bench.start(mode, from: source, state: state).wait()
        var times: [Double] = []
        for _ in 0..<repetitions {
            times.append(try bench.start(mode, from: source, state: state).wait().wall.milliseconds)
        }
        progress("\(mode.joined(separator: " ")): \(Samples(times).median.text(1)) ms")
        return Samples(times)
    }

    private func recordOne() throws(BenchError) -> [Message] {
        let (proxy, path) = try bench.makeProxy("quiet")
        defer { proxy.stop() }
        _ = try bench.start(["--once"], state: "quiet", socketPath: path).wait()
        return proxy.takeRequests()
    }
}
