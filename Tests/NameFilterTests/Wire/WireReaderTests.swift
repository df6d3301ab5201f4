import ReconcileTesting
import Testing

@testable import NameFilter

struct WireReaderTests {
    struct BadName: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// From byte 12 on; the name begins at `start`.
        var body: [UInt8]
        var start = 12
        var error: WireError
    }

    private static let header = Array(repeating: UInt8(0), count: 12)

    static let badNames = [
        BadName(testDescription: "nothing", body: [], error: .truncated),
        BadName(testDescription: "a label that ends early", body: [5, 97, 98], error: .truncated),
        BadName(testDescription: "no end", body: [1, 97], error: .truncated),
        BadName(testDescription: "a pointer cut in two", body: [0xC0], error: .truncated),
        BadName(testDescription: "a pointer to itself", body: [0xC0, 12], error: .badPointer),
        BadName(testDescription: "a pointer forward", body: [0xC0, 14, 1, 97, 0], error: .badPointer),
        BadName(testDescription: "a pointer into the header", body: [0xC0, 2], error: .badPointer),
        BadName(
            testDescription: "two pointers in a circle", body: [0xC0, 14, 0xC0, 12], start: 14, error: .badPointer),
        BadName(testDescription: "a circle through a label", body: [1, 97, 0xC0, 12], error: .badPointer),
        BadName(testDescription: "a label of type 01", body: [0x41, 0, 0], error: .badName),
        BadName(testDescription: "a label of type 10", body: [0x80, 0, 0], error: .badName),
        BadName(
            testDescription: "256 bytes",
            body: Array(repeating: [63] + Array(repeating: 97, count: 63), count: 4).flatMap(\.self) + [0],
            error: .badName),
        BadName(
            testDescription: "20 pointers, each to the one before",
            body: [0, 0] + (0..<20).flatMap { [0xC0, UInt8(12 + $0 * 2)] }, start: 12 + 40, error: .badPointer),
    ]

    @Test("names that are none are told apart, and reading them ends", arguments: badNames)
    func badName(_ c: BadName) {
        var reader = WireReader(Self.header + c.body, from: c.start)
        #expect(throws: c.error) { try reader.name() }
    }

    @Test("a name goes on where its pointer leads, in lower case")
    func pointer() throws {
        let bytes = Self.header + NameMessage.wire("Example.COM") + [3, 87, 119, 119, 0xC0, 12, 7]
        var reader = WireReader(bytes, from: 12 + 13)
        #expect(try reader.name() == DomainName("www.example.com"))
        #expect(try reader.byte() == 7)
    }

    @Test("the longest name has 255 bytes")
    func longest() throws {
        let labels = Array(repeating: String(repeating: "a", count: 63), count: 3) + [String(repeating: "b", count: 61)]
        let text = labels.joined(separator: ".")
        var reader = WireReader(Self.header + NameMessage.wire(text), from: 12)
        #expect(try reader.name().wire.count == 255)
        #expect(DomainName(text + "c") == nil)
    }

    @Test("a name is shown as a person would write it, and never as something else")
    func shown() throws {
        #expect(DomainName("Example.com.")?.description == "example.com")
        var reader = WireReader(Self.header + [4, 97, 46, 10, 255, 1, 98, 0], from: 12)
        #expect(try reader.name().description == "a\\046\\010\\255.b")
        #expect(DomainName.root.description == ".")
    }
}
