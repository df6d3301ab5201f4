import ArgumentParser
import Foundation

/// Measures the program against the goals that it has.
@main
struct ReconcileBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile-bench",
        abstract: "Measure reconcile on the engine at DOCKER_HOST, which must be empty.",
        discussion: """
            The figures go to standard output as a Markdown table. How to read them is in docs/performance.md.

            EXIT CODES
              0 everything was measured, whether or not the goals are met; 1 something could not be measured
            """)

    @Flag(help: "Few repetitions: does it work at all?")
    var quick = false

    @Option(help: "Repetitions of converging. (default: 5; with --quick: 1)")
    var pairs: Int?

    @Option(help: "Repetitions of runs that take milliseconds. (default: 40; with --quick: 5)")
    var runs: Int?

    @Option(help: "Seconds to watch a daemon at rest, 0 for not at all. (default: 60; with --quick: 5)")
    var rest: Int?

    @Option(help: "How many containers it watches. (default: 200; with --quick: 20)")
    var watched: Int?

    @Flag(help: "Only a host with many containers: heal, restart, and a daemon at rest.")
    var restOnly = false

    @Flag(help: "Only the work queue, which needs no engine.")
    var queueOnly = false

    @Flag(help: "Only the planner, which needs no engine.")
    var planOnly = false

    @Flag(help: "Only dry-runs against snapshots, which need no engine; with ANSIBLE_PLAYBOOK, what ansible takes.")
    var previewOnly = false

    @Flag(help: "Only the evaluation of autoscalers, which needs no engine.")
    var scalingOnly = false

    @Flag(help: "Only the DNS filter, which needs no engine, but root and nft.")
    var namesOnly = false

    @Flag(help: "Only the daemon's API.")
    var apiOnly = false

    @Flag(help: "Only the limits of a host with many containers, read from the kernel.")
    var limitsOnly = false

    @Flag(help: "Only what it costs to confine containers.")
    var confinedOnly = false

    @Flag(help: "Only what it takes to make a member of a pool its holder's.")
    var bindOnly = false

    @Flag(help: "Only claims from a warm pool over the daemon's API, and its refilling.")
    var claimsOnly = false

    @Flag(help: "Only a rolling update of twenty members.")
    var rolloutOnly = false

    @Flag(help: "Only published ports under load; needs wrk, gcc and root.")
    var publishingOnly = false

    @Flag(help: "Only the command line: how long a command takes, and top beside many containers.")
    var commandsOnly = false

    @Flag(help: "Only network policies, in network namespaces; needs no engine, and root.")
    var firewallOnly = false

    @Option(help: "How many containers.")
    var containers = 50

    @Option(help: ArgumentHelp("The program. (default: beside this one)", valueName: "file"))
    var reconcile: String?

    @Option(help: ArgumentHelp("The example specs.", valueName: "dir"))
    var examples = "examples/specs"

    @Option(help: ArgumentHelp("Read one folder of specs, and nothing else.", visibility: .private))
    var read: String?

    @Option(help: ArgumentHelp("What reading must find.", visibility: .private))
    var finding = ""

    mutating func validate() throws {
        for value in [pairs, runs, containers] where value.map({ $0 < 1 }) ?? false {
            throw ValidationError("--pairs, --runs and --containers must be at least 1")
        }
    }

    func run() async throws {
        // The child of the measurement of the reader's limits.
        if let read { return try await ReaderLimitsMeasurement.read(read, expecting: finding) }
        if queueOnly {
            var report = Report()
            QueueMeasurement(repetitions: quick ? 1 : 5).measure(into: &report)
            return show(report)
        }
        if planOnly {
            var report = Report()
            PlanMeasurement(repetitions: quick ? 5 : 40).measure(into: &report)
            return show(report)
        }
        if scalingOnly {
            var report = Report()
            ScalingMeasurement(repetitions: quick ? 5 : 100).measure(into: &report)
            try ScalingLoopMeasurement(repetitions: quick ? 5 : 100).measure(into: &report)
            try await ReactionMeasurement(rounds: quick ? 3 : 30).measure(into: &report)
            return show(report)
        }
        if namesOnly {
            var report = Report()
            try await measureNames(into: &report)
            return show(report)
        }
        if firewallOnly {
            var report = Report()
            try await FirewallMeasurement(repetitions: quick ? 4 : 30).measure(into: &report)
            return show(report)
        }
        if previewOnly {
            var report = Report()
            try await measurePreview(into: &report)
            return show(report)
        }
        let prefix = "unix://"
        guard let host = ProcessInfo.processInfo.environment["DOCKER_HOST"], host.hasPrefix(prefix) else {
            throw BenchError("DOCKER_HOST must name an engine of its own, as unix:///path; scripts/bench starts one")
        }
        let engine = String(host.dropFirst(prefix.count))
        var report = Report()
        if apiOnly {
            try onBench(engine, containers) { bench in try measureAPI(bench, into: &report) }
            return show(report)
        }
        if publishingOnly {
            try onBench(engine, 1) { bench in try measurePublishing(bench, into: &report) }
            return show(report)
        }
        if commandsOnly {
            try onBench(engine, watched ?? (quick ? 20 : 500)) { bench in try measureCommands(bench, into: &report) }
            return show(report)
        }
        if rolloutOnly {
            try onBench(engine, 20) { bench in try measureRollout(bench, into: &report) }
            return show(report)
        }
        if claimsOnly {
            try onBench(engine, 0) { bench in try measureClaims(bench, into: &report) }
            return show(report)
        }
        if limitsOnly {
            try await measureLimits(engine, into: &report)
            return show(report)
        }
        if bindOnly {
            try await BindMeasurement(socketPath: engine, members: quick ? 5 : 50, rounds: quick ? 2 : 20)
                .measure(into: &report)
            return show(report)
        }
        if confinedOnly {
            try measureConfined(engine, into: &report)
            return show(report)
        }
        if !restOnly {
            try onBench(engine, containers) { bench in try measure(bench, into: &report) }
            try onBench(engine, containers) { bench in try measureAPI(bench, into: &report) }
            try onBench(engine, 20) { bench in try measureRollout(bench, into: &report) }
            try onBench(engine, 1) { bench in try measurePublishing(bench, into: &report) }
            try onBench(engine, 0) { bench in try measureClaims(bench, into: &report) }
            try await measureNames(into: &report)
        }
        let seconds = rest ?? (quick ? 5 : 60)
        let many = watched ?? (quick ? 20 : 200)
        if seconds > 0 {
            try onBench(engine, many) { bench in try measureMany(bench, seconds, into: &report) }
            try onBench(engine, many, hasHealthCheck: true) { bench in
                _ = try bench.converge(state: "rest")
                try IdleMeasurement(bench: bench, seconds: min(seconds, 60), goals: nil).measure(into: &report)
            }
        }
        show(report)
    }

    private func measureNames(into report: inout Report) async throws {
        try await NamesMeasurement(seconds: quick ? 1 : 10, firstAnswers: quick ? 20 : 500).measure(into: &report)
    }

    /// Ansible is beside it where somebody has installed it, and there is an engine.
    private func measurePreview(into report: inout Report) async throws {
        let repetitions = runs ?? (quick ? 5 : 40)
        try await PreviewMeasurement(
            reconcile: reconcile ?? Self.neighbour, objects: 1_000, repetitions: repetitions
        ).measure(into: &report)
        let environment = ProcessInfo.processInfo.environment
        guard let ansible = environment["ANSIBLE_PLAYBOOK"], let host = environment["DOCKER_HOST"] else { return }
        var figures = report
        try onBench(String(host.dropFirst("unix://".count)), containers) { bench in
            try AnsibleMeasurement(bench: bench, program: ansible, repetitions: pairs ?? (quick ? 1 : 5))
                .measure(into: &figures)
        }
        report = figures
    }

    private func measureConfined(_ engine: String, into report: inout Report) throws {
        try onBench(engine, containers) { plain in
            let confined = try Workbench(
                reconcile: reconcile ?? Self.neighbour, socketPath: engine, replicas: containers, isConfined: true)
            try ConfinedMeasurement(
                plain: plain, confined: confined, repetitions: runs ?? (quick ? 5 : 40), runs: pairs ?? (quick ? 1 : 5)
            ).measure(into: &report)
            try confined.cleanUp()
        }
    }

    private func measureAPI(_ bench: Workbench, into report: inout Report) throws {
        progress("the API")
        try APIMeasurement(
            bench: bench, seconds: quick ? 3 : 20, subscribers: quick ? 50 : 1_000, repetitions: quick ? 2 : 15
        ).measure(into: &report)
    }

    private func measurePublishing(_ bench: Workbench, into report: inout Report) throws {
        try PublishingMeasurement(bench: bench, rounds: pairs ?? (quick ? 1 : 5), seconds: quick ? 3 : 10)
            .measure(into: &report)
    }

    private func measureRollout(_ bench: Workbench, into report: inout Report) throws {
        try RolloutMeasurement(bench: bench, repetitions: pairs ?? (quick ? 1 : 5)).measure(into: &report)
    }

    private func measureClaims(_ bench: Workbench, into report: inout Report) throws {
        try ClaimsMeasurement(
            bench: bench, members: quick ? 20 : 100, pairs: pairs ?? (quick ? 2 : 4), seconds: quick ? 5 : 30
        ).measure(into: &report)
    }

    private func measureLimits(_ engine: String, into report: inout Report) async throws {
        let bench = try Workbench(
            reconcile: reconcile ?? Self.neighbour, socketPath: engine, replicas: watched ?? (quick ? 20 : 200))
        progress("the limits of \(bench.replicas) containers")
        do {
            _ = try bench.converge(state: "limits")
            try await LimitsMeasurement(bench: bench, repetitions: quick ? 5 : 100).measure(into: &report)
        } catch {
            try bench.cleanUp()
            throw error
        }
        try bench.cleanUp()
    }

    private func onBench(
        _ engine: String, _ replicas: Int, hasHealthCheck: Bool = false, _ body: (Workbench) throws -> Void
    ) throws {
        let bench = try Workbench(
            reconcile: reconcile ?? Self.neighbour, socketPath: engine, replicas: replicas,
            hasHealthCheck: hasHealthCheck)
        do {
            try body(bench)
        } catch {
            try bench.cleanUp()
            throw error
        }
        try bench.cleanUp()
    }

    private func measureCommands(_ bench: Workbench, into report: inout Report) throws {
        progress("\(bench.replicas) containers")
        _ = try bench.converge(state: "top")
        try CommandLineMeasurement(bench: bench, seconds: quick ? 5 : 60, repetitions: runs ?? (quick ? 5 : 40))
            .measure(into: &report)
    }

    /// A host with many containers.
    private func measureMany(_ bench: Workbench, _ seconds: Int, into report: inout Report) throws {
        progress("\(bench.replicas) containers")
        _ = try bench.converge(state: "rest")
        try HealMeasurement(bench: bench, repetitions: quick ? 3 : 15).measure(into: &report)
        try RestartMeasurement(bench: bench, repetitions: quick ? 1 : 5).measure(into: &report)
        try IdleMeasurement(bench: bench, seconds: seconds).measure(into: &report)
    }

    private func show(_ report: Report) {
        print(report.markdown)
        print(report.missed.isEmpty ? "\nAll goals are met." : "\nMissed: \(report.missed.joined(separator: "; ")).")
    }

    private func measure(_ bench: Workbench, into report: inout Report) throws {
        var converge = ConvergeMeasurement(bench, repetitions: pairs ?? (quick ? 1 : 5))
        try converge.measure(into: &report)
        _ = try bench.converge(state: "quiet")
        let repetitions = runs ?? (quick ? 5 : 40)
        try QuietMeasurement(bench: bench, repetitions: repetitions).measure(into: &report)
        try DryRunMeasurement(bench: bench, examples: examples, repetitions: repetitions).measure(into: &report)
        try ValidateMeasurement(bench: bench, repetitions: quick ? 2 : 20).measure(into: &report)
        try ReaderLimitsMeasurement(folder: bench.folder, repetitions: quick ? 2 : 10).measure(into: &report)
        QueueMeasurement(repetitions: quick ? 1 : 5).measure(into: &report)
        PlanMeasurement(repetitions: quick ? 5 : 40).measure(into: &report)
        ScalingMeasurement(repetitions: quick ? 5 : 100).measure(into: &report)
        try ScalingLoopMeasurement(repetitions: quick ? 5 : 100).measure(into: &report)
    }

    /// `swift build` puts all executables into one folder.
    private static var neighbour: String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return own.deletingLastPathComponent().appendingPathComponent("reconcile").path
    }
}

/// Says on standard error what was just measured.
func progress(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
