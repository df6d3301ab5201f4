import Foundation

/// What it costs to confine a container in full: one that is told everything against one that is told nothing, as
/// `docker run` makes it.
///
/// The bare API sends creates that reconcile sends, with and without a SecurityProfile, in turns. Then the program brings
/// a host from nothing to all containers, where looking at the kernel is part of the time.
struct ConfinedMeasurement {
    let plain: Workbench
    let confined: Workbench
    let repetitions: Int
    let runs: Int

    func measure(into report: inout Report) throws(BenchError) {
        let bodies = [try body(of: plain), try body(of: confined)]
        var times: [[Duration]] = [[], []]
        // The first of each kind warms the engine up.
        for repetition in 0...repetitions {
            for subject in repetition.isMultiple(of: 2) ? [0, 1] : [1, 0] {
                let time = try plain.engine.createAndStart(bodies[subject])
                if repetition > 0 { times[subject].append(time) }
                try plain.engine.removeContainers()
            }
        }
        report.add("create + start, `docker run` defaults", milliseconds: Samples(times[0].map(\.milliseconds)))
        report.add("create + start, confined in full", milliseconds: Samples(times[1].map(\.milliseconds)))
        report.add("confined / defaults, medians of pairs", ratio: ratios(times[0], times[1]), atMost: 1.15)
        try measureProgram(into: &report)
    }

    private func measureProgram(into report: inout Report) throws(BenchError) {
        var times: [[Duration]] = [[], []]
        for repetition in 0...runs {
            for (subject, bench) in repetition.isMultiple(of: 2)
                ? [(0, plain), (1, confined)] : [(1, confined), (0, plain)]
            {
                try bench.engine.removeContainers()
                Thread.sleep(forTimeInterval: 1)
                let run = try bench.converge(state: "confined-\(subject)-\(repetition)")
                try bench.engine.removeContainers()
                if repetition > 0 { times[subject].append(run.wall) }
                progress("\(repetition): \(subject == 0 ? "defaults" : "confined"): \(run.wall.seconds.text(2)) s")
            }
        }
        let count = plain.replicas
        report.add("`reconcile --once`, 0 to \(count), defaults", seconds: Samples(times[0].map(\.seconds)))
        report.add(
            "`reconcile --once`, 0 to \(count), confined and looked at", seconds: Samples(times[1].map(\.seconds)))
        report.add("confined / defaults, by the program", ratio: ratios(times[0], times[1]), atMost: 1.15)
    }

    private func ratios(_ plain: [Duration], _ confined: [Duration]) -> Samples {
        Samples(zip(confined, plain).map { $0 / $1 })
    }

    /// What the program sends for its first container, whose network it leaves behind.
    private func body(of bench: Workbench) throws(BenchError) -> Recording.Create {
        let (proxy, path) = try bench.makeProxy("record-\(bench.isConfined)")
        defer { proxy.stop() }
        _ = try bench.converge(state: "record-\(bench.isConfined)", socketPath: path)
        let recording = Recording(proxy.takeRequests())
        try bench.engine.removeContainers()
        guard let first = recording.containers.first else { throw BenchError("no create was recorded") }
        let isConfined = String(decoding: first.body, as: UTF8.self).contains("seccomp=")
        guard isConfined == bench.isConfined else { throw BenchError("the create is not confined as it should be") }
        return first
    }
}
