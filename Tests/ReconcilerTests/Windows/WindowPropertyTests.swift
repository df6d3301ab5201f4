import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What holds for any windows at any time, against a walk step by step.
struct WindowPropertyTests {
    private static func windows(_ random: inout SplitMix64) throws -> WindowSet {
        let crons = ["0 * * * *", "30 2 * * *", "0 22 * * MON-FRI", "*/20 * * * *", "0 0 * * *", "15 1,13 * * *"]
        let zones = ["UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"]
        let lengths: [Int64] = [600, 1_800, 3_600, 5 * 3_600, 26 * 3_600]
        var windows: [Window] = []
        for number in 0..<Int.random(in: 1...4, using: &random) {
            windows.append(
                try Wall.window(
                    "w\(number)", Bool.random(using: &random) ? .allow : .deny,
                    cron: RandomSpecs.pick(crons, &random), for: .seconds(RandomSpecs.pick(lengths, &random)),
                    in: RandomSpecs.pick(zones, &random)))
        }
        return WindowSet(windows)
    }

    /// A moment within two days of one on which some clock is set, or any.
    private static func moment(_ random: inout SplitMix64) -> Instant {
        let starts: [Int64] = [1_772_953_200, 1_793_512_800, 1_775_314_800, 1_781_006_400]
        return Instant(
            secondsSince1970: RandomSpecs.pick(starts, &random) + .random(in: -400...400, using: &random) * 300)
    }

    @Test("the next permission and its end are what a walk finds", arguments: Seeds.corpus(60))
    func walk(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let (set, from) = (try Self.windows(&random), Self.moment(&random))
        let moments = (0..<864).map { from.advanced(bySeconds: Int64($0) * 300) }
        let walk = moments.map(set.permits)
        let end = from.advanced(bySeconds: 864 * 300)
        let next = set.nextPermission(from: from)
        if let first = walk.firstIndex(of: true) {
            #expect(next == moments[first])
        } else {
            #expect(next.map { $0 >= end } ?? true)
        }
        guard walk[0] else { return }
        let shut = set.permissionEnd(from: from)
        if let last = walk.firstIndex(of: false) {
            #expect(shut == moments[last])
        } else {
            #expect(shut.map { $0 >= end } ?? true)
        }
    }

    @Test(
        "a decision fits what was found: permitted exactly when it may go on and there is time",
        arguments: Seeds.corpus(80))
    func decisions(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let (set, now) = (try Self.windows(&random), Self.moment(&random))
        let bound = Int64.random(in: 0...7_200, using: &random)
        let question = WindowQuestion(at: now, lasting: .seconds(bound))
        switch set.decision(on: question) {
        case .permitted(let permission):
            #expect(set.permits(at: now))
            if let until = permission.until { #expect(until.secondsSince1970 - now.secondsSince1970 >= bound) }
        case .held(let hold):
            #expect(
                !hold.windows.isEmpty && hold.windows.allSatisfy { name in set.windows.contains { $0.name == name } })
            guard let until = hold.until else { return }
            #expect(until > now)
            // Then, and not before, it may start.
            #expect(set.decision(on: WindowQuestion(at: until, lasting: .seconds(bound))).isPermitted)
            let before = until.advanced(bySeconds: -1)
            #expect(!set.decision(on: WindowQuestion(at: before, lasting: .seconds(bound))).isPermitted)
        }
    }

    @Test("the order of windows is no matter", arguments: Seeds.corpus(20))
    func order(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let (set, now) = (try Self.windows(&random), Self.moment(&random))
        let question = WindowQuestion(at: now, lasting: .seconds(60))
        #expect(WindowSet(set.windows.reversed()).decision(on: question) == set.decision(on: question))
    }

    @Test("a calendar has the openings that searches find, none of them overlapping", arguments: Seeds.corpus(20))
    func calendar(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let (set, now) = (try Self.windows(&random), Self.moment(&random))
        let calendar = WindowCalendar(set, from: now, days: 4)
        for window in set.windows {
            let entries = calendar.entries.filter { $0.window == window.name && !$0.isSkipped }
            for (entry, next) in zip(entries, entries.dropFirst()) {
                #expect(entry.end.map { $0 < next.start } ?? false)
            }
            for minute in stride(from: Int64(0), to: 4 * 86_400, by: 600) {
                let at = now.advanced(bySeconds: minute)
                let isIn = entries.contains { $0.start <= at && ($0.end.map { at < $0 } ?? true) }
                #expect(isIn == window.schedule.isOpen(at: at))
            }
        }
    }
}
