import Foundation
import Glibc

/// The command line beside a daemon that watches a host: how long a command takes, and what `reconcile top` uses on a terminal.
struct CommandLineMeasurement {
    let bench: Workbench
    let seconds: Int
    let repetitions: Int

    /// Expects a converged host.
    func measure(into report: inout Report) throws(BenchError) {
        let daemon = try bench.start([], from: .repository, state: "top", socketPath: bench.engine.socketPath)
        do throws(BenchError) {
            // The first looks at git and at the engine belong to the start.
            Thread.sleep(forTimeInterval: 5)
            try measureStarts(into: &report)
            try measure(daemon, into: &report)
        } catch {
            _ = try daemon.stop()
            throw error
        }
        _ = try daemon.stop()
    }

    /// From the spawn to the end, with all files in the page cache.
    private func measureStarts(into report: inout Report) throws(BenchError) {
        for (name, words) in [("--help", ["--help"]), ("status", ["status", "--state-dir", bench.folder + "/top"])] {
            var times: [Double] = []
            for _ in 0..<repetitions { times.append(try bench.start(arguments: words).wait().wall.milliseconds) }
            report.add("reconcile \(name), \(bench.replicas) containers", milliseconds: Samples(times), below: 20)
        }
    }

    private func measure(_ daemon: ChildProcess, into report: inout Report) throws(BenchError) {
        let terminal = try PseudoTerminal()
        defer { terminal.close() }
        let top = try ChildProcess(
            bench.reconcile, ["top", "--state-dir", bench.folder + "/top"], environment: ["TERM": "xterm-256color"],
            terminal: terminal.path, errorFile: bench.folder + "/top.errors")
        Thread.sleep(forTimeInterval: 3)
        let (before, daemonBefore) = (try ProcessUsage(of: top.id), try ProcessUsage(of: daemon.id))
        let drawnBefore = terminal.bytes
        progress("top: \(seconds) s of watching")
        Thread.sleep(forTimeInterval: Double(seconds))
        let (after, daemonAfter) = (try ProcessUsage(of: top.id), try ProcessUsage(of: daemon.id))
        let drawn = terminal.bytes - drawnBefore
        _ = try top.stop()
        func share(_ used: Duration) -> Double { used.seconds / Double(seconds) * 100 }
        let own = share(after.cpu - before.cpu)
        report.add(
            "reconcile top, \(bench.replicas) containers, one picture a second for \(seconds) s: CPU time",
            "\(own.text(2)) % of one core",
            "\(drawn / max(1, seconds)) bytes drawn a second, \(after.resident.mebibytes)",
            goal: .init(text: "< 2 %", isMet: own < 2 && drawn > 0))
        report.add(
            "the daemon meanwhile, in all", "\(share(daemonAfter.cpu - daemonBefore.cpu).text(2)) % of one core", "")
    }
}
