import Foundation

/// A daemon with nothing to do: what it holds, uses and asks while it watches.
struct IdleMeasurement {
    let bench: Workbench
    let seconds: Int

    /// Expects a converged host.
    func measure(into report: inout Report) throws(BenchError) {
        let (proxy, path) = try bench.makeProxy("idle")
        defer { proxy.stop() }
        let daemon = try bench.start([], from: .repository, state: "idle", socketPath: path)
        do throws(BenchError) {
            // The first looks at git and at the engine belong to the start.
            Thread.sleep(forTimeInterval: 5)
            _ = proxy.takeRequests()
            let before = try ProcessUsage(of: daemon.id)
            progress("daemon: \(seconds) s of watching")
            Thread.sleep(forTimeInterval: Double(seconds))
            let after = try ProcessUsage(of: daemon.id)
            summarize(before, after, proxy.takeRequests(), into: &report)
        } catch {
            _ = try daemon.stop()
            throw error
        }
        let run = try daemon.stop()
        report.add("its largest resident set, start included", run.peakMemory.mebibytes, "")
    }

    private func summarize(
        _ before: ProcessUsage, _ after: ProcessUsage, _ requests: [Message], into report: inout Report
    ) {
        let title = "idle daemon, \(bench.replicas) containers, \(seconds) s"
        report.add(
            "\(title): resident memory", after.resident.mebibytes,
            "\(after.anonymous.mebibytes) of it its own; \(before.resident.mebibytes) at the beginning")
        let own = after.cpu - before.cpu
        let children = after.childrenCPU - before.childrenCPU
        let share = (own + children).seconds / Double(seconds) * 100
        report.add(
            "\(title): CPU time", "\((own + children).seconds.text(2)) s",
            "\(share.text(2)) % of one core; \(children.seconds.text(2)) s of it fetching children")
        report.add(
            "\(title): calls to Docker", "\(requests.count)",
            "\(requests.writes.count) writes, \(requests.count("GET /v1.41/containers/json")) lists")
    }
}
