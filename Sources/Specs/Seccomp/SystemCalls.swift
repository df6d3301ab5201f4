/// The system calls of Linux: which names there are, and on which architectures.
///
/// The table is read once, when somebody first asks; revisions without a seccomp profile never do.
package enum SystemCalls {
    /// An architecture of hosts, or one whose programs such a host runs besides its own.
    package enum Architecture: Int, CaseIterable, Hashable, Sendable {
        case amd64, arm64
        /// 32-bit programs on amd64.
        case x86
        /// 32-bit programs on arm64.
        case arm

        /// Those that hosts run.
        package static let hosts: [Architecture] = [.amd64, .arm64]

        /// As Docker's profiles write it under `arches`.
        package var dockerName: String { "\(self)" }
    }

    private struct Entry {
        var name: String
        /// By the raw values of the architectures; nil where there is no such call.
        var numbers: [Int?]
        var letters: UInt64
    }

    /// Whether any architecture of Linux has a call of this name.
    package static func isKnown(_ name: String) -> Bool { entries[name] != nil }

    /// The number of a call; nil where the architecture has no call of this name.
    package static func number(of name: String, on architecture: Architecture) -> Int? {
        entries[name]?.numbers[architecture.rawValue]
    }

    /// The name of a call by its number; nil where the architecture has no such call.
    package static func name(of number: Int, on architecture: Architecture) -> String? {
        byNumber[architecture.rawValue][number]
    }

    private static let byNumber: [[Int: String]] = Architecture.allCases.map { architecture in
        let pairs = sorted.compactMap { entry in entry.numbers[architecture.rawValue].map { ($0, entry.name) } }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Where a call exists, of the architectures that hosts run; empty for names of others, such as `spu_run`.
    package static func architectures(of name: String) -> [Architecture] {
        Architecture.allCases.filter { number(of: name, on: $0) != nil }
    }

    /// What a misspelt name was probably meant to be; calls of hosts go before all others.
    package static func nearest(to name: String) -> String? {
        // Two edits change at most four bits of the set of letters, which leaves few names to look at closely.
        let letters = letters(name)
        let near = sorted.filter {
            ($0.letters ^ letters).nonzeroBitCount <= 4 && abs($0.name.utf8.count - name.utf8.count) <= 2
        }
        let ours = near.filter { $0.numbers.contains { $0 != nil } }.map(\.name)
        return NearestName.find(name, among: ours) ?? NearestName.find(name, among: near.map(\.name))
    }

    /// Every name, sorted.
    package static var names: [String] { sorted.map(\.name) }

    private static let sorted: [Entry] = table.split { $0 == " " || $0 == "\n" }.map { text in
        let parts = text.split(separator: ":")
        let name = String(parts[0])
        return Entry(name: name, numbers: parts.dropFirst().map { Int($0) }, letters: letters(name))
    }

    private static let entries: [String: Entry] = Dictionary(uniqueKeysWithValues: sorted.map { ($0.name, $0) })

    /// Which letters and digits a name has, one bit for each.
    private static func letters(_ name: String) -> UInt64 {
        name.utf8.reduce(0) { $0 | 1 << UInt64(($1 | 0x20) & 0x3F) }
    }
}
