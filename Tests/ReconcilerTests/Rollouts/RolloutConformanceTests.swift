import Foundation
import Testing
import Vectors

/// Kubernetes' rolling update, run against ours; source, license and format stand in the file.
struct RolloutConformanceTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Vectors/rolling_update.json")

    @Test("every case passes, or is of a kind that is listed as not applicable")
    func runs() {
        let report = Conformance.run(path: Self.file.path)
        #expect(report.failed == 0, "\(report.lines.joined(separator: "\n"))")
        #expect(report.passed == 33 && report.skipped == 4)
    }

    @Test(
        "a case that the runner cannot map fails",
        arguments: [
            #"{"fn": "resolve_fenceposts", "input": {"maxSurge": 1, "maxUnavailable": 1, "desired": 4}, "expect": {"surge": 2}}"#,
            #"{"fn": "reconcile_new_rs", "input": {"deployment": 10, "max_surge": 0, "max_unavailable": 0, "old": 10, "new": 0, "moon": 1}, "expect": {"scaled": false}}"#,
            #"{"fn": "cleanup_unhealthy", "input": {"old": 10, "ready": 8, "unhealthy": 2, "max_cleanup": 3}, "expect": {"mood": 2}}"#,
        ])
    func unmapped(json: String) throws {
        let fields = try JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8))
        guard case .failed = Conformance.run(VectorCase(fields: fields, number: 0)) else {
            Issue.record("passed or skipped")
            return
        }
    }
}
