import Reconciler
import Specs

/// A commit, read from its bytes without libgit2.
///
/// Everything but the signature is read from `payload`, the part that a signature covers: what nobody signed cannot
/// count.
struct CommitObject: Sendable {
    /// Bytes of the largest commit, or tag, that is looked at.
    static let largest = 1 << 20

    let id: String
    let tree: String
    let parents: [String]
    /// When it was committed, by the committer's clock, between the years 1970 and 9999; 1970 when it does not say.
    let time: Instant
    let facts: CommitFacts
    /// The commit without its signature, which is what is signed.
    let payload: [UInt8]
    /// As it stands in the commit; nil without one.
    let signature: [UInt8]?
    /// Signatures in it, of any kind. More than one is nothing that git makes.
    let signatureCount: Int

    /// nil for bytes that are no commit.
    init?(_ bytes: [UInt8]) {
        guard let all = ObjectHeaders(bytes) else { return nil }
        let signatures = all.headers.filter { $0.name.hasPrefix("gpgsig") }
        signatureCount = signatures.count
        signature = signatures.first { $0.name == "gpgsig" }?.value
        // In one pass: of hostile commits there may be tens of thousands of them.
        var payload: [UInt8] = []
        payload.reserveCapacity(bytes.count)
        var copied = 0
        for header in signatures {
            payload += bytes[copied..<header.lines.lowerBound]
            copied = header.lines.upperBound
        }
        payload += bytes[copied...]
        guard let signed = ObjectHeaders(payload), signed.headers.first?.name == "tree",
            let tree = signed.only("tree"), ObjectID.isValid(tree.utf8),
            let author = signed.only("author"), let committer = signed.only("committer")
        else { return nil }
        let parents = signed.headers.dropFirst().prefix { $0.name == "parent" }
        guard parents.count == signed.headers.count(where: { $0.name == "parent" }),
            parents.allSatisfy({ ObjectID.isValid($0.value) })
        else { return nil }
        id = ObjectID.of("commit", bytes)
        self.tree = tree
        self.parents = parents.map { String(decoding: $0.value, as: UTF8.self) }
        time = Self.time(committer) ?? Instant(secondsSince1970: 0)
        self.payload = payload
        facts = CommitFacts(
            author: Self.person(author), time: Self.time(author) ?? time,
            subject: Self.subject(payload[signed.messageStart...]))
    }

    /// `Ada <ada@example.org>` of `Ada <ada@example.org> 1795267500 +0900`.
    private static func person(_ line: String) -> String {
        line.lastIndex(of: ">").map { String(line[...$0]) } ?? line
    }

    static func time(_ line: String) -> Instant? {
        guard let end = line.lastIndex(of: ">") else { return nil }
        let words = line[line.index(after: end)...].split(separator: " ")
        return words.first.flatMap { Int64($0) }.map { min(Instant(secondsSince1970: max($0, 0)), .lastWritable) }
    }

    /// The first paragraph on one line, as git shows it.
    private static func subject(_ message: ArraySlice<UInt8>) -> String {
        let text = String(decoding: message.prefix(4_096), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).drop { isBlank($0) }
        return lines.prefix { !isBlank($0) }.joined(separator: " ")
    }

    private static func isBlank(_ line: Substring) -> Bool { line.allSatisfy(\.isWhitespace) }
}
