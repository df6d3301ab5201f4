import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Windows in the control loop: what waits for one comes back by itself.
struct WindowLoopTests {
    /// A new image for a member, and a window from 02:00 to 03:00.
    private func rig(from wall: Instant) throws -> LoopRig {
        try .replacing(under: try Wall.window("nights", cron: "0 2 * * *"), from: wall)
    }

    @Test("a replacement begins with the window, and nobody has to look")
    func opens() throws {
        var rig = try rig(from: try Wall.at("2026-11-21T01:00:00Z"))
        #expect(rig.steps.isEmpty)
        let held = try #require(rig.loop.currentPlan()?.held.first)
        guard case .held(let hold) = held.verdict else { return }
        #expect(hold.description == "MaintenanceWindow: held until Sat 2026-11-21 02:00 UTC (in 1h) by nights")
        rig.wait(.seconds(3_599))
        #expect(rig.steps.isEmpty)
        rig.wait(.seconds(1))
        #expect(rig.stepNames == ["create-container"])
    }

    @Test("in the window it begins at once")
    func isOpen() throws {
        let rig = try rig(from: try Wall.at("2026-11-21T02:59:00Z"))
        #expect(rig.stepNames == ["create-container"])
    }
}
