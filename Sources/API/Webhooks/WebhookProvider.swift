import Crypto
import HTTPTypes
import Specs

/// The forges whose webhooks are understood, each with its way to prove that it knows the secret.
enum WebhookProvider: String, CaseIterable, Sendable {
    case github, gitlab, gitea, forgejo

    var path: String { "/v1/webhooks/\(rawValue)" }

    /// What stands in these headers decides; the body is never looked into.
    private var headers: (proof: [String], event: [String], delivery: [String]) {
        switch self {
        case .github: (["X-Hub-Signature-256"], ["X-GitHub-Event"], ["X-GitHub-Delivery"])
        case .gitlab:
            (["X-Gitlab-Token"], ["X-Gitlab-Event"], ["Idempotency-Key", "X-Gitlab-Event-UUID"])
        // Forgejo sends Gitea's headers beside its own.
        case .gitea: (["X-Gitea-Signature"], ["X-Gitea-Event"], ["X-Gitea-Delivery"])
        case .forgejo:
            (
                ["X-Forgejo-Signature", "X-Gitea-Signature"], ["X-Forgejo-Event", "X-Gitea-Event"],
                ["X-Forgejo-Delivery", "X-Gitea-Delivery"]
            )
        }
    }

    /// The header that proves it, for messages.
    var proofHeader: String { headers.proof[0] }

    func proof(in fields: HTTPFields) -> String? { Self.first(headers.proof, in: fields) }

    /// What happened, as the forge calls it.
    func event(in fields: HTTPFields) -> String? { Self.first(headers.event, in: fields) }

    /// Names one delivery, which a forge may send more than once.
    func delivery(in fields: HTTPFields) -> String? { Self.first(headers.delivery, in: fields) }

    private static func first(_ names: [String], in fields: HTTPFields) -> String? {
        names.lazy.compactMap { HTTPField.Name($0).flatMap { fields[$0] } }.first
    }

    /// Whether the event is one after which the repository may hold something new.
    func isPush(_ event: String?) -> Bool {
        switch self {
        case .github, .gitea, .forgejo: event == "push" || event == "create"
        case .gitlab: event == "Push Hook" || event == "Tag Push Hook" || event == "System Hook"
        }
    }

    /// Whether the proof was made with one of the secrets, for just this body.
    ///
    /// All of them are tried whichever it is, and each comparison takes as long as every other. The digest is
    /// HMAC-SHA-256 over the bytes as they came; GitLab sends the secret itself.
    func isGenuine(_ proof: String, body: [UInt8], secrets: [String]) -> Bool {
        var isKnown = false
        for secret in secrets {
            let key = Array(secret.utf8)
            switch self {
            case .gitlab: isKnown = ConstantTime.isEqual(Self.digest(Array(proof.utf8)), Self.digest(key)) || isKnown
            case .github, .gitea, .forgejo:
                let expected = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: key))
                isKnown = ConstantTime.isEqual(signature(in: proof) ?? [], Array(expected)) || isKnown
            }
        }
        return isKnown
    }

    /// Both sides of a comparison are as long as each other then, whatever was sent.
    private static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// GitHub's says which digest it is; SHA-1 is none that counts.
    private func signature(in proof: String) -> [UInt8]? {
        guard self == .github else { return Hexadecimal.bytes(proof) }
        let prefix = "sha256="
        return proof.hasPrefix(prefix) ? Hexadecimal.bytes(proof.dropFirst(prefix.count)) : nil
    }
}
