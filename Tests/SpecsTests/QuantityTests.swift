import Specs
import Testing

@Suite("Quantities and durations are read exactly")
struct QuantityTests {
    @Test(
        "CPU time",
        arguments: [
            ("2", 2_000_000_000), ("500m", 500_000_000), ("1.5", 1_500_000_000), ("0.01", 10_000_000),
            ("0.000000001", 1), ("0.5m", 500_000), ("1.500", 1_500_000_000), ("0", 0), ("1000m", 1_000_000_000),
        ])
    func cpus(text: String, nanoCPUs: Int64) throws {
        #expect(try CPUQuantity.parse(text).nanoCPUs == nanoCPUs)
    }

    @Test(
        "what is no CPU time",
        arguments: [
            ("two", "it begins with a digit"), ("", "it begins with a digit"), ("-1", "it cannot be negative"),
            ("010", "remove the leading zero"), ("1.", "a digit must follow the point"),
            (".5", "it begins with a digit"),
            ("1e3", "the only unit is 'm', thousandths of a CPU"), ("1 ", "the only unit is 'm', thousandths of a CPU"),
            ("0.0000000001", "it is finer than a billionth of a CPU"),
            ("1.0000000000000000001", "it has more than 18 digits behind the point"),
            ("99999999999", nil), ("99999999999999999999", nil),
        ] as [(String, String?)])
    func noCPUs(text: String, problem: String?) {
        #expect(throws: QuantityError(problem: problem)) { try CPUQuantity.parse(text) }
    }

    @Test(
        "bytes",
        arguments: [
            ("1024", 1024), ("4Gi", 4 << 30), ("500M", 500_000_000), ("1.5Gi", 3 << 29), ("1k", 1000), ("1Ki", 1024),
            ("2T", 2_000_000_000_000), ("1Pi", 1 << 50), ("7Ei", 7 << 60), ("9E", 9_000_000_000_000_000_000),
            ("0.1Gi", 107_374_183), ("0", 0), ("9223372036854775807", Int64.max),
        ])
    func bytes(text: String, bytes: Int64) throws {
        #expect(try ByteQuantity.parse(text).bytes == bytes)
    }

    @Test(
        "what is no amount of bytes",
        arguments: [
            ("4GB", "write G"), ("4GiB", "write Gi"), ("4K", "write Ki or k"),
            ("100m", "'m' is thousandths; write Mi or M"),
            ("1_000", "the units are Ki, Mi, Gi, Ti, Pi, Ei, k, M, G, T, P and E"),
            ("8Ei", nil), ("9999999999Gi", nil), ("9223372036854775808", nil),
        ] as [(String, String?)])
    func noBytes(text: String, problem: String?) {
        #expect(throws: QuantityError(problem: problem)) { try ByteQuantity.parse(text) }
    }

    @Test(
        "durations",
        arguments: [
            ("90s", .seconds(90)), ("1h30m", .seconds(5400)), ("1.5h", .seconds(5400)), ("250ms", .milliseconds(250)),
            ("0s", .zero), ("1m1h", .seconds(3660)), ("10us", .microseconds(10)), ("10µs", .microseconds(10)),
            ("7ns", .nanoseconds(7)), ("1h1m1s1ms1us1ns", .nanoseconds(3_661_001_001_001)),
        ] as [(String, Duration)])
    func durations(text: String, duration: Duration) throws {
        #expect(try Duration.parse(text) == duration)
    }

    @Test(
        "what is no duration",
        arguments: [
            ("90", "give it a unit: '90s' is seconds"), ("0", "give it a unit: '0s' is seconds"),
            ("1d", "the units are h, m, s, ms, us and ns"), ("1h30", "give it a unit: '1h30s' is seconds"),
            ("1m 30s", "the units are h, m, s, ms, us and ns"), ("0.1ns", "it is finer than a nanosecond"),
            ("-5s", "it cannot be negative"), ("s", "it begins with a digit"), ("2562048h", nil),
            ("2562047h1000000000000s", nil),
        ] as [(String, String?)])
    func noDurations(text: String, problem: String?) {
        #expect(throws: QuantityError(problem: problem)) { try Duration.parse(text) }
    }

    @Test(
        "durations are written as Go writes them",
        arguments: [
            (.seconds(90), "1m30s"), (.seconds(3600), "1h"), (.zero, "0s"), (.milliseconds(1500), "1s500ms"),
            (.nanoseconds(7), "7ns"),
        ] as [(Duration, String)])
    func writing(duration: Duration, text: String) throws {
        #expect(duration.goText == text)
        #expect(try Duration.parse(text) == duration)
    }

    @Test(
        "what a quantity says of itself reads back as itself",
        arguments: [1, 10_000_000, 1_500_000_000, 12_345_678_901])
    func roundTrip(nanoCPUs: Int64) throws {
        let quantity = CPUQuantity(nanoCPUs: nanoCPUs)
        #expect(try CPUQuantity.parse(quantity.description) == quantity)
        #expect(try ByteQuantity.parse(ByteQuantity(bytes: nanoCPUs).description).bytes == nanoCPUs)
    }
}
