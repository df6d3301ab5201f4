/// Reads a TZif file (RFC 9636), versions 1 to 4.
///
/// Every count is checked against the bytes that are there before anything is read by it. What is damaged is an error with
/// the reason, never a zone that is nearly right.
struct TZifReader {
    private var bytes: ArraySlice<UInt8>

    /// Larger than any zone of the database by a factor of some sixty.
    static let largestFile = 256 * 1024

    /// Why a file is not one.
    struct Damage: Error, Equatable { var reason: String }

    static func read(_ bytes: [UInt8], name: String) throws(Damage) -> TimeZoneRules {
        guard bytes.count <= largestFile else { throw Damage(reason: "it is larger than \(largestFile) bytes") }
        var reader = TZifReader(bytes: bytes[...])
        let first = try reader.header()
        guard first.version >= 2 else {
            return try reader.block(first, timeBytes: 4).rules(name: name, footer: nil)
        }
        // The first block repeats what fits into 32 bits, for readers of version 1.
        _ = try reader.take(first.size(timeBytes: 4))
        let header = try reader.header()
        let block = try reader.block(header, timeBytes: 8)
        return block.rules(name: name, footer: try reader.footer())
    }

    private struct Header {
        var version: Int
        var utCount: Int
        var standardCount: Int
        var leapCount: Int
        var timeCount: Int
        var typeCount: Int
        var characterCount: Int

        func size(timeBytes: Int) -> Int {
            timeCount * (timeBytes + 1) + typeCount * 6 + characterCount + leapCount * (timeBytes + 4) + standardCount
                + utCount
        }
    }

    private struct Block {
        var transitions: [Int64]
        var transitionTypes: [UInt8]
        var types: [LocalTimeType]

        func rules(name: String, footer: PosixTimeZone?) -> TimeZoneRules {
            TimeZoneRules(
                name: name, transitions: transitions, transitionTypes: transitionTypes, types: types, footer: footer)
        }
    }

    private mutating func take(_ count: Int) throws(Damage) -> ArraySlice<UInt8> {
        guard count <= bytes.count else { throw Damage(reason: "it ends too early") }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    private mutating func number(_ count: Int) throws(Damage) -> Int64 {
        let bytes = try take(count)
        // The first byte carries the sign.
        let start: Int64 = bytes.first.map { $0 & 0x80 == 0 ? 0 : -1 } ?? 0
        return bytes.reduce(start) { $0 << 8 | Int64($1) }
    }

    private mutating func header() throws(Damage) -> Header {
        guard try take(4).elementsEqual("TZif".utf8) else { throw Damage(reason: "it is not a TZif file") }
        let version: Int
        switch try take(1).first {
        case 0: version = 1
        case let digit? where (UInt8(ascii: "2")...UInt8(ascii: "9")).contains(digit): version = Int(digit - 0x30)
        default: throw Damage(reason: "its version is unknown")
        }
        _ = try take(15)
        var counts: [Int] = []
        for _ in 0..<6 {
            let count = try number(4)
            guard (0...Int64(Self.largestFile)).contains(count) else {
                throw Damage(reason: "it counts \(count) entries")
            }
            counts.append(Int(count))
        }
        let header = Header(
            version: version, utCount: counts[0], standardCount: counts[1], leapCount: counts[2], timeCount: counts[3],
            typeCount: counts[4], characterCount: counts[5])
        guard (1...256).contains(header.typeCount), [0, header.typeCount].contains(header.utCount),
            [0, header.typeCount].contains(header.standardCount)
        else { throw Damage(reason: "its counts contradict each other") }
        return header
    }

    private mutating func block(_ header: Header, timeBytes: Int) throws(Damage) -> Block {
        guard header.leapCount == 0 else { throw Damage(reason: "it counts leap seconds") }
        guard header.size(timeBytes: timeBytes) <= bytes.count else { throw Damage(reason: "it ends too early") }
        var transitions: [Int64] = []
        for _ in 0..<header.timeCount {
            let time = try number(timeBytes)
            if let last = transitions.last, time <= last { throw Damage(reason: "its changes are out of order") }
            transitions.append(time)
        }
        let transitionTypes = Array(try take(header.timeCount))
        guard transitionTypes.allSatisfy({ Int($0) < header.typeCount }) else {
            throw Damage(reason: "a change has a type that is not there")
        }
        let records = Array(try take(header.typeCount * 6))
        let characters = Array(try take(header.characterCount))
        var types: [LocalTimeType] = []
        for start in stride(from: 0, to: records.count, by: 6) {
            types.append(try Self.type(records[start..<start + 6], characters))
        }
        // Whether the rules were once written in standard time or in UTC changes nothing for a reader.
        _ = try take(header.standardCount + header.utCount)
        return Block(transitions: transitions, transitionTypes: transitionTypes, types: types)
    }

    private static func type(_ record: ArraySlice<UInt8>, _ characters: [UInt8]) throws(Damage) -> LocalTimeType {
        var reader = TZifReader(bytes: record)
        let offset = try reader.number(4)
        guard abs(offset) <= TimeZoneRules.greatestOffset else {
            throw Damage(reason: "a clock is \(offset) seconds from UTC")
        }
        let isDaylightSaving = try reader.take(1).first == 1
        let index = Int(try reader.take(1).first ?? 0)
        let name = characters.dropFirst(index).prefix { $0 != 0 }
        guard index + name.count < characters.count, name.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Damage(reason: "a clock has a name that is not there")
        }
        return LocalTimeType(
            offset: Int(offset), isDaylightSaving: isDaylightSaving, abbreviation: String(decoding: name, as: UTF8.self)
        )
    }

    /// The rule between two line feeds; nil where it is empty.
    private mutating func footer() throws(Damage) -> PosixTimeZone? {
        guard try take(1).first == UInt8(ascii: "\n"), let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
            throw Damage(reason: "it has no rule for the future")
        }
        let text = String(decoding: bytes[..<end], as: UTF8.self)
        if text.isEmpty { return nil }
        guard let footer = PosixTimeZone(text) else {
            throw Damage(reason: "its rule for the future is \(Diagnostic.quote(text))")
        }
        return footer
    }
}
