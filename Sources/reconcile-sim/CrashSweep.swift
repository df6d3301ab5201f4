import Simulation

/// Ends the program at every point of every small story, on all cores.
struct CrashSweep: Sendable {
    /// - Returns: whether every telling ended as it should.
    func run() async -> Bool {
        let clock = ContinuousClock()
        let begun = clock.now
        let results = await withTaskGroup(of: (CrashExplorer.Coverage, [CrashExplorer.Finding]).self) { group in
            for scenario in Scenario.all { group.addTask { CrashExplorer().explore(scenario) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var coverage = CrashExplorer.Coverage()
        for result in results { coverage += result.0 }
        let findings = results.flatMap(\.1).sorted { $0.description < $1.description }
        for finding in findings { print(finding) }
        print(
            """
            \(coverage.scenarios) stories with \(coverage.steps) steps and \(coverage.points) points, told \
            \(coverage.tellings) times in \(begun.duration(to: clock.now) / .seconds(1)) s, \(findings.count) wrong
            """)
        return findings.isEmpty
    }
}
