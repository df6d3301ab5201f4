/// The cases of the YAML test suite that the reader does not pass before our own strictness, and why.
struct YAMLSuiteExpectations: Sendable {
    enum Kind: String, Sendable {
        /// YAML that is refused.
        case refused = "valid, refused"
        /// YAML that is read as something else. There is none, and there must be none.
        case misread = "valid, misread"
        /// No YAML, and yet read.
        case accepted = "invalid, accepted"
    }

    struct Group: Sendable {
        var kind: Kind
        var reason: String
        var ids: [String]

        init(_ kind: Kind, _ reason: String, _ ids: String) {
            self.kind = kind
            self.reason = reason
            self.ids = ids.split(separator: " ").map { String($0) }
        }
    }

    /// How many cases the suite has, and how many of them are no YAML.
    static let total = 402
    static let invalid = 94

    static let groups = [
        Group(
            .refused,
            "libyaml wants spaces where YAML allows a tab: behind `-`, `:` and `?`, before brackets and comments",
            "6BCT 6CA3 96NN-00 96NN-01 A2M4 DK95-00 DK95-03 DK95-04 Q5MG R4YG Y79Y-001 Y79Y-010"),
        Group(
            .refused, "libyaml wants a key before `:`, and a space between `:` and a bracket or comma",
            "2JQS 4ABK 6M2F CFD4 FRK4 M2N8-00 NHX8 NKF9 S3PD SM9W-01 UKK6-00"),
        Group(
            .refused, "libyaml wants a key in brackets and its `:` on one line",
            "4MUZ-00 4MUZ-01 4MUZ-02 5MUD 9SA2 K3WX NJ66 UT92 VJP3-01"),
        Group(.refused, "libyaml ends a word in brackets that begins with `:` or `-`", "58MP 5T43 DBG4 HM87-00"),
        Group(
            .refused,
            "libyaml takes `?` at the beginning of a word in brackets for the sign of a key; we refuse the word",
            "652Z HM87-01"),
        Group(
            .refused,
            "libyaml takes letters, digits, `_` and `-` in the names of anchors; we refuse what it would cut off",
            "2SXE 8XYN W5VH Y2GN"),
        Group(
            .refused,
            "libyaml wants the text of a block scalar to be indented, and takes `%` at the left edge for a directive",
            "DK3J FP8R M7A3 W4TN"),
        Group(
            .accepted, "libyaml does not look at the indentation within quotes and brackets",
            "9C9N DK95-01 QB6E Y79Y-003"),
        Group(.accepted, "libyaml takes `-` alone for a word in brackets", "G5U8 YJV2"),
        Group(.accepted, "libyaml takes a comment right behind a comma", "CVW2"),
        Group(
            .accepted, "libyaml takes a blank line that is longer than the indentation before a block scalar", "S98Z"),
    ]

    static func kind(of id: String) -> Kind? { groups.first { $0.ids.contains(id) }?.kind }

    /// The table of the documentation.
    static var table: String {
        func count(_ kind: Kind) -> Int { groups.filter { $0.kind == kind }.reduce(0) { $0 + $1.ids.count } }
        let passed = total - groups.reduce(0) { $0 + $1.ids.count }
        var lines = ["| cases | result | why | which |", "|--:|---|---|---|"]
        lines.append("| \(total - invalid - count(.refused) - count(.misread)) | valid, the events of the suite | | |")
        lines.append("| \(invalid - count(.accepted)) | invalid, refused | | |")
        lines.append("| **\(passed) of \(total)** | **passed** | | |")
        lines.append("| \(count(.misread)) | \(Kind.misread.rawValue) | | |")
        for group in groups {
            let ids = group.ids.joined(separator: ", ")
            lines.append("| \(group.ids.count) | \(group.kind.rawValue) | \(group.reason) | \(ids) |")
        }
        return lines.joined(separator: "\n")
    }
}
