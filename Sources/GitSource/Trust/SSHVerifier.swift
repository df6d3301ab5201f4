import FoundationEssentials
import Reconciler
import Specs

/// Judges signatures of ssh: `ssh-keygen` says yes or no, and a no is explained here.
struct SSHVerifier {
    let process: VerifierProcess
    let roots: TrustRoots
    let now: Instant

    /// - Parameter what: what is signed, for messages: `commit 1234567`.
    /// - Returns: who signed.
    /// - Throws: when there is no verdict.
    func verdict(on text: SignatureText, over signed: [UInt8], what: String) throws(SourceError) -> SignatureVerdict {
        guard let signature = SSHSignature(text.bytes) else {
            return refusal(.signatureInvalid, "the signature of \(what) is not one of ssh: sign it anew")
        }
        let key = signature.keyName
        guard let signers = roots.allowedSigners else {
            return refusal(
                .keyUnknown,
                "\(what) is signed by \(key), and no ssh keys are trusted here: set source.verify.allowedSignersFile")
        }
        guard signature.namespace == SSHSignature.gitNamespace else {
            let namespace = Redaction().apply(to: signature.namespace)
            return refusal(
                .wrongNamespace,
                "the signature of \(what) by \(key) was made for '\(namespace)', not for 'git': sign it with git")
        }
        guard !signature.isWeak else {
            return refusal(
                .signatureTooWeak,
                "\(what) is signed by \(key) with a method that rests on SHA-1: sign it with an ed25519, ecdsa or rsa-sha2 key"
            )
        }
        let call = Call(
            process: process, signers: signers.bytes, revoked: roots.revokedKeys, armour: armour(text), now: now)
        let principals = try call.principals()
        guard let first = principals.first else { return explainNobody(signature, signers, what) }
        let names = Self.unique(principals + signers.namesForGit(of: signature.key))
        for principal in names where try call.isGood(for: principal, over: signed, withRevoked: true) {
            return .success("\(Redaction().apply(to: principal)) (\(signature.shortName))")
        }
        var isRevoked = false
        if roots.revokedKeys != nil { isRevoked = try call.isGood(for: first, over: signed, withRevoked: false) }
        return explainNo(to: "\(Redaction().apply(to: first)) (\(key))", isRevoked: isRevoked, signature, signers, what)
    }

    /// Each once, in order, and no more than a handful: the tool is started for each.
    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return Array(names.filter { seen.insert($0).inserted }.prefix(16))
    }

    /// Why a signature is not good although its key counts for somebody.
    private func explainNo(
        to name: String, isRevoked: Bool, _ signature: SSHSignature, _ signers: AllowedSigners, _ what: String
    ) -> SignatureVerdict {
        let lines = signers.lines(of: signature.key)
        if !lines.isEmpty, !lines.contains(where: \.isForGit) {
            return refusal(
                .keyNotAllowed,
                "\(what) is signed by \(name), whose namespaces in '\(signersFile)' do not hold 'git': add it there")
        }
        if isRevoked {
            return refusal(
                .keyRevoked,
                "\(what) is signed by \(name), which '\(roots.settings.revokedKeysFile ?? "")' revokes: sign a new commit with "
                    + "another key, and find out what else this one signed")
        }
        return refusal(
            .signatureInvalid,
            "the signature by \(name) does not fit \(what): it was changed after it was signed, or the signature was taken "
                + "from elsewhere")
    }

    /// Why the key counts for nobody at this moment.
    private func explainNobody(_ signature: SSHSignature, _ signers: AllowedSigners, _ what: String) -> SignatureVerdict
    {
        let lines = signers.lines(of: signature.key)
        guard let line = lines.last else {
            let more =
                signature.isCertificate
                ? "whose authority '\(signersFile)' does not name, or not for now"
                : "which '\(signersFile)' does not name"
            return refusal(
                .keyUnknown,
                "\(what) is signed by \(signature.keyName), \(more): add a line for it if its owner may decide what runs here"
            )
        }
        let name = "\(Redaction().apply(to: line.principals)) (\(signature.keyName))"
        if lines.contains(where: { $0.isNotYetValid(at: now) }) {
            return refusal(
                .keyNotYetValid,
                "\(what) is signed by \(name), which '\(signersFile)' trusts only later (valid-after): sign with the present "
                    + "key, or check the clock of this host")
        }
        if lines.contains(where: { $0.isExpired(at: now) }) {
            return refusal(
                .keyExpired,
                "\(what) is signed by \(name), which '\(signersFile)' trusts no more (valid-before): sign a new commit with a "
                    + "present key")
        }
        return refusal(
            .keyNotAllowed,
            "\(what) is signed by \(name), which its line in '\(signersFile)' does not allow: see its options")
    }

    private var signersFile: String { roots.settings.allowedSignersFile ?? "" }

    private func refusal(_ state: SourceStatus.State, _ message: String) -> SignatureVerdict {
        .failure(VerificationFailure(state, message))
    }

    /// Made anew from the bytes that were read, so that the tool sees nothing else.
    private func armour(_ text: SignatureText) -> [UInt8] {
        let name = text.format.rawValue
        return Array("-----BEGIN \(name)-----\n\(Data(text.bytes).base64EncodedString())\n-----END \(name)-----\n".utf8)
    }
}

/// The calls of `ssh-keygen` about one signature.
private struct Call {
    let process: VerifierProcess
    let signers: [UInt8]
    let revoked: [UInt8]?
    let armour: [UInt8]
    let now: Instant

    /// Names of whoever may sign with its key now.
    func principals() throws(SourceError) -> [String] {
        let arguments = [
            "-Y", "find-principals", "-f", VerifierProcess.path(ofFile: 2), "-s", VerifierProcess.path(ofFile: 1), time,
        ]
        let result = try process.run(.sshKeygen, arguments, signed: [], files: [armour, signers])
        guard result.exitCode == 0 else { return [] }
        return result.output.split(separator: "\n").map(String.init)
    }

    /// The exit status is the verdict; `check-novalidate`, which admits any key, is never used.
    func isGood(for principal: String, over signed: [UInt8], withRevoked: Bool) throws(SourceError) -> Bool {
        var arguments = [
            "-Y", "verify", "-f", VerifierProcess.path(ofFile: 2), "-I", principal, "-n", SSHSignature.gitNamespace,
            "-s", VerifierProcess.path(ofFile: 1), time,
        ]
        var files = [armour, signers]
        if withRevoked, let revoked {
            arguments += ["-r", VerifierProcess.path(ofFile: 3)]
            files.append(revoked)
        }
        return try process.run(.sshKeygen, arguments, signed: signed, files: files).exitCode == 0
    }

    private var time: String { "-Overify-time=\(AllowedSigners.Line.digits(now))Z" }
}
