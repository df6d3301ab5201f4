/// Whose signatures a revision needs before it may be used.
package struct SourceVerification: Hashable, Sendable {
    package enum Mode: String, Hashable, CaseIterable, Sendable {
        /// The commit that the reference leads to.
        case head
        /// The annotated tag that the reference is.
        case tag
        /// Both.
        case tagAndHead

        var needsTag: Bool { self != .head }
        var needsCommit: Bool { self != .tag }
    }

    package var mode: Mode
    /// The keys whose ssh signatures count, in the format of OpenSSH (`ssh-keygen(1)`, ALLOWED SIGNERS).
    package var allowedSignersFile: String?
    /// ssh keys that count no more: a key revocation list, or public keys, one a line.
    package var revokedKeysFile: String?
    /// The keys whose OpenPGP signatures count, as `gpg --export` writes them, with `--armor` or without.
    package var keyringFile: String?
    /// Of the keys in the keyring only these, by the fingerprints of their primary keys; all when empty.
    package var fingerprints: [String]
    /// How long ago the commit or tag that is judged may have been made when it comes into force.
    package var maxCommitAge: Duration?

    package init(
        mode: Mode, allowedSignersFile: String? = nil, revokedKeysFile: String? = nil, keyringFile: String? = nil,
        fingerprints: [String] = [], maxCommitAge: Duration? = nil
    ) {
        self.mode = mode
        self.allowedSignersFile = allowedSignersFile
        self.revokedKeysFile = revokedKeysFile
        self.keyringFile = keyringFile
        self.fingerprints = fingerprints
        self.maxCommitAge = maxCommitAge
    }
}
