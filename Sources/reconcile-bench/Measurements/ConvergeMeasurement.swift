import Foundation

/// From nothing to all containers: the program against the bare API sending the same creates and starts.
///
/// Every repetition runs the bare API at each concurrency and the program once, in an order that turns, so that what
/// the machine does besides falls on all of them. The network is made before and stays: what is compared are the
/// creates and starts.
struct ConvergeMeasurement {
    private enum Subject: Hashable {
        case raw(Int)
        case reconcile
    }

    let bench: Workbench
    let repetitions: Int
    private static let concurrencies = [4, 8, 16]

    private var network: [Duration] = []
    private var raw: [Int: [Duration]] = [:]
    private var runs: [Run] = []

    init(_ bench: Workbench, repetitions: Int) {
        self.bench = bench
        self.repetitions = repetitions
    }

    mutating func measure(into report: inout Report) throws(BenchError) {
        // Not measured: it warms the engine up, and its creates are what the baseline repeats.
        let requests = try record()
        let recording = Recording(requests)
        try measureNetwork(recording)
        var order = Self.concurrencies.map { Subject.raw($0) } + [.reconcile]
        for repetition in 1...repetitions {
            for subject in order {
                try prepare()
                try measure(subject, recording, repetition)
            }
            order.append(order.removeFirst())
        }
        try bench.engine.removeContainers()
        summarize(requests, into: &report)
    }

    private func record() throws(BenchError) -> [Message] {
        let (proxy, path) = try bench.makeProxy("record")
        defer { proxy.stop() }
        _ = try bench.converge(state: "record", socketPath: path)
        return proxy.takeRequests()
    }

    /// Leaves the network behind.
    private mutating func measureNetwork(_ recording: Recording) throws(BenchError) {
        try bench.engine.removeContainers()
        for _ in 0..<repetitions {
            try bench.engine.removeNetworks()
            network.append(try bench.engine.createNetworks(recording))
        }
    }

    private func prepare() throws(BenchError) {
        try bench.engine.removeContainers()
        // The engine goes on for a moment after its answer, with mounts and control groups.
        Thread.sleep(forTimeInterval: 1)
    }

    private mutating func measure(
        _ subject: Subject, _ recording: Recording, _ repetition: Int
    ) throws(BenchError) {
        switch subject {
        case .raw(let concurrency):
            let time = try bench.engine.replay(recording, concurrency: concurrency)
            try bench.requireAllRunning()
            raw[concurrency, default: []].append(time)
            progress("\(repetition): bare API x\(concurrency): \(time.seconds.text(2)) s")
        case .reconcile:
            let run = try bench.converge(state: "converge-\(repetition)")
            runs.append(run)
            progress("\(repetition): reconcile --once: \(run.wall.seconds.text(2)) s")
        }
    }

    private func summarize(_ requests: [Message], into report: inout Report) {
        let count = bench.replicas
        let medians = raw.mapValues { Samples($0.map(\.seconds)).median }
        guard let best = medians.min(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key else { return }
        for concurrency in Self.concurrencies {
            let mark = concurrency == best ? " (best)" : ""
            report.add(
                "bare API, \(count) create + start, \(concurrency) at once\(mark)",
                seconds: Samples((raw[concurrency] ?? []).map(\.seconds)))
        }
        report.add(
            "bare API, the network (made before, part of no time here)",
            milliseconds: Samples(network.map(\.milliseconds)))
        report.add("`reconcile --once`, 0 to \(count)", seconds: Samples(runs.map(\.wall.seconds)))
        let baseline = raw[best] ?? []
        let ratios = zip(runs, baseline).map { $0.wall / $1 }
        report.add("`reconcile --once` / best bare API", ratio: Samples(ratios), atMost: 1.10)
        report.add("its own CPU time", seconds: Samples(runs.map(\.cpu.seconds)))
        let peak = Samples(runs.map { Double($0.peakMemory) }).median
        report.add("its largest resident set", Int(peak).mebibytes, "")
        report.add(
            "its calls to the engine", "\(requests.count)",
            "\(requests.writes.count) writes, \(requests.count - requests.writes.count) reads, 1 run")
    }
}
