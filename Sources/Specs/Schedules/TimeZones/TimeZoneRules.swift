/// When the clocks of a place were and will be set, and by how much they differ from UTC.
///
/// Read from the host's time zone database (TZif, RFC 9636): the changes that are listed, and behind the last one a rule
/// that repeats every year.
package struct TimeZoneRules: Hashable, Sendable {
    /// The name in the IANA database, such as `Asia/Tokyo`.
    package let name: String
    /// Ascending; the clock changes at these moments, in seconds since 1970.
    let transitions: [Int64]
    /// For each transition, which of `types` begins with it.
    let transitionTypes: [UInt8]
    /// At least one; the first holds before the first transition.
    let types: [LocalTimeType]
    /// What holds behind the last transition; nil lets the last type go on.
    let footer: PosixTimeZone?

    /// A clock that never changes.
    package init(name: String, secondsEastOfUTC offset: Int, abbreviation: String) {
        self.init(
            name: name, transitions: [], transitionTypes: [],
            types: [LocalTimeType(offset: offset, isDaylightSaving: false, abbreviation: abbreviation)], footer: nil)
    }

    init(
        name: String, transitions: [Int64], transitionTypes: [UInt8], types: [LocalTimeType], footer: PosixTimeZone?
    ) {
        self.name = name
        self.transitions = transitions
        self.transitionTypes = transitionTypes
        self.types = types
        self.footer = footer
    }

    package static let utc = TimeZoneRules(name: "UTC", secondsEastOfUTC: 0, abbreviation: "UTC")

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// What a clock shows between two of its changes.
package struct LocalTimeType: Hashable, Sendable {
    /// Seconds east of UTC, -93,600 to 93,600.
    package var offset: Int
    package var isDaylightSaving: Bool
    /// `JST`, `CEST`, `+0545`.
    package var abbreviation: String
}

/// A stretch of time in which a clock is not set.
package struct ZoneSegment: Hashable, Sendable {
    package var type: LocalTimeType
    /// Nil is the beginning of time.
    package var start: Instant?
    /// The first moment that is no longer part of it; nil is never.
    package var end: Instant?

    package func civil(at instant: Instant) -> CivilDateTime {
        CivilDateTime(secondsSince1970: instant.secondsSince1970.saturatingSum(Int64(type.offset)))
    }

    /// The moment at which the clock would show `civil` if this stretch had no ends.
    package func instant(of civil: CivilDateTime) -> Instant {
        Instant(secondsSince1970: civil.secondsSince1970.saturatingSum(-Int64(type.offset)))
    }

    func contains(_ instant: Instant) -> Bool {
        start.map { instant >= $0 } ?? true && end.map { instant < $0 } ?? true
    }
}

extension TimeZoneRules {
    /// The stretch that `instant` belongs to. Its neighbours may show the same time under another name.
    package func segment(at instant: Instant) -> ZoneSegment {
        let second = instant.secondsSince1970
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= second { low = middle + 1 } else { high = middle }
        }
        let start = low == 0 ? nil : Instant(secondsSince1970: transitions[low - 1])
        if low == transitions.count, let footer {
            var segment = footer.segment(at: instant)
            if let start, segment.start.map({ $0 < start }) ?? true { segment.start = start }
            return segment
        }
        let end = low == transitions.count ? nil : Instant(secondsSince1970: transitions[low])
        let type = low == 0 ? types[0] : types[Int(transitionTypes[low - 1])]
        return ZoneSegment(type: type, start: start, end: end)
    }

    /// What the clock on the wall shows.
    package func civil(at instant: Instant) -> CivilDateTime { segment(at: instant).civil(at: instant) }
}
