/// A share of something, in hundredths of a percent.
package struct Percentage: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 2000 is 20 %.
    package var hundredths: Int64

    package init(hundredths: Int64) { self.hundredths = hundredths }
    package init(_ percent: Int64) { hundredths = percent * 100 }

    package static func < (a: Self, b: Self) -> Bool { a.hundredths < b.hundredths }

    package var description: String {
        let (whole, rest) = (hundredths / 100, hundredths % 100)
        if rest == 0 { return "\(whole)%" }
        return rest % 10 == 0 ? "\(whole).\(rest / 10)%" : "\(whole).\(rest < 10 ? "0" : "")\(rest)%"
    }

    /// The share of a whole number, rounded up.
    package func roundedUp(of count: Int) -> Int { Int((Int64(count) * hundredths + 9_999) / 10_000) }

    /// The share of a whole number, rounded down.
    package func roundedDown(of count: Int) -> Int { Int(Int64(count) * hundredths / 10_000) }

    /// Reads `20%` or `0.25%`. Finer than a hundredth of a percent is an error.
    package static func parse(_ text: String) throws(QuantityError) -> Percentage {
        let number = try DecimalText(text[...])
        guard number.unit == "%" else {
            throw QuantityError(problem: number.unit.isEmpty ? "write \(text)%" : "the unit is '%'")
        }
        let (hundredths, isExact) = try number.times(100)
        guard isExact else { throw QuantityError(problem: "it is finer than a hundredth of a percent") }
        return Percentage(hundredths: hundredths)
    }
}
