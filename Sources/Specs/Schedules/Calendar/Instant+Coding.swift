extension Instant {
    /// The last second of the year 9999, the last that RFC 3339 can write.
    package static let lastWritable = Instant(secondsSince1970: 253_402_300_799)
    /// The first second of the year 1.
    private static let firstWritable = Instant(secondsSince1970: -62_135_596_800)

    /// Reads RFC 3339, as `parse` does.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(InvalidText) {
            self = try Instant.parse(text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
        }
    }

    /// Writes RFC 3339 in UTC, as `description` has it; what it cannot write becomes the nearest moment that it can.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(min(max(self, Self.firstWritable), Self.lastWritable).description)
    }
}
