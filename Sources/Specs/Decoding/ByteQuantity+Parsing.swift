extension ByteQuantity {
    static let units: [Substring: UInt128] = [
        "": 1, "k": 1_000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000, "P": 1_000_000_000_000_000,
        "E": 1_000_000_000_000_000_000, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50,
        "Ei": 1 << 60,
    ]

    /// Reads `4Gi`, `1.5Gi`, `500M` or `1024`; a fraction of a byte is rounded up, as in Kubernetes.
    package static func parse(_ text: String) throws(QuantityError) -> ByteQuantity {
        let number = try DecimalText(text[...])
        guard let factor = units[number.unit] else { throw QuantityError(problem: hint(number.unit)) }
        let (bytes, isExact) = try number.times(factor)
        guard isExact || bytes < .max else { throw .tooLarge }
        return ByteQuantity(bytes: isExact ? bytes : bytes + 1)
    }

    private static func hint(_ unit: Substring) -> String {
        switch unit {
        case "m": "'m' is thousandths; write Mi or M"
        case "K": "write Ki or k"
        case "KB", "kb", "kB": "write k"
        case "MB", "mb", "GB", "gb", "TB", "tb": "write \(unit.prefix(1).uppercased())"
        case "MiB", "GiB", "KiB", "TiB": "write \(unit.dropLast())"
        default: "the units are Ki, Mi, Gi, Ti, Pi, Ei, k, M, G, T, P and E"
        }
    }
}
