import Reconciler

/// Judges signatures of OpenPGP with `gpgv`, which knows no keys but those that it is given, no agent and no network.
struct OpenPGPVerifier {
    let process: VerifierProcess
    let roots: TrustRoots

    /// SHA-2 and SHA-3, as RFC 4880 and RFC 9580 number them.
    private static let strongHashes: Set<Substring> = ["8", "9", "10", "11", "12", "14"]

    /// - Parameter what: what is signed, for messages: `commit 1234567`.
    /// - Returns: who signed.
    /// - Throws: when there is no verdict.
    func verdict(on text: SignatureText, over signed: [UInt8], what: String) throws(SourceError) -> SignatureVerdict {
        guard let keyring = roots.keyring else {
            return refusal(
                .keyUnknown,
                "\(what) is signed with OpenPGP, and no OpenPGP keys are trusted here: set source.verify.keyringFile")
        }
        guard let packet = OpenPGPPacket.first(in: text.bytes[...]), packet.tag == OpenPGPPacket.signature,
            packet.length == text.bytes.count
        else {
            return refusal(
                .signatureInvalid, "the signature of \(what) is not exactly one signature of OpenPGP: sign it anew")
        }
        let arguments = [
            "--homedir", "/nonexistent", "--keyring", VerifierProcess.path(ofFile: 2), "--status-fd", "1", "--",
            VerifierProcess.path(ofFile: 1), "-",
        ]
        let result = try process.run(.gpgv, arguments, signed: signed, files: [text.bytes, keyring])
        return judge(GPGStatus(result.output), exitCode: result.exitCode, what)
    }

    private func judge(_ status: GPGStatus, exitCode: Int32, _ what: String) -> SignatureVerdict {
        let file = roots.settings.keyringFile ?? ""
        let key = "the OpenPGP key \(status.key)"
        switch status.verdict {
        case .good(let valid):
            guard exitCode == 0, valid.signatureClass == "00" else { break }
            guard Self.strongHashes.contains(valid.hash) else {
                return refusal(
                    .signatureTooWeak,
                    "\(what) is signed by \(key) with a digest that can be forged (number \(valid.hash)): sign it with SHA-256 or better"
                )
            }
            guard roots.fingerprints?.contains(String(valid.primary)) ?? true else {
                return refusal(
                    .keyNotAllowed,
                    "\(what) is signed by the OpenPGP key \(valid.primary), which is in '\(file)' and not among "
                        + "source.verify.fingerprints: add it there if its owner may decide what runs here")
            }
            return .success("OpenPGP \(valid.primary)")
        case .signatureExpired:
            return refusal(.signatureExpired, "the signature of \(what) by \(key) has ended: sign a new commit")
        case .keyExpired:
            return refusal(
                .keyExpired,
                "\(what) is signed by \(key), which has expired: sign a new commit with a present key, or put the prolonged key "
                    + "into '\(file)'")
        case .keyRevoked:
            return refusal(
                .keyRevoked,
                "\(what) is signed by \(key), which is revoked: sign a new commit with another key, and find out what else this "
                    + "one signed")
        case .keyUnknown:
            return refusal(
                .keyUnknown,
                "\(what) is signed by \(key), which is not in '\(file)': add it if its owner may decide what runs here")
        case .bad:
            return refusal(
                .signatureInvalid,
                "the signature by \(key) does not fit \(what): it was changed after it was signed, or the signature was taken "
                    + "from elsewhere")
        case .none: break
        }
        return refusal(
            .signatureInvalid,
            "gpgv cannot make anything of the signature of \(what): sign it with a present version of git and gpg")
    }

    private func refusal(_ state: SourceStatus.State, _ message: String) -> SignatureVerdict {
        .failure(VerificationFailure(state, message))
    }
}

/// What `gpgv --status-fd` said of one signature: `doc/DETAILS` of GnuPG.
///
/// Its exit status is 0 also for keys that are revoked or expired. The names of users, which anybody can choose, are not
/// looked at.
struct GPGStatus {
    struct Valid: Equatable {
        var hash: Substring
        var signatureClass: Substring
        /// The fingerprint of the primary key, whichever subkey signed.
        var primary: Substring
    }

    enum Verdict: Equatable {
        case good(Valid)
        case signatureExpired, keyExpired, keyRevoked, keyUnknown, bad
        /// No verdict, or more than one.
        case none
    }

    private(set) var verdict = Verdict.none
    /// The fingerprint, or what is known of it.
    private(set) var key: Substring = "?"

    private static let verdicts: Set<Substring> = ["GOODSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "BADSIG", "ERRSIG"]

    init(_ output: String) {
        let lines = output.split(separator: "\n").filter { $0.hasPrefix("[GNUPG:] ") }.map {
            $0.dropFirst(9).split(separator: " ")
        }
        let verdicts = lines.filter { $0.first.map(Self.verdicts.contains) == true }
        let valid = lines.filter { $0.first == "VALIDSIG" }
        guard verdicts.count == 1, valid.count <= 1, let words = verdicts.first, words.count > 1 else { return }
        key = Self.hexadecimal(words[1])
        let details = valid.first.flatMap(Self.valid)
        if let details { key = details.primary }
        switch words[0] {
        case "GOODSIG": verdict = details.map { .good($0) } ?? .none
        case "EXPSIG": verdict = .signatureExpired
        case "EXPKEYSIG": verdict = .keyExpired
        case "REVKEYSIG": verdict = .keyRevoked
        case "BADSIG": verdict = .bad
        // The sixth is the reason, 9 for a key that is not there; newer versions add the fingerprint.
        case "ERRSIG" where words.count > 6 && words[6] == "9":
            verdict = .keyUnknown
            if words.count > 7 { key = Self.hexadecimal(words[7]) }
        default: break
        }
    }

    private static func valid(_ words: [Substring]) -> Valid? {
        guard words.count >= 11 else { return nil }
        return Valid(hash: words[8], signatureClass: words[9], primary: hexadecimal(words[10]))
    }

    private static func hexadecimal(_ word: Substring) -> Substring { word.allSatisfy(\.isHexDigit) ? word : "?" }
}
