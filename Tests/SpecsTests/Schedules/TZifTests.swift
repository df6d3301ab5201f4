import Foundation
import Testing

@testable import Specs

@Suite("Files of time zones")
struct TZifTests {
    private func file(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(TimeZoneDatabase.systemDirectory)/\(name)")))
    }

    @Test(
        "a damaged file is an error or a zone, and never a crash",
        arguments: ["Europe/London", "Africa/Casablanca", "UTC"])
    func damaged(name: String) throws {
        let whole = try file(name)
        for length in 0..<whole.count { _ = try? TZifReader.read(Array(whole[..<length]), name: name) }
        var numbers = SeededNumbers(9636)
        for _ in 0..<1_500 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            // What is read must also be usable.
            guard let zone = try? TZifReader.read(bytes, name: name) else { continue }
            let instant = Instant(secondsSince1970: .random(in: -4_000_000_000...6_000_000_000, using: &numbers))
            _ = zone.match(zone.civil(at: instant))
        }
    }

    @Test("a file that ends early has nothing in front of its end either")
    func shortened() throws {
        let whole = try file("Asia/Tokyo")
        for length in 0..<whole.count {
            #expect(throws: TZifReader.Damage.self) { try TZifReader.read(Array(whole[..<length]), name: "x") }
        }
    }

    @Test("a file of version 1 has only what fits into 32 bits")
    func versionOne() throws {
        // Two types, one change at 1000 to the second, which is an hour ahead.
        let counts: [[UInt8]] = [0, 0, 0, 1, 2, 8].map { [0, 0, 0, $0] }
        var bytes = Array("TZif".utf8) + [UInt8](repeating: 0, count: 16) + counts.flatMap { $0 }
        bytes += [0, 0, 0x03, 0xE8] + [1]
        bytes += [0, 0, 0, 0, 0, 0] + [0, 0, 0x0E, 0x10, 1, 4]
        bytes += Array("AAA\0BBB\0".utf8)
        let zone = try TZifReader.read(bytes, name: "x")
        #expect(zone.segment(at: Instant(secondsSince1970: 999)).type.abbreviation == "AAA")
        #expect(zone.segment(at: Instant(secondsSince1970: 1000)).type.offset == 3600)
        bytes[43] = 9
        #expect(throws: TZifReader.Damage.self) { try TZifReader.read(bytes, name: "x") }
    }

    @Test("leap seconds are refused, because no other clock of ours counts them")
    func leapSeconds() throws {
        let path = "right/Asia/Tokyo"
        guard FileManager.default.fileExists(atPath: "\(TimeZoneDatabase.systemDirectory)/\(path)") else { return }
        #expect(throws: TZifReader.Damage(reason: "it counts leap seconds")) {
            try TZifReader.read(try file(path), name: path)
        }
    }

    @Test(
        "rules for the future",
        arguments: [
            ("EST5EDT,M3.2.0,M11.1.0", 2026, -14_400, "2026-03-08T07:00:00Z"),
            ("<+0330>-3:30", 2026, 12_600, nil), ("IST-1GMT0,M10.5.0,M3.5.0/1", 2026, 3600, "2026-03-29T01:00:00Z"),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026, -3600, "2026-03-29T01:00:00Z"),
            ("AAA3BBB,J60,J300", 2028, -7200, "2028-03-01T05:00:00Z"),
            ("AAA3BBB,59,300", 2028, -7200, "2028-02-29T05:00:00Z"),
            // Summer all year, as RFC 9636 writes it.
            ("XXX3EDT4,0/0,J365/23", 2026, -14_400, nil),
        ] as [(String, Int, Int, String?)])
    func footer(text: String, year: Int, summer: Int, change: String?) throws {
        let rule = try #require(PosixTimeZone(text))
        let july = try Instant.parse("\(year)-07-01T12:00:00Z")
        #expect(rule.segment(at: july).type.offset == summer)
        if let change { #expect(rule.segment(at: july).start?.description == change) }
    }

    @Test(
        "no rules for the future",
        arguments: [
            "", "EST", "EST5EDT", "E5", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0",
            "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,M3.2.0,M11.1.0,", "<+3-3", "EST25", "EST5EDT,M3.2.0/168,M11.1.0",
            "EST5EDT,J0,J1", "EST5EDT,366,1", "EST5:60", "EST5 ",
        ])
    func noFooter(text: String) { #expect(PosixTimeZone(text) == nil) }
}
