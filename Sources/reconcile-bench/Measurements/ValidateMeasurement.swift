import Foundation

/// `reconcile validate` of a large revision, beside what only reads the YAML of the same files.
struct ValidateMeasurement {
    let bench: Workbench
    let repetitions: Int

    private static let parse = """
        import os, sys, yaml
        for folder, _, names in os.walk(sys.argv[1]):
            for name in names:
                with open(os.path.join(folder, name), 'rb') as file:
                    for document in yaml.load_all(file, Loader=yaml.CSafeLoader): pass
        """

    func measure(into report: inout Report) throws(BenchError) {
        let revision = try LargeRevision(services: 1_000, in: bench.folder + "/validate-1000")
        let title = "1,000 files, 3,000 objects, \((Double(revision.bytes) / 1e6).text(1)) MB"
        var (ours, parsing, ratios): ([Run], [Double], [Double]) = ([], [], [])
        for number in 0...repetitions {
            let run = try validate(revision)
            let other = try python(["-c", Self.parse, revision.folder]).wall.milliseconds
            // The first pair warms the caches of the disk.
            guard number > 0 else { continue }
            ours.append(run)
            parsing.append(other)
            ratios.append(other / run.wall.milliseconds)
        }
        let times = Samples(ours.map(\.wall.milliseconds))
        report.add("`validate`, \(title)", milliseconds: times)
        report.add("its CPU time", milliseconds: Samples(ours.map(\.cpu.milliseconds)))
        let memory = ours.map(\.peakMemory).max() ?? 0
        report.add(
            "its largest resident set", memory.mebibytes, "",
            goal: .init(text: "< 100 MB", isMet: memory < 100_000_000))
        report.add("PyYAML with libyaml, merely loading the same files", milliseconds: Samples(parsing))
        report.add("PyYAML / `validate`", ratio: Samples(ratios), atLeast: 3)
        let lint = try python(["-m", "yamllint", "-d", "relaxed", revision.folder]).wall.milliseconds
        report.add("yamllint, the same files", milliseconds: Samples([lint]))
        report.add("yamllint / `validate`", "\((lint / times.median).text(0))x", "1 run")
        try measureGrowth(into: &report)
    }

    /// How the time grows with the number of files: the exponent between a hundred and ten thousand.
    private func measureGrowth(into report: inout Report) throws(BenchError) {
        let start = try median { try bench.start(arguments: ["--version"]).wait() }
        var times: [Double] = []
        for services in [100, 1_000, 10_000] {
            let revision = try LargeRevision(services: services, in: bench.folder + "/validate-\(services)")
            let time = try median { try validate(revision) } - start
            report.add("`validate`, \(services) files, without the start of the program", "\(time.text(1)) ms", "")
            times.append(time)
        }
        let exponent = log(times[2] / times[0]) / log(100)
        report.add("growth from 100 to 10,000 files", "n^\(exponent.text(2))", "1 is linear")
    }

    private func median(_ run: () throws -> Run) throws(BenchError) -> Double {
        var times: [Double] = []
        for _ in 0..<max(3, repetitions / 4) {
            do {
                times.append(try run().wall.milliseconds)
            } catch {
                throw BenchError("\(error)")
            }
        }
        return Samples(times).median
    }

    private func validate(_ revision: LargeRevision) throws(BenchError) -> Run {
        try bench.start(arguments: ["validate", revision.folder]).wait()
    }

    private func python(_ arguments: [String]) throws(BenchError) -> Run {
        try ChildProcess("/usr/bin/python3", arguments, errorFile: bench.folder + "/stderr").wait()
    }
}

/// Many services of fifty teams: a Workload, its Autoscaler and a nightly task each, in a file of its own.
struct LargeRevision {
    let folder: String
    private(set) var bytes = 0

    init(services: Int, in folder: String) throws(BenchError) {
        self.folder = folder
        let hosts = "spec: {hosts: {matchLabels: {role: bench}}}\n"
        try write("apiVersion: reconcile.dev/v1\nkind: HostPool\nmetadata: {name: all}\n" + hosts, to: "pool.yaml")
        for number in 0..<services {
            try write(Self.service(number, team: "team-\(number % 50)"), to: "team-\(number % 50)/\(number).yaml")
        }
    }

    private mutating func write(_ text: String, to name: String) throws(BenchError) {
        let url = URL(filePath: folder + "/" + name)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        } catch {
            throw BenchError("'\(url.path)' cannot be written: \(error)")
        }
        bytes += text.utf8.count
    }

    private static func service(_ number: Int, team: String) -> String {
        let settings = (0..<24).map {
            "      SETTING_\($0): \"a value of service \(number), as long as a real one: \($0)\""
        }
        return """
            # Service \(number)
            apiVersion: reconcile.dev/v1
            kind: Workload
            metadata:
              name: service-\(number)
              labels: {team: \(team), tier: web}
            spec:
              hostPool: all
              replicas: 2
              template:
                image: registry.example.com/\(team)/service-\(number):1.\(number)
                command: [/bin/service, --port, "8080"]
                env:
            \(settings.joined(separator: "\n"))
                ports: [8080/tcp]
                healthCheck: {command: [curl, --fail, "http://localhost:8080/health"], interval: 10s, timeout: 2s}
                resources: {cpus: 100m, memory: 64Mi, pids: 64}
            ---
            apiVersion: reconcile.dev/v1
            kind: Autoscaler
            metadata:
              name: service-\(number)
            spec:
              target: {kind: Workload, name: service-\(number)}
              min: 2
              max: 4
              metrics:
                - {type: Resource, name: cpu, target: {averageUtilization: 70}}
                - {type: Resource, name: memory, target: {averageUtilization: 80}}
            ---
            apiVersion: reconcile.dev/v1
            kind: ScheduledTask
            metadata:
              name: backup-\(number)
              labels: {team: \(team)}
            spec:
              hostPool: all
              schedule: "\(number % 60) 2 * * *"
              template:
                image: registry.example.com/backup:2.1
                command: [/bin/backup, service-\(number)]
                resources: {cpus: 100m, memory: 64Mi, pids: 64}

            """
    }
}
