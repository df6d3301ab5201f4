/// Regular expressions for whole numbers without leading zeros.
enum DecimalPattern {
    /// From 0 up to `most`. Of numbers with more than four digits only how many they have is looked at.
    static func whole(upTo most: UInt64) -> String {
        let digits = String(most).map { $0 }
        return digits.count > 4 ? "0|[1-9]" + more(digits.count - 1) : exact(digits)
    }

    /// From 0 up to less than `bound`; of numbers with more than four digits it may leave out some.
    static func whole(below bound: UInt64) -> String? {
        guard bound > 0 else { return nil }
        let digits = String(bound - 1).map { $0 }
        if digits.count <= 4 { return exact(digits) }
        return "0|[1-9]" + more(digits.allSatisfy { $0 == "9" } ? digits.count - 1 : digits.count - 2)
    }

    /// First what is shorter, then, for each digit, what is smaller there and the same in front of it.
    private static func exact(_ digits: [Character]) -> String {
        if digits.count == 1 { return digits == ["0"] ? "0" : "[0-\(digits[0])]" }
        var alternatives = ["0|[1-9]" + more(digits.count - 2)]
        for (index, digit) in digits.enumerated() {
            let lowest = index == 0 ? 1 : 0
            guard let value = digit.wholeNumberValue, value > lowest else { continue }
            let smaller = value - 1 == lowest ? "\(lowest)" : "[\(lowest)-\(value - 1)]"
            alternatives.append(String(digits[..<index]) + smaller + any(digits.count - index - 1))
        }
        return (alternatives + [String(digits)]).joined(separator: "|")
    }

    /// That many digits.
    private static func any(_ count: Int) -> String {
        count == 0 ? "" : count == 1 ? "[0-9]" : "[0-9]{\(count)}"
    }

    /// At most that many digits.
    private static func more(_ count: Int) -> String {
        count == 0 ? "" : count == 1 ? "[0-9]?" : "[0-9]{0,\(count)}"
    }
}
