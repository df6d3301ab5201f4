/// A profile of AppArmor as a file of the repository has it: one profile under a name, which is given another.
///
/// Only as much is read as it takes to find that name. Whether the rest is right is for `apparmor_parser` to say.
package struct AppArmorText: Hashable, Sendable {
    private let before: String
    private let after: String
    /// The name that the file gives it.
    package let name: String

    /// - Throws: where there is not exactly one profile, or one that would confine programs of the host as well.
    package init(_ text: String) throws(InvalidText) {
        var headers: [(name: Range<String.Index>, rest: Substring)] = []
        var depth = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let code = line.prefix { $0 != "#" }
            let words = code.split(whereSeparator: \.isWhitespace)
            if depth == 0, let first = words.first, code.contains("{") {
                // Variables have braces as well: @{HOME}=/home/
                if !first.hasPrefix("@") {
                    guard first == "profile", words.count > 1, words[1] != "{" else {
                        throw InvalidText(
                            "'\(first)' begins a profile without a name",
                            hint: "begin it with 'profile NAME {': a path instead would confine programs of the host")
                    }
                    headers.append((words[1].startIndex..<words[1].endIndex, code[words[1].endIndex...]))
                }
            }
            if words.first?.hasPrefix("@") != true { depth += Self.depth(of: code) }
        }
        guard headers.count == 1, let header = headers.first else {
            throw InvalidText(
                headers.isEmpty ? "there is no 'profile NAME {'" : "there are \(headers.count) profiles",
                hint: "one file has one profile")
        }
        let attachment = header.rest.split(whereSeparator: \.isWhitespace).first
        if let attachment, attachment.first == "/" || attachment.first == "\"" || attachment.first == "@" {
            throw InvalidText(
                "the profile names '\(attachment)', which would confine a program of the host",
                hint: "write 'profile NAME {' alone")
        }
        name = String(text[header.name])
        before = String(text[..<header.name.lowerBound])
        after = String(text[header.name.upperBound...])
    }

    /// The same profile under another name.
    package func named(_ name: String) -> String { before + name + after }

    /// How many braces it opens more than it closes; those of patterns such as `{a,b}` and variables cancel out.
    private static func depth(of code: Substring) -> Int {
        code.reduce(0) { $0 + ($1 == "{" ? 1 : $1 == "}" ? -1 : 0) }
    }
}
