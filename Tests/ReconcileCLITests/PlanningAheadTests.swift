import Foundation
import ReconcileTesting
import Testing

@testable import ReconcileCLI

/// `reconcile calendar` and `reconcile autoscaler --simulate`, as programs.
struct PlanningAheadTests {
    private static let specs =
        Declared.workloadText() + """
            ---
            apiVersion: reconcile.dev/v1
            kind: MaintenanceWindow
            metadata: {name: third-sunday}
            spec:
              kind: allow
              schedule: {weekday: sunday, nth: 3, at: "02:00"}
              duration: 4h
              timeZone: Asia/Tokyo
              selector: {}
              notice: 24h
            ---
            apiVersion: reconcile.dev/v1
            kind: MaintenanceWindow
            metadata: {name: year-end}
            spec:
              kind: deny
              schedule: {dates: ["2026-12-24T18:00"]}
              duration: 200h
              selector: {}
            ---
            apiVersion: reconcile.dev/v1
            kind: Autoscaler
            metadata: {name: web}
            spec:
              target: {kind: Workload, name: web}
              min: 1
              max: 8
              metrics: [{type: Resource, name: cpu, target: {averageUtilization: 50}}]

            """

    private func run(_ arguments: [String], _ files: [String: String] = [:]) async throws -> Program.Ending {
        try await ScratchFolder.with { folder in
            try folder.write("specs/all.yaml", Self.specs)
            for (name, text) in files { try folder.write(name, text) }
            return try await Program().run(arguments.map { $0.replacing("@", with: folder.path + "/") })
        }
    }

    @Test("the calendar lists openings and freezes by the clocks of their places")
    func calendar() async throws {
        let ending = try await run(["calendar", "@specs", "--from", "2026-11-21T13:00:00Z", "--days", "60"])
        #expect(ending.exitCode == 0, "\(ending)")
        #expect(
            ending.output == """
                  open    Sun 2026-12-20 02:00  to 06:00                 Asia/Tokyo  4h     third-sunday  disruptive and destructive  announced Sat 2026-12-19 02:00
                  freeze  Thu 2026-12-24 18:00  to Sat 2027-01-02 02:00  UTC         8d 8h  year-end      disruptive and destructive
                  open    Sun 2027-01-17 02:00  to 06:00                 Asia/Tokyo  4h     third-sunday  disruptive and destructive  announced Sat 2027-01-16 02:00

                2 openings and 1 freeze in 60 days.

                """)
    }

    @Test("as JSON and as a calendar file")
    func formats() async throws {
        let arguments = ["calendar", "@specs", "--from", "2026-11-21T13:00:00Z", "--days", "30", "-o"]
        let json = try await run(arguments + ["json"]).output
        #expect(
            json.contains("\"opens\" : \"2026-12-19T17:00:00Z\"") && json.contains("\"formatVersion\" : 1"), "\(json)")
        let file = try await run(arguments + ["ics"]).output
        #expect(file.hasPrefix("BEGIN:VCALENDAR\r\n") && file.hasSuffix("END:VCALENDAR\r\n"), "\(file)")
    }

    @Test("what cannot be understood is said, with the usual exit codes")
    func wrong() async throws {
        #expect(try await run(["calendar", "@specs", "--days", "0"]).exitCode == 64)
        #expect(try await run(["calendar", "@specs", "--from", "tomorrow"]).exitCode == 64)
        #expect(try await run(["calendar", "@nowhere"]).exitCode == 1)
        #expect(try await run(["--dry-run", "--specs", "@specs", "-o", "ics"]).exitCode == 64)
        let unknown = try await run(["autoscaler", "wep", "@specs", "--simulate", "@load.csv"])
        #expect(unknown.exitCode == 1 && unknown.errors.contains("there is no Autoscaler 'wep'; there are web"))
    }

    @Test("a recording is replayed, with what was done and why")
    func simulate() async throws {
        let load = "time,Resource/cpu,members\n0,25,2\n60,95,2\n120,95,2\n180,25,2\n600,25,2\n"
        let arguments = ["autoscaler", "web", "@specs", "--simulate", "@load.csv"]
        let ending = try await run(arguments, ["load.csv": load])
        #expect(ending.exitCode == 0, "\(ending)")
        #expect(ending.output.contains("2 -> 4"), "\(ending.output)")
        #expect(ending.output.contains("Resource/cpu is at 95% of 50%"), "\(ending.output)")
        #expect(ending.output.contains("members  4 -> 1 (autoscaled, bounds 1-8)"), "\(ending.output)")
        let json = try await run(arguments + ["-o", "json"], ["load.csv": load]).output
        #expect(json.contains("\"scaleUps\" : 1"), "\(json)")
        let damaged = try await run(arguments, ["load.csv": "time,Resource/cpu\n0,many\n"])
        #expect(damaged.exitCode == 1 && damaged.errors.contains("line 2: 'many' is not a number"))
    }
}
