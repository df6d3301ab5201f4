/// The plan of the example specs, from the start of the process, against an engine that runs other things.
struct DryRunMeasurement {
    let bench: Workbench
    let examples: String
    let repetitions: Int

    func measure(into report: inout Report) throws(BenchError) {
        report.add("`--version`: what starting the program costs", milliseconds: try times(["--version"]))
        let arguments = ["--dry-run", "--specs", examples, "--host-name", "agents-1", "--host-label", "role=demo"]
        report.add("`--dry-run` of `examples/specs`", milliseconds: try times(arguments), below: 150)
    }

    private func times(_ arguments: [String]) throws(BenchError) -> Samples {
        _ = try bench.start(arguments: arguments).wait()
        var times: [Double] = []
        for _ in 0..<repetitions {
            times.append(try bench.start(arguments: arguments).wait().wall.milliseconds)
        }
        progress("\(arguments[0]): \(Samples(times).median.text(1)) ms")
        return Samples(times)
    }
}
