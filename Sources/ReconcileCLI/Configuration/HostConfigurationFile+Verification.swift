import GitSource
import Specs

extension HostConfigurationFile {
    /// Whose signatures a revision needs: `source.verify`.
    static func verification(_ field: Field) -> SourceVerification? {
        let keys = ["mode", "allowedSignersFile", "revokedKeysFile", "keyringFile", "fingerprints", "maxCommitAge"]
        guard let fields = field.fields(keys) else { return nil }
        guard let mode = fields["mode"] else {
            field.report(
                .missingKey, "\(field.name) needs 'mode'",
                hint: "head for signed commits, tag for signed tags, or tagAndHead")
            return nil
        }
        // A mode that cannot be read is a finding, which ends the program before this value is used.
        return SourceVerification(
            mode: mode.choice() ?? .tagAndHead, allowedSignersFile: fields["allowedSignersFile"]?.string(),
            revokedKeysFile: fields["revokedKeysFile"]?.string(), keyringFile: fields["keyringFile"]?.string(),
            fingerprints: fields["fingerprints"]?.strings() ?? [],
            maxCommitAge: fields["maxCommitAge"]?.duration(in: .seconds(60)...(.seconds(10 * 366 * 86_400))))
    }
}
