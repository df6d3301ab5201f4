import Drivers
import Foundation
import Reconciler
import Specs

/// Checking the limits of many containers: from the kernel's files, against asking the engine for its statistics.
///
/// Both in the same run, one after the other. The engine's answer holds less than what is compared here: it says what a
/// container uses and its memory limit, and nothing of CPU quota, sets, shares or reservations.
struct LimitsMeasurement {
    let bench: Workbench
    let repetitions: Int

    /// Expects a converged host.
    func measure(into report: inout Report) async throws {
        let transport = UnixSocketTransport(EngineAddress(socketPath: bench.engine.socketPath))
        let kernel = KernelReader(usage: UsageMeter())
        let observer = DockerObserver(DockerClient(transport), kernel: kernel)
        let begun = ContinuousClock.now
        let state = try await observer.observe(Interest(owner: Workbench.owner))
        let first = begun.duration(to: .now).milliseconds
        await transport.shutdown()
        guard kernel.count == bench.replicas, state.containers.values.allSatisfy({ $0.kernel != nil }) else {
            throw BenchError("the files of \(kernel.count) containers are open, and \(bench.replicas) run")
        }
        var limits: [Double] = []
        var checks: [Double] = []
        for number in 0..<repetitions {
            limits.append(try time { kernel.readLimits() == bench.replicas })
            checks.append(try time { kernel.check(now: .seconds(30 * number)).isEmpty })
        }
        let sampling = await sampleForAutoscalers(kernel, state.containers.keys.sorted())
        let ids = try bench.engine.runningContainers()
        // The engine takes a second for each, even for one that is asked for at once: more connections are its best.
        let (few, many) = (try statistics(of: ids, connections: 8), try statistics(of: ids, connections: 64))
        let what = "limits of \(bench.replicas) containers"
        report.add("\(what) from the kernel's files", milliseconds: Samples(limits), below: 10)
        report.add("the same, and what they use (the check every 30 s)", milliseconds: Samples(checks))
        report.add(
            "CPU and memory of \(bench.replicas) members for their autoscalers, no call to Docker",
            milliseconds: Samples(sampling), below: 3)
        report.add("the first look: list, inspect, open all files", "\(first.text(1)) ms", "1 run")
        report.add("Docker's stats API for them, 8 connections", "\(few.text(1)) ms", "1 run")
        report.add("Docker's stats API for them, 64 connections", "\(many.text(1)) ms", "1 run")
        report.add(
            "Docker's stats API (64 connections) / the kernel's files",
            "\((many / Samples(limits).median).text(0))x", "of the figures above")
    }

    /// As the controller asks: each look is one call, and rates count from the look before.
    private func sampleForAutoscalers(_ kernel: KernelReader, _ ids: [String]) async -> [Double] {
        let reader = MetricReader(kernel: kernel)
        let questions: [MetricQuestion] = [.members(.cpu, containers: ids), .members(.memory, containers: ids)]
        var spent: [Double] = []
        for _ in 0..<repetitions {
            let begun = ContinuousClock.now
            _ = await reader.measure(questions)
            spent.append(begun.duration(to: .now).milliseconds)
        }
        return spent
    }

    private func time(_ body: () -> Bool) throws(BenchError) -> Double {
        let begun = ContinuousClock.now
        let isComplete = body()
        let spent = begun.duration(to: .now).milliseconds
        guard isComplete else { throw BenchError("not all limits could be read, or some had changed") }
        return spent
    }

    private func statistics(of ids: [String], connections: Int) throws(BenchError) -> Double {
        let begun = ContinuousClock.now
        try bench.engine.statistics(of: ids, connections: connections)
        return begun.duration(to: .now).milliseconds
    }
}
