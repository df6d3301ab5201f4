import Foundation
import Testing
import Vectors

/// The windows of Argo CD, Nomad, KEDA and kured, and the schedules of robfig/cron and dateutil, run as conformance.
struct WindowConformanceTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "SpecsTests/Vectors")

    @Test(
        "every case passes, or is of a kind that is listed as not applicable",
        arguments: [("sync_windows", 152, 17), ("cron", 128, 5)])
    func runs(file: String, passed: Int, skipped: Int) {
        let report = Conformance.run(path: Self.folder.appending(path: "\(file).json").path)
        #expect(report.failed == 0, "\(report.lines.joined(separator: "\n"))")
        #expect(report.passed == passed && report.skipped == skipped)
    }

    @Test(
        "a case that the runner cannot map fails",
        arguments: [
            #"{"kind": "can_sync", "windows": [], "now": "yesterday", "manual": false, "error": false, "expected": true}"#,
            #"{"kind": "can_sync", "windows": [], "now": "2026-01-01T00:00:00Z", "manual": false, "error": false, "expected": true, "weather": "fine"}"#,
            #"{"kind": "helper_has_allow", "windows": [{"kind": "allow", "colour": "red"}], "expected": true}"#,
            #"{"kind": "bits", "min": 0, "max": 3, "step": 1, "values": [0, 1, 2, 3], "star": true}"#,
            #"{"kind": "weekday_window", "days": "someday", "start": "1am", "end": "2am", "zone": "UTC", "now": "2026-01-01T00:00:00Z", "expected": false}"#,
        ])
    func unmapped(json: String) throws {
        let fields = try JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8))
        guard case .failed = Conformance.run(VectorCase(fields: fields, number: 0)) else {
            Issue.record("passed or skipped")
            return
        }
    }
}
