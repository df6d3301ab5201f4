extension CPUQuantity {
    /// Reads `2`, `1.5` or `500m`: CPUs, or thousandths of one. Finer than a billionth is an error.
    package static func parse(_ text: String) throws(QuantityError) -> CPUQuantity {
        let number = try DecimalText(text[...])
        let factor: UInt128
        switch number.unit {
        case "": factor = 1_000_000_000
        case "m": factor = 1_000_000
        default: throw QuantityError(problem: "the only unit is 'm', thousandths of a CPU")
        }
        let (nanoCPUs, isExact) = try number.times(factor)
        guard isExact else { throw QuantityError(problem: "it is finer than a billionth of a CPU") }
        return CPUQuantity(nanoCPUs: nanoCPUs)
    }
}
