import Specs

/// One folder of a commit, as git stores it: for each name its mode and its id.
///
/// The same reader in the process that fetches and in the one that checks what was fetched, so that both see the same
/// names in the same bytes.
enum TreeObject {
    struct Entry: Hashable, Sendable {
        /// As bytes: names need not be UTF-8.
        var name: [UInt8]
        var mode: UInt32
        var id: String

        var kind: SpecTreeRules.Kind {
            switch mode {
            case 0o040000: .folder
            case 0o100644, 0o100755, 0o100664: .file
            case 0o120000: .symlink
            case 0o160000: .submodule
            default: .other
            }
        }
    }

    /// nil for bytes that are no tree.
    static func entries(of bytes: [UInt8]) -> [Entry]? {
        var entries: [Entry] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let blank = rest.firstIndex(of: 0x20), let mode = octal(rest[..<blank]) else { return nil }
            let named = rest[(blank + 1)...]
            guard let end = named.firstIndex(of: 0), end > named.startIndex, bytes.endIndex - end > 20 else {
                return nil
            }
            entries.append(
                Entry(name: Array(named[..<end]), mode: mode, id: Hexadecimal.text(bytes[(end + 1)...(end + 20)])))
            rest = bytes[(end + 21)...]
        }
        return entries
    }

    private static func octal(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard (1...7).contains(digits.count), digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 << 3 | UInt32($1 - 0x30) }
    }
}
