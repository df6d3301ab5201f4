import Foundation
import Testing
import Vectors

/// The observations of client-go's and controller-runtime's own tests, run against our queue and limiter.
///
/// Source, license and format stand in the file.
struct WorkQueueVectorTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let path = root.appending(path: "Vectors/workqueue.json").path

    @Test("every case of the vectors passes, or is of a kind that is listed as not applicable")
    func runs() {
        let report = Conformance.run(path: Self.path)
        #expect(report.failed == 0, "\(report.lines.joined(separator: "\n"))")
        #expect(report.passed == 32 && report.skipped == 5)
    }

    @Test(
        "a case that the runner cannot map fails",
        arguments: [
            #"{"kind": "sequence", "queue": "lifo", "steps": [{"op": "add", "key": "a"}]}"#,
            #"{"kind": "table", "queue": "fifo"}"#,
            #"{"kind": "sequence", "queue": "fifo", "steps": []}"#,
            #"{"kind": "sequence", "queue": "fifo", "steps": [{"op": "push", "key": "a"}]}"#,
            #"{"kind": "sequence", "queue": "fifo", "steps": [{"op": "add", "key": "a", "weight": 1}]}"#,
            #"{"kind": "sequence", "queue": "fifo", "steps": [{"op": "metrics", "expect": {"retires": 0}}]}"#,
            #"{"kind": "sequence", "queue": "fifo", "steps": [{"op": "len"}]}"#,
            #"{"kind": "sequence", "queue": "limiter", "config": {"type": "linear"}, "steps": [{"op": "forget"}]}"#,
            #"{"kind": "stress", "queue": "fifo", "config": {}, "invariants": ["every key is a prime"]}"#,
            #"{"kind": "stress", "queue": "fifo", "config": {"threads": 3}, "invariants": ["no deadlock"]}"#,
        ])
    func unmapped(json: String) throws {
        let fields = try JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8))
        guard case .failed = Conformance.run(VectorCase(fields: fields, number: 0)) else {
            Issue.record("passed or skipped")
            return
        }
    }

    @Test("a failure names the step, what was expected and what was got")
    func finding() throws {
        let json =
            #"{"kind": "sequence", "queue": "fifo", "steps": [{"op": "add", "key": "a"}, {"op": "len", "expect": 2}]}"#
        let fields = try JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8))
        let outcome = Conformance.run(VectorCase(fields: fields, number: 0))
        #expect(outcome == .failed("step 1, len: expected 2, got 1"))
    }

    @Test("a file that is missing or empty is a failure", arguments: ["/nowhere/queue.json", "/dev/null"])
    func unreadable(path: String) { #expect(Conformance.run(path: path).failed == 1) }

    @Test("the document lists what is not applicable with the reasons of the code")
    func document() throws {
        let file = Self.root.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/conformance.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let section = text.components(separatedBy: "## Not applicable\n").last?.components(separatedBy: "\n## ").first
        let rows = (section ?? "").split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        #expect(rows == Inapplicable.all.map { "| `\($0.kind)` | \($0.reason) |" })
    }
}
