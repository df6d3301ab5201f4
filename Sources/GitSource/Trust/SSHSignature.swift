/// What a signature of ssh says of itself: OpenSSH's `PROTOCOL.sshsig`.
struct SSHSignature {
    static let gitNamespace = "git"

    let key: PublicKey
    /// What it was made for.
    let namespace: String
    /// Of the signed text.
    let hash: String
    /// How the key signed that.
    let algorithm: String

    /// nil for bytes that are not such a signature, whole and alone.
    init?(_ bytes: [UInt8]) {
        var wire = WireReader(bytes)
        guard wire.skip("SSHSIG".utf8), wire.number() == 1, let blob = wire.bytes(), let key = PublicKey(blob: blob),
            let namespace = wire.text(), wire.bytes() != nil, let hash = wire.text(), let signature = wire.bytes(),
            wire.isAtEnd
        else { return nil }
        var inner = WireReader(signature)
        guard let algorithm = inner.text() else { return nil }
        self.key = key
        self.namespace = namespace
        self.hash = hash
        self.algorithm = algorithm
    }

    var isCertificate: Bool { key.type.hasSuffix("-cert-v01@openssh.com") }

    /// For sentences.
    var keyName: String { isCertificate ? "an ssh certificate" : "the ssh key \(key.fingerprint)" }

    /// For lists.
    var shortName: String { isCertificate ? "ssh certificate" : "ssh \(key.fingerprint)" }

    /// Whether it rests on SHA-1: RSA and DSA of the first ssh.
    var isWeak: Bool {
        !["sha256", "sha512"].contains(hash) || ["ssh-rsa", "ssh-dss"].contains(algorithm) || key.type == "ssh-dss"
    }
}
