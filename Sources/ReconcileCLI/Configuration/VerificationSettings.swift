import GitSource
import Specs

/// Whose signatures a revision needs; nothing that is set asks for none.
struct VerificationSettings: Sendable {
    var mode: SourceVerification.Mode?
    var allowedSignersFile: String?
    var revokedKeysFile: String?
    var keyringFile: String?
    var fingerprints: [String] = []
    var maxCommitAge: Duration?

    /// What the library that fetches asks for; nil where nobody named a mode.
    var verification: SourceVerification? {
        mode.map {
            SourceVerification(
                mode: $0, allowedSignersFile: allowedSignersFile, revokedKeysFile: revokedKeysFile,
                keyringFile: keyringFile, fingerprints: fingerprints, maxCommitAge: maxCommitAge)
        }
    }
}

extension VerificationSettings {
    /// How the keys of these settings begin.
    static let section = "source.verify."

    static let settings: [Setting<VerificationSettings>] = [
        Setting(
            "mode", \.mode,
            .choice([
                .head: "the commit that the reference leads to must be signed", .tag: "the tag that the reference is",
                .tagAndHead: "both",
            ]), "What must be signed, and by keys of this host: docs/trust.md.", whenLeftOut: "nothing must be"),
        Setting(
            "allowedSignersFile", \.allowedSignersFile, .string(.path), "The keys whose ssh signatures count."),
        Setting("revokedKeysFile", \.revokedKeysFile, .string(.path), "Keys of ssh that count no more."),
        Setting("keyringFile", \.keyringFile, .string(.path), "The keys whose OpenPGP signatures count."),
        Setting(
            "fingerprints", \.fingerprints, .list(of: .string),
            "Of the keys in the keyring only these, by the fingerprints of their primary keys.", whenLeftOut: "all"),
        Setting(
            "maxCommitAge", \.maxCommitAge, .duration(in: .seconds(60) ... .seconds(10 * 366 * 86_400)),
            "How long ago what comes into force may have been made.", whenLeftOut: "any time"),
    ]
}

extension LoadedConfiguration {
    /// - Throws: `UsageError` when something is said about signatures, and not which ones are needed.
    func requireVerificationMode() throws(UsageError) {
        guard values.source.verify.mode == nil else { return }
        let named = VerificationSettings.settings.map { "source.verify.\($0.key)" }.first { origins[$0] != nil }
        guard let named else { return }
        throw problem(
            named, "'\(named)' needs 'source.verify.mode': head for signed commits, tag for signed tags, or tagAndHead")
    }
}
