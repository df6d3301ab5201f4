import GitSource
import Testing

@Suite("when the source is asked again")
struct PollScheduleTests {
    @Test(
        "failures double the interval up to ten times, and jitter is a tenth",
        arguments: [(0, 60.0), (1, 120.0), (2, 240.0), (3, 480.0), (4, 600.0), (5, 600.0), (1_000, 600.0)])
    func backsOff(failures: Int, seconds: Double) {
        var schedule = PollSchedule(interval: .seconds(60))
        for _ in 0..<failures { schedule.recordFailure() }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let delay = schedule.delay(using: &generator) / .seconds(1)
            #expect(delay >= seconds * 0.9 && delay <= seconds * 1.1)
        }
    }

    @Test("a success ends the backing off")
    func recovers() {
        var schedule = PollSchedule(interval: .seconds(60))
        schedule.recordFailure()
        schedule.recordSuccess()
        #expect(schedule == PollSchedule(interval: .seconds(60)))
    }

    @Test("the same dice give the same delay")
    func reproducible() {
        let schedule = PollSchedule(interval: .seconds(60))
        var first = Dice(state: 7)
        var second = Dice(state: 7)
        #expect(schedule.delay(using: &first) == schedule.delay(using: &second))
    }

    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
    }
}
