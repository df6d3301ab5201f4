import Reconciler
import Specs

/// An annotated tag, read from its bytes without libgit2.
struct TagObject: Sendable {
    let id: String
    /// What it is on.
    let target: String
    /// `commit`, for all but oddities.
    let targetKind: String
    /// The name that it was made with, which a server could show under another one.
    let name: String
    /// When it was made, by the tagger's clock.
    let time: Instant?
    /// The tag without its signature, which is what is signed.
    let payload: [UInt8]
    let signature: [UInt8]?

    /// nil for bytes that are no tag.
    init?(_ bytes: [UInt8]) {
        let start = Self.signatureStart(in: bytes)
        payload = Array(bytes[..<start])
        signature = start == bytes.count ? nil : Array(bytes[start...])
        guard let headers = ObjectHeaders(payload), headers.headers.first?.name == "object",
            let target = headers.only("object"), ObjectID.isValid(target.utf8),
            let kind = headers.only("type"), let name = headers.only("tag")
        else { return nil }
        id = ObjectID.of("tag", bytes)
        self.target = target
        targetKind = kind
        self.name = name
        time = headers.only("tagger").flatMap { CommitObject.time($0) }
    }

    /// Where the last line stands that begins a signature, as git looks for it; the end when there is none.
    private static func signatureStart(in bytes: [UInt8]) -> Int {
        var start = bytes.count
        var position = 0
        while position < bytes.count {
            let end = bytes[position...].firstIndex(of: 0x0a) ?? bytes.count
            if SignatureText.begins(bytes[position..<end]) { start = position }
            position = end + 1
        }
        return start
    }
}
