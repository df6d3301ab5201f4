import Foundation
import Testing
import Vectors

/// Kubernetes' autoscaler and Nomad's strategies, run against ours; source, license and format stand in the files.
struct ScalingConformanceTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Vectors")

    @Test(
        "every case passes, or is of a kind that is listed as not applicable",
        arguments: [
            ("hpa_replica_calculator", 54, 6), ("hpa_behavior", 97, 0), ("extra_scaling_strategies", 29, 0),
        ])
    func runs(file: String, passed: Int, skipped: Int) {
        let report = Conformance.run(path: Self.folder.appending(path: "\(file).json").path)
        #expect(report.failed == 0, "\(report.lines.joined(separator: "\n"))")
        #expect(report.passed == passed && report.skipped == skipped)
    }

    @Test(
        "a case that the runner cannot map fails",
        arguments: [
            #"{"fn": "divine", "current": 1, "expect": {"replicas": 1}}"#,
            #"{"fn": "object_average", "current": 3, "target_milli": 5000, "tolerance_down": 0.1, "tolerance_up": 0.1, "object_value_milli": 20000, "expect": {"replicas": 4, "mood": "good"}}"#,
            #"{"fn": "scale_up_limit", "input": {"current": 1, "policies": [{"type": "Wishes", "value": 3, "periodSeconds": 1}], "selectPolicy": "Max", "upEvents": [], "downEvents": []}, "expect": {"limit": 2}}"#,
            #"{"fn": "condition_on_failure", "input": {"failure": "a meteor", "spec": 3}, "expect": {"replicas": 3}}"#,
            #"{"strategy": "astrology", "count": 1, "metrics": [1], "config": {}, "expect": {"direction": "none"}}"#,
            #"{"strategy": "pass-through", "count": 1, "metrics": [1], "config": {"colour": "red"}, "expect": {"direction": "none"}}"#,
        ])
    func unmapped(json: String) throws {
        let fields = try JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8))
        guard case .failed = Conformance.run(VectorCase(fields: fields, number: 0)) else {
            Issue.record("passed or skipped")
            return
        }
    }
}
