import FoundationEssentials

/// The repository that the keys protect, to find out whether they lie in a copy of it.
struct ProtectedRepository {
    private let url: String
    private let identity: String

    init(url: String) {
        self.url = url
        identity = Self.identity(of: url)
    }

    /// Whether the folder is the repository itself, or a clone of it, bare or with its files.
    func isWorkingCopy(_ folder: String) -> Bool {
        if identity == Self.identity(of: folder) || identity == Self.identity(of: folder + "/.git") { return true }
        return [folder + "/.git/config", folder + "/config"].contains { file in
            // No such file is no clone; one that root may not read is none that we could do anything about.
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return false }
            return text.split(separator: "\n").contains { line in
                let pair = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
                return pair.count == 2 && pair[0].lowercased() == "url"
                    && Self.identity(of: String(pair[1])) == identity
            }
        }
    }

    /// Host and path, whichever way they are reached: `git@host:a/b.git` is `https://host/a/b`.
    private static func identity(of url: String) -> String {
        var text = url
        var isNetwork = false
        if let scheme = text.firstRange(of: "://") {
            isNetwork = text[..<scheme.lowerBound] != "file"
            text = String(text[scheme.upperBound...])
        } else if !text.hasPrefix("/"), let colon = text.firstIndex(of: ":") {
            isNetwork = true
            text.replaceSubrange(colon...colon, with: "/")
        }
        if isNetwork {
            var parts = text.split(separator: "/").map(String.init)
            guard !parts.isEmpty else { return text }
            let host = parts.removeFirst().split(separator: "@").last.map(String.init) ?? ""
            // The port belongs to the way, not to the place.
            let name = host.split(separator: ":").first.map(String.init) ?? host
            text = ([name.lowercased()] + parts).joined(separator: "/")
        }
        while text.hasSuffix("/") && text.count > 1 { text.removeLast() }
        if text.hasSuffix("/.git") { text.removeLast(5) } else if text.hasSuffix(".git") { text.removeLast(4) }
        return text
    }
}
