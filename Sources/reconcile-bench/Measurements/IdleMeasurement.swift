import Foundation

/// A daemon with nothing to do: what it holds, uses and asks while it watches.
struct IdleMeasurement {
    let bench: Workbench
    let seconds: Int
    /// What must hold; nil where the figures are only reported.
    var goals: Goals? = Goals()

    struct Goals {
        /// Percent of one core.
        var share = 0.2
        /// Bytes.
        var resident = 48_000_000
    }

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
        let title =
            "daemon at rest, \(bench.replicas) containers\(bench.hasHealthCheck ? " with a health check" : ""), \(seconds) s"
        report.add(
            "\(title): resident memory", after.resident.mebibytes,
            "\(after.anonymous.mebibytes) of it its own; \(before.resident.mebibytes) at the beginning",
            goal: goals.map { .init(text: "< \($0.resident.mebibytes)", isMet: after.resident < $0.resident) })
        let own = after.cpu - before.cpu
        let children = after.childrenCPU - before.childrenCPU
        let share = (own + children).seconds / Double(seconds) * 100
        report.add(
            "\(title): CPU time", "\(share.text(2)) % of one core",
            "\((own + children).seconds.text(2)) s; \(children.seconds.text(2)) s of it fetching children",
            goal: goals.map { .init(text: "< \($0.share) %", isMet: share < $0.share) })
        let lists = requests.count("GET /v1.41/containers/json")
        let inspects = requests.filter { $0.startLine.contains("/json ") }.count - lists
        let (writes, kinds) = (requests.writes.count, requests.kindsOfWrites)
        report.add(
            "\(title): calls to Docker", "\(writes) writes\(kinds.isEmpty ? "" : " (\(kinds))")",
            "\(lists) lists, \(inspects) inspects, \(requests.count) calls in all",
            goal: goals.map { _ in
                .init(
                    text: "0 writes, one list and one inspect each",
                    isMet: writes == 0 && inspects <= lists * (bench.replicas + 1))
            })
    }
}
