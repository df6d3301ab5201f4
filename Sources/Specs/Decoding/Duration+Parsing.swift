extension Duration {
    static let units: [(name: Substring, nanoseconds: Int64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000),
        ("µs", 1_000), ("μs", 1_000), ("ns", 1),
    ]

    /// Reads Go's spelling without a sign: `90s`, `1h30m`, `1.5h`, `250ms`. A number without a unit is an error,
    /// and so is more than Go holds: 2^63 - 1 nanoseconds, some 292 years.
    package static func parse(_ text: String) throws(QuantityError) -> Duration {
        var total: Int64 = 0
        var rest = text[...]
        repeat {
            let number = try DecimalText(rest)
            let name = number.unit.prefix { !("0"..."9").contains($0) && $0 != "." }
            guard !name.isEmpty else {
                throw QuantityError(problem: "give it a unit: \(Diagnostic.quote("\(text)s")) is seconds")
            }
            guard let unit = units.first(where: { $0.name == name }) else {
                throw QuantityError(problem: "the units are h, m, s, ms, us and ns")
            }
            let (nanoseconds, isExact) = try number.times(UInt128(unit.nanoseconds))
            guard isExact else { throw QuantityError(problem: "it is finer than a nanosecond") }
            let (sum, overflow) = total.addingReportingOverflow(nanoseconds)
            if overflow { throw .tooLarge }
            total = sum
            rest = number.unit.dropFirst(name.count)
        } while !rest.isEmpty
        return .nanoseconds(total)
    }

    /// Go's shortest exact spelling: `1h30m`, `90s` as `1m30s`, `250ms`; anything finer than that in nanoseconds.
    package var goText: String {
        let (seconds, attoseconds) = components
        let nanoseconds = attoseconds / 1_000_000_000
        var text = ""
        if seconds >= 3600 { text += "\(seconds / 3600)h" }
        if seconds / 60 % 60 > 0 { text += "\(seconds / 60 % 60)m" }
        if seconds % 60 > 0 { text += "\(seconds % 60)s" }
        if nanoseconds % 1_000_000 != 0 {
            text += "\(nanoseconds)ns"
        } else if nanoseconds > 0 {
            text += "\(nanoseconds / 1_000_000)ms"
        }
        return text.isEmpty ? "0s" : text
    }
}
