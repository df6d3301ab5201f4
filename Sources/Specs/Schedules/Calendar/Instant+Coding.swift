extension Instant {
    /// From the year 1 to the end of the year 9999: what RFC 3339 can write.
    private static let writable: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

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
        let nearest = min(max(secondsSince1970, Self.writable.lowerBound), Self.writable.upperBound)
        try container.encode(Instant(secondsSince1970: nearest).description)
    }
}
