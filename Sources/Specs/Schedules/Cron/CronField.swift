/// The numbers that one field of a cron expression matches: 0 to 63, as bits.
package struct CronField: Hashable, Sendable {
    package var bits: UInt64
    /// Whether the field leaves everything open (`*`, `?`), which matters for the two fields of days.
    package var isStar: Bool

    package init(bits: UInt64, isStar: Bool = false) {
        self.bits = bits
        self.isStar = isStar
    }

    /// `range`'s first number, and every `step`th behind it.
    package init(_ range: ClosedRange<Int>, step: Int = 1) {
        var bits: UInt64 = 0
        for number in stride(from: range.lowerBound, through: range.upperBound, by: step) where number < 64 {
            bits |= 1 << UInt64(number)
        }
        self.init(bits: bits)
    }

    package var values: [Int] { (0..<64).filter(contains) }

    func contains(_ number: Int) -> Bool { bits >> UInt64(number) & 1 == 1 }

    /// The smallest number that is at least `number`.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits & (.max << UInt64(number))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    /// The largest number that is at most `number`.
    func last(upTo number: Int) -> Int? {
        guard number >= 0 else { return nil }
        let rest = bits & (.max >> UInt64(63 - min(number, 63)))
        return rest == 0 ? nil : 63 - rest.leadingZeroBitCount
    }
}

extension CronField {
    /// What a field is called, what it holds, and the names that stand for its numbers.
    package struct Kind: Sendable {
        package var name: String
        package var range: ClosedRange<Int>
        package var names: [String: Int]

        package init(name: String, range: ClosedRange<Int>, names: [String: Int] = [:]) {
            self.name = name
            self.range = range
            self.names = names
        }
    }

    /// Reads a list of `*`, `?`, `N`, `N-M`, and each with `/STEP`; `N/STEP` goes on to the end of the range.
    package static func parse(_ text: Substring, _ kind: Kind) throws(InvalidText) -> CronField {
        var field = CronField(bits: 0)
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let one = try parsePart(part, kind)
            field.bits |= one.bits
            field.isStar = field.isStar || one.isStar
        }
        return field
    }

    private static func parsePart(_ part: Substring, _ kind: Kind) throws(InvalidText) -> CronField {
        let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
        guard let span = pieces.first, !span.isEmpty else {
            throw InvalidText(
                "the \(kind.name) has an empty part", hint: "write numbers with a single comma between them")
        }
        guard pieces.count <= 2 else { throw InvalidText("the \(kind.name) \(Diagnostic.quote(part)) has two slashes") }
        let isStar = span == "*" || span == "?"
        var range = kind.range
        if !isStar { range = try parseRange(span, kind, isOpen: pieces.count == 2) }
        guard pieces.count == 2 else {
            var field = CronField(range)
            field.isStar = isStar
            return field
        }
        guard let step = pieces[1].plainNumber(digits: 1...4), step > 0 else {
            throw InvalidText(
                "the \(kind.name) \(Diagnostic.quote(part)) has the step \(Diagnostic.quote(pieces[1]))",
                hint: "a step is 1 or more")
        }
        var field = CronField(range, step: step)
        // A star with a step leaves nothing open, except with the step that changes nothing.
        field.isStar = isStar && step == 1
        return field
    }

    private static func parseRange(_ span: Substring, _ kind: Kind, isOpen: Bool) throws(InvalidText) -> ClosedRange<
        Int
    > {
        let ends = span.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2 else { throw InvalidText("the \(kind.name) \(Diagnostic.quote(span)) has two hyphens") }
        let low = try parseNumber(ends[0], of: span, kind)
        let high = ends.count == 2 ? try parseNumber(ends[1], of: span, kind) : isOpen ? kind.range.upperBound : low
        guard low <= high else { throw InvalidText("the \(kind.name) \(Diagnostic.quote(span)) ends before it begins") }
        return low...high
    }

    private static func parseNumber(_ text: Substring, of span: Substring, _ kind: Kind) throws(InvalidText) -> Int {
        guard let number = kind.names[text.uppercased()] ?? text.plainNumber(digits: 1...4) else {
            let known = kind.names.keys.sorted { (kind.names[$0] ?? 0) < (kind.names[$1] ?? 0) }
            let words = known.isEmpty ? "" : " or \(known[0])-\(known[known.count - 1])"
            throw InvalidText(
                "the \(kind.name) \(Diagnostic.quote(span)) is not a number\(known.isEmpty ? "" : " or name")",
                hint: "write \(kind.range.lowerBound)-\(kind.range.upperBound)\(words)")
        }
        if kind.range.contains(number) { return number }
        let (low, high) = (kind.range.lowerBound, kind.range.upperBound)
        let isSunday = number == 7 && kind.names["SUN"] == 0
        throw InvalidText(
            "the \(kind.name) \(Diagnostic.quote(span)) is \(number < low ? "below \(low)" : "above \(high)")",
            hint: isSunday ? "Sunday is 0 or SUN" : nil)
    }
}

extension CronField {
    /// The shortest spelling that reads back as the same numbers.
    func text(_ range: ClosedRange<Int>, keepsStar: Bool) -> String {
        if keepsStar ? isStar : bits == CronField(range).bits { return "*" }
        let numbers = values
        if numbers.count >= 3, numbers[0] == range.lowerBound {
            let step = numbers[1] - numbers[0]
            if step > 1, CronField(range, step: step).bits == bits { return "*/\(step)" }
        }
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound == number - 1 {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs.map { run in
            switch run.count {
            case 1: "\(run.lowerBound)"
            case 2: "\(run.lowerBound),\(run.upperBound)"
            default: "\(run.lowerBound)-\(run.upperBound)"
            }
        }.joined(separator: ",")
    }
}
