import Crypto
import FoundationEssentials
import Reconciler
import Specs

/// The keys of one fetch, as their files say now.
struct TrustRoots: Sendable {
    let settings: SourceVerification
    /// nil when ssh signatures do not count.
    let allowedSigners: AllowedSigners?
    let revokedKeys: [UInt8]?
    /// Without armour; nil when OpenPGP signatures do not count.
    let keyring: [UInt8]?
    /// Upper case; nil lets every key of the keyring count.
    let fingerprints: Set<String>?
    /// Changes with every byte of the files.
    let digest: String

    /// Reads the files anew, so that keys can be changed while we run.
    ///
    /// - Throws: `SourceError` with `invalidConfiguration` for whatever is not as it must be.
    init(_ settings: SourceVerification, protecting url: String) throws(SourceError) {
        self.settings = settings
        try Self.check(settings)
        let repository = ProtectedRepository(url: url)
        var hash = SHA256()
        func read(_ path: String?, _ name: String) throws(SourceError) -> (file: TrustFile, bytes: [UInt8])? {
            guard let path else { return nil }
            let file = TrustFile(setting: "source.verify.\(name)", path: path)
            let bytes = try file.read(protecting: repository)
            hash.update(data: Array("\(name) \(bytes.count)\u{0}".utf8) + bytes)
            return (file, bytes)
        }
        let signers = try read(settings.allowedSignersFile, "allowedSignersFile")
        let revoked = try read(settings.revokedKeysFile, "revokedKeysFile")
        let ring = try read(settings.keyringFile, "keyringFile")
        allowedSigners = if let signers { try Self.signers(signers.bytes, signers.file) } else { nil }
        if let revoked { try Self.check(revoked: revoked.bytes, revoked.file) }
        revokedKeys = revoked?.bytes
        keyring = if let ring { try Self.keyring(ring.bytes, ring.file) } else { nil }
        fingerprints = settings.fingerprints.isEmpty ? nil : Set(settings.fingerprints.map(Self.normalized))
        digest = Hexadecimal.text(hash.finalize())
    }

    /// What can be said of the settings before any file is looked at.
    private static func check(_ settings: SourceVerification) throws(SourceError) {
        if settings.revokedKeysFile != nil && settings.allowedSignersFile == nil {
            throw SourceError(
                .invalidConfiguration,
                "source.verify.revokedKeysFile is about ssh keys, and needs source.verify.allowedSignersFile; "
                    + "for OpenPGP import the revocation into the keyring")
        }
        if !settings.fingerprints.isEmpty && settings.keyringFile == nil {
            throw SourceError(
                .invalidConfiguration,
                "source.verify.fingerprints choose among OpenPGP keys, and need source.verify.keyringFile")
        }
        if settings.allowedSignersFile == nil && settings.keyringFile == nil {
            throw SourceError(
                .invalidConfiguration,
                "source.verify.mode is '\(settings.mode.rawValue)', and no keys are named: set "
                    + "source.verify.allowedSignersFile for ssh signatures, source.verify.keyringFile for OpenPGP, or both"
            )
        }
        for text in settings.fingerprints where !isFingerprint(normalized(text)) {
            throw SourceError(
                .invalidConfiguration,
                "source.verify.fingerprints: '\(Redaction().apply(to: text))' must be the whole fingerprint of a primary "
                    + "key, 40 or 64 hexadecimal digits, as 'gpg --fingerprint' shows it")
        }
        var tools: [VerifierTool] = []
        if settings.allowedSignersFile != nil { tools.append(.sshKeygen) }
        if settings.keyringFile != nil { tools.append(.gpgv) }
        for tool in tools where tool.path == nil {
            throw SourceError(
                .invalidConfiguration,
                "source.verify needs the program '\(tool.rawValue)', and there is none: install the package '\(tool.package)'"
            )
        }
    }

    private static func normalized(_ fingerprint: String) -> String {
        fingerprint.filter { !$0.isWhitespace }.uppercased()
    }

    private static func isFingerprint(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }
    }

    private static func signers(_ bytes: [UInt8], _ file: TrustFile) throws(SourceError) -> AllowedSigners {
        let signers = AllowedSigners(bytes)
        let example = #"such as: alice@example.org namespaces="git" ssh-ed25519 AAAA..."#
        if let line = signers.unreadableLine {
            throw file.wrong("holds in line \(line) no signer: each line needs a name and a public key, \(example)")
        }
        if signers.lines.isEmpty { throw file.wrong("names no key: it needs a line for each signer, \(example)") }
        return signers
    }

    /// A list that `ssh-keygen` cannot read makes it refuse every key, which would look like a revocation of all.
    private static func check(revoked bytes: [UInt8], _ file: TrustFile) throws(SourceError) {
        if bytes.starts(with: Array("SSHKRL\n\u{0}".utf8)) { return }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        for line in lines where !line.allSatisfy(\.isWhitespace) && !line.hasPrefix("#") {
            guard PublicKey(fields: line.split(separator: " ")) != nil else {
                throw file.wrong(
                    "is neither a list made by 'ssh-keygen -k' nor a list of public keys, one a line")
            }
        }
    }

    private static func keyring(_ bytes: [UInt8], _ file: TrustFile) throws(SourceError) -> [UInt8] {
        let hint = "write it with 'gpg --export FINGERPRINT > \(file.path)'"
        if bytes.allSatisfy({ $0 <= 0x20 }) { throw file.wrong("holds no key: \(hint)") }
        // A keybox, as gpg keeps it itself, is what gpgv reads as well.
        let isKeybox = bytes.dropFirst(8).starts(with: Array("KBXf".utf8))
        let binary = bytes.first.map { $0 & 0x80 != 0 } == true || isKeybox ? bytes : Armour.keys(in: bytes)
        guard let binary, isKeybox || OpenPGPPacket.first(in: binary[...])?.tag == OpenPGPPacket.publicKey else {
            throw file.wrong("is no OpenPGP keyring: \(hint)")
        }
        return binary
    }
}
