import Reconciler
import Specs
import Testing

/// Recorded series, replayed.
struct ScalingSimulationTests {
    private static func recording(_ csv: String, _ spec: Autoscaler) throws -> MetricRecording {
        try MetricRecording(csv: csv, for: spec)
    }

    @Test("a load that comes and goes brings members and takes them away after the window")
    func load() throws {
        let spec = Scaled.spec(Scaled.cpu(), max: 8)
        var csv = "time,Resource/cpu,members\n"
        for minute in 0..<30 {
            let level = (5..<10).contains(minute) ? 95 : 25
            for quarter in 0..<4 { csv += "\(minute * 60 + quarter * 15),\(level),2\n" }
        }
        let outcome = ScalingSimulation.run(spec, try Self.recording(csv, spec))
        #expect(outcome.scaleUps == 1 && outcome.scaleDowns == 1)
        #expect(outcome.largest == 4 && outcome.smallest == 1 || outcome.smallest == 2)
        let changes = outcome.moments.filter(\.decision.isChange).map {
            "\($0.at.secondsSince1970): \($0.decision.desired)"
        }
        // Two members at 95 % of which 50 % is wanted are four; five minutes after the load has gone they go.
        #expect(changes == ["300: 4", "885: 1"])
    }

    @Test("gaps and what is no number take nothing away, and are counted")
    func gaps() throws {
        let spec = Scaled.spec(Scaled.passThrough())
        let csv = "time,External\n0,6\n15,NaN\n30,\n600,NaN\n660,NaN\n"
        let outcome = ScalingSimulation.run(spec, try Self.recording(csv, spec), initial: 6)
        #expect(outcome.final == 6 && outcome.scaleDowns == 0)
        #expect(outcome.blindSeconds == 645)
    }

    @Test("comments, blanks and other columns are passed over")
    func reading() throws {
        let spec = Scaled.spec(Scaled.queue())
        let recording = try Self.recording("# made by hand\n\ntime, Queue ,weather\n2026-11-21T08:00:00Z, 5 ,3\n", spec)
        #expect(recording.columns == ["Queue"] && recording.unknown == ["weather"])
        #expect(recording.rows.map(\.at) == [try Wall.at("2026-11-21T08:00:00Z")])
        #expect(recording.rows.map(\.values) == [[5]] && recording.rows.first?.members == nil)
    }

    @Test(
        "what cannot be read is said with its line",
        arguments: [
            ("", "the recording is empty"),
            ("at,Queue\n", "line 1 names no column 'time' (the first line names the columns)"),
            ("time,Queue\n", "the recording has no values"),
            ("time,Queue\n0\n", "line 2 has 1 cells, and the first has 2"),
            ("time,Queue\n0,five\n", "line 2: 'five' is not a number (leave the cell empty)"),
            ("time,Queue\n9,1\n8,1\n", "line 3 is earlier than the one before"),
            ("time,Cue\n9,1\n", "no column has a metric of the autoscaler (its metrics are Queue: add 'Queue')"),
        ])
    func wrong(csv: String, message: String) throws {
        let error = #expect(throws: InvalidText.self) { try Self.recording(csv, Scaled.spec(Scaled.queue())) }
        #expect(error?.description == message)
    }
}
