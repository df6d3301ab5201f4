import Specs
import Testing

/// Windows that an independent calendar and an independent time zone library laid out, by our own policy.
///
/// By that of RFC 5545, and all other cases of these files, they are run as conformance.
@Suite("Window vectors")
struct WindowVectorTests {
    private struct Case: Decodable {
        var id: String
        var rrule: String
        var dtstartLocal: String
        var zone: String
        var wallStart: String
        var wallEnd: String
        var occurrences: [Occurrence]

        func schedule(_ policy: LocalTimePolicy) throws -> WindowSchedule {
            let start = try CivilDateTime.parse(dtstartLocal)
            let days = RecurrenceDays(try RecurrenceRule.parse(rrule), from: start.date)
            return WindowSchedule(
                .recurrence(days, at: try WallTime.parse(wallStart)), .until(try WallTime.parse(wallEnd)),
                zone: try TimeZoneRules.named(zone), policy: policy)
        }
    }

    private struct Occurrence: Decodable {
        var localStart: String
        var startUtc: String
        var endUtc: String
        var startClass: String
        var endClass: String
        var gapEndUtc: String?
        var endGapEndUtc: String?
        var endUtcSecond: String?
    }

    private func cases() throws -> [Case] { try Vectors.cases("cron", kind: "rrule_window", as: Case.self) }

    private func found(_ vector: Case, _ policy: LocalTimePolicy) throws -> [WindowOccurrence] {
        let first = try Instant.parse("\(vector.dtstartLocal)Z").advanced(bySeconds: -2 * 86_400)
        return try vector.schedule(policy).occurrences(
            after: first, limit: vector.occurrences.count, includingEmpty: true)
    }

    @Test(
        "by our policy, gaps give their end and repeats the first start and the last or first end",
        arguments: [true, false])
    func ownPolicy(allows: Bool) throws {
        for vector in try cases() {
            let found = try found(vector, allows ? .allow : .deny)
            #expect(found.count == vector.occurrences.count, "\(vector.id)")
            for (occurrence, expected) in zip(found, vector.occurrences) {
                let start = expected.gapEndUtc ?? expected.startUtc
                let lateEnd = allows ? expected.endUtcSecond : nil
                let end = expected.endGapEndUtc ?? lateEnd ?? expected.endUtc
                #expect(occurrence.start.description == start, "\(vector.id) \(expected.localStart)")
                #expect(occurrence.end.description == end, "\(vector.id) \(expected.localStart)")
            }
        }
    }
}
