import Foundation
import GitSource
import Reconciler
import Specs

/// Inputs made to exhaust the reader: each must be refused quickly, within little memory, and by name.
///
/// Every input is read by a process of its own, as the program reads a folder of specs; what one small file costs the same
/// process is taken off.
struct ReaderLimitsMeasurement {
    let folder: String
    let repetitions: Int

    private struct Input {
        var title: String
        var folder: String
        /// What the finding must say, so that a refusal for another reason does not count.
        var finding: String
    }

    func measure(into report: inout Report) throws(BenchError) {
        let small = Input(title: "", folder: "small", finding: "unknown kind")
        try write(["a.yaml": "apiVersion: reconcile.dev/v1\nkind: Nothing\n"], to: small)
        let baseline = try run(small)
        for input in try makeInputs() {
            let runs = try run(input)
            let base = Samples(baseline.map(\.wall.milliseconds)).median
            let times = Samples(runs.map { $0.wall.milliseconds - base })
            report.add("reader limits, \(input.title): time beyond one small file", milliseconds: times, below: 50)
            let memory = Samples(runs.map { Double($0.peakMemory) }).median
            let usual = Samples(baseline.map { Double($0.peakMemory) }).median
            let beyond = Int(max(0, memory - usual))
            report.add(
                "reader limits, \(input.title): memory beyond it", beyond.mebibytes,
                "\(Int(memory).mebibytes) in all, \(runs.count) runs",
                goal: .init(text: "< 50 MiB", isMet: beyond < 50 << 20))
        }
    }

    private func makeInputs() throws(BenchError) -> [Input] {
        let bomb = Input(title: "alias bomb", folder: "bomb", finding: "aliases counted in full")
        let lines = (1...9).map { level in
            "a\(level): &a\(level) [" + repeatElement("*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        try write(["a.yaml": "a0: &a0 x\n" + lines.joined()], to: bomb)
        let large = Input(title: "file of 10 MB", folder: "large", finding: "10000000 bytes")
        try write(["a.yaml": String(repeating: "a: bcdef\n\n", count: 1_000_000)], to: large)
        let deep = Input(title: "nesting of 10,000 brackets", folder: "deep", finding: "inside each other")
        try write(["a.yaml": String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)], to: deep)
        let steps = Input(title: "nesting of 10,000 `- `", folder: "steps", finding: "inside each other")
        try write(["a.yaml": String(repeating: "- ", count: 10_000)], to: steps)
        let many = Input(title: "100,000 files", folder: "many", finding: "more than 20000 spec files")
        try write(Dictionary(uniqueKeysWithValues: (0..<100_000).map { ("\($0).yaml", "") }), to: many)
        let spread = Input(
            title: "100,000 files in 100 folders", folder: "spread", finding: "more than 20000 spec files")
        try write(Dictionary(uniqueKeysWithValues: (0..<100_000).map { ("\($0 % 100)/\($0).yaml", "") }), to: spread)
        return [bomb, large, deep, steps, many, spread]
    }

    private func write(_ files: [String: String], to input: Input) throws(BenchError) {
        for (name, text) in files {
            let path = "\(folder)/reader/\(input.folder)/\(name)"
            if FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) { continue }
            do {
                let parent = URL(filePath: path).deletingLastPathComponent()
                try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: URL(filePath: path))
            } catch {
                throw BenchError("'\(path)' cannot be written: \(error)")
            }
        }
    }

    private func run(_ input: Input) throws(BenchError) -> [Run] {
        let path = "\(folder)/reader/\(input.folder)"
        let arguments = ["--read", path, "--finding", input.finding]
        var runs: [Run] = []
        for _ in 0...repetitions {
            let child = try ChildProcess("/proc/self/exe", arguments, errorFile: folder + "/stderr")
            var run = try child.wait()
            guard let said = FileManager.default.contents(atPath: folder + "/stderr"),
                let peak = Int(String(decoding: said, as: UTF8.self))
            else { throw BenchError("the reader did not say how much memory it used") }
            run.peakMemory = peak
            runs.append(run)
        }
        progress("reader limits, \(input.folder): \((runs.last?.wall.milliseconds ?? 0).text(1)) ms")
        // The first run warms the caches of the disk.
        return Array(runs.dropFirst())
    }

    /// The child: reads a folder of specs as the program does, fails unless it is refused with this finding, and says on
    /// standard error how much memory that took.
    static func read(_ folder: String, expecting finding: String) async throws {
        let said: String
        do throws(SourceError) {
            let snapshot = try await WorkingCopySource(directory: folder).fetch(accepted: nil)
            said = SpecLoader.load(snapshot.files).diagnostics.map(\.message).joined(separator: "\n")
        } catch {
            said = error.message
        }
        guard said.contains(finding) else { throw BenchError("expected '\(finding)', not '\(said)'") }
        FileHandle.standardError.write(Data(String(try ProcessUsage.ownPeak()).utf8))
    }
}
