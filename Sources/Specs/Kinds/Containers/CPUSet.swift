/// A set of CPUs in the kernel's list format, as in cpuset(7): `0-3,7`.
///
/// Two spellings of one set are equal; `description` is the kernel's own.
package struct CPUSet: Hashable, Sendable, CustomStringConvertible {
    /// More than any kernel is built for.
    package static let end = 8192

    /// In order, with a gap between each two.
    private var ranges: [ClosedRange<Int>] = []

    /// - Returns: nil for what is no list of CPUs; the empty text is the empty set.
    package init?(_ text: some StringProtocol) {
        var found: [ClosedRange<Int>] = []
        for part in text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .map { $0.utf8.allSatisfy(Grammar.isDigit) ? Int($0) : nil }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last,
                last < Self.end
            else { return nil }
            found.append(first...last)
        }
        for range in found.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let open = ranges.last, range.lowerBound <= open.upperBound + 1 {
                ranges[ranges.count - 1] = open.lowerBound...max(open.upperBound, range.upperBound)
            } else {
                ranges.append(range)
            }
        }
    }

    /// The first so many CPUs.
    package init(first count: Int) { ranges = count > 0 ? [0...(count - 1)] : [] }

    package var isEmpty: Bool { ranges.isEmpty }
    package var count: Int { ranges.reduce(0) { $0 + $1.count } }
    /// The highest number; nil of the empty set.
    package var highest: Int? { ranges.last?.upperBound }

    package var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
