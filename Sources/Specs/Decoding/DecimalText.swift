/// Why text is not a quantity.
package struct QuantityError: Error, Equatable {
    /// What would be right; nil when the number is well-formed but too large for any range.
    package var problem: String?

    package init(problem: String?) { self.problem = problem }

    static let tooLarge = QuantityError(problem: nil)
}

/// The number in front of a quantity's unit, exact: `digits * 10^-scale`.
struct DecimalText {
    var digits: UInt128
    var scale: Int
    /// What follows the number.
    var unit: Substring

    /// Reads `12`, `1.5` or `0.25` off the front; signs, exponents and leading zeros are refused.
    init(_ text: Substring) throws(QuantityError) {
        let whole = text.utf8.prefix(while: Grammar.isDigit)
        var rest = text.utf8[whole.endIndex...]
        guard !whole.isEmpty else {
            let problem = text.first == "-" ? "it cannot be negative" : "it begins with a digit"
            throw QuantityError(problem: problem)
        }
        let zero = UInt8(ascii: "0")
        if whole.count > 1, whole.first == zero { throw QuantityError(problem: "remove the leading zero") }
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: Grammar.isDigit)
            guard !fraction.isEmpty else { throw QuantityError(problem: "a digit must follow the point") }
            rest = rest[fraction.endIndex...]
        }
        while fraction.last == zero { fraction.removeLast() }
        // 19 digits hold every Int64, and 18 more still fit in 128 bits.
        guard whole.count <= 19 else { throw .tooLarge }
        guard fraction.count <= 18 else { throw QuantityError(problem: "it has more than 18 digits behind the point") }
        digits = [whole, fraction].joined().reduce(0) { $0 * 10 + UInt128($1 - zero) }
        scale = fraction.count
        unit = Substring(rest)
    }

    /// The number times `factor`: the whole part, and whether a fraction was left over.
    func times(_ factor: UInt128) throws(QuantityError) -> (whole: Int64, isExact: Bool) {
        let (product, overflow) = digits.multipliedReportingOverflow(by: factor)
        if overflow { throw .tooLarge }
        var divisor: UInt128 = 1
        for _ in 0..<scale { divisor *= 10 }
        let (quotient, remainder) = product.quotientAndRemainder(dividingBy: divisor)
        guard let whole = Int64(exactly: quotient) else { throw .tooLarge }
        return (whole, remainder == 0)
    }
}
