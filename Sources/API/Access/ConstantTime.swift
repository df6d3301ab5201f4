/// Comparisons whose time tells nothing about where two values differ.
enum ConstantTime {
    /// Takes as long for every pair of the same lengths; the length itself is no secret.
    static func isEqual(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(a, b) { difference |= left ^ right }
        return difference == 0
    }
}
