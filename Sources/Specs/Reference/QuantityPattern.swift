/// Regular expressions for amounts with units that lie within bounds, as far as a regular expression can tell.
struct QuantityPattern {
    private struct Unit {
        var name: String
        /// How many of the smallest unit it is.
        var size: UInt64
        /// Digits behind the point that still count; zeros may follow.
        var decimals = 18
    }

    private var units: [Unit]
    private var lowest: UInt64
    private var highest: UInt64
    /// Whether several amounts can stand in a row, as in `1h30m`.
    private var repeats = false
    /// Whether what is finer than the smallest unit is rounded up.
    private var rounds = false

    /// nil for bounds that cannot be read.
    init?(_ quantity: QuantityDescription) {
        do throws(QuantityError) {
            lowest = try Self.amount(quantity.lowest, quantity.unit)
            highest = try Self.amount(quantity.highest, quantity.unit)
        } catch {
            return nil
        }
        switch quantity.unit {
        case .cpus:
            units = [Unit(name: "", size: 1_000_000_000, decimals: 9), Unit(name: "m", size: 1_000_000, decimals: 6)]
        case .percent: units = [Unit(name: "%", size: 100, decimals: 2)]
        case .bytes:
            units = ByteQuantity.units.map { Unit(name: String($0), size: UInt64($1)) }.sorted { $0.size < $1.size }
            rounds = true
        case .duration:
            units = Duration.units.map { Unit(name: String($0.name), size: UInt64($0.nanoseconds)) }
            repeats = true
        }
    }

    private static func amount(_ text: String, _ unit: QuantityDescription.Unit) throws(QuantityError) -> UInt64 {
        switch unit {
        case .cpus: UInt64(try CPUQuantity.parse(text).nanoCPUs)
        case .bytes: UInt64(try ByteQuantity.parse(text).bytes)
        case .percent: UInt64(try Percentage.parse(text).hundredths)
        case .duration: UInt64(try Duration.parse(text) / .nanoseconds(1))
        }
    }

    /// Numbers without a unit, in CPUs or bytes.
    var numbers: JSON {
        let scale = Double(units.first { $0.name.isEmpty }?.size ?? 1)
        // 0.5 bytes are rounded up to one.
        let low = rounds && lowest > 0 ? ("exclusiveMinimum", lowest - 1) : ("minimum", lowest)
        return [low.0: .number(Double(low.1) / scale), "maximum": .number(Double(highest) / scale)]
    }

    /// The whole number in front of each unit is at most what the bound has of it; and no single amount is below the least.
    var text: String {
        let amounts = units.map { unit in
            "(\(DecimalPattern.whole(upTo: highest / unit.size)))(\\.[0-9]{1,\(unit.decimals)}0*)?\(unit.name)"
        }
        let all = "(" + amounts.joined(separator: "|") + ")"
        return "^" + tooLittle + all + (repeats ? "+" : "") + "$"
    }

    private var tooLittle: String {
        guard lowest > 0 else { return "" }
        let fraction = rounds ? "(\\.0+)?" : "(\\.[0-9]+)?"
        let less = units.compactMap { unit in
            DecimalPattern.whole(below: lowest / unit.size).map { "(\($0))\(fraction)\(unit.name)" }
        }
        let nothing = "(?=[^1-9]*[1-9])"
        return less.isEmpty ? nothing : nothing + "(?!(" + less.joined(separator: "|") + ")$)"
    }
}
