import CGit2
import Reconciler
import Specs

extension MirrorRepository {
    /// Bytes of a name, an address or a subject that are looked at; what is shown of them is shorter still.
    private static let longestText = 4_096

    /// Who made a commit, when, and its subject, as the commit says. `tree(of:)` has found it small enough before.
    func facts(of commit: String) throws(FetchFailure) -> CommitFacts? {
        guard var oid = Self.oid(commit) else { return nil }
        var object: OpaquePointer?
        try check(git_commit_lookup(&object, handle, &oid), during: .reading)
        defer { git_commit_free(object) }
        guard let author = git_commit_author(object)?.pointee else { return nil }
        return CommitFacts(
            author: "\(Self.text(author.name)) <\(Self.text(author.email))>",
            time: Instant(secondsSince1970: author.when.time), subject: Self.text(git_commit_summary(object)))
    }

    /// Commits may be in any encoding: what is no UTF-8 becomes the replacement character.
    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        guard let pointer else { return "" }
        var bytes: [UInt8] = []
        while bytes.count < longestText, pointer[bytes.count] != 0 {
            bytes.append(UInt8(bitPattern: pointer[bytes.count]))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
