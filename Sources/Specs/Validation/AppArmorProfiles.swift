/// Profiles of AppArmor must be there, and be one profile each.
enum AppArmorProfiles {
    /// Puts the texts of files into the objects that name them, and gives all findings.
    static func resolve(_ set: inout SpecSet, _ attachments: Attachments) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        for index in set.securityProfiles.indices {
            guard let path = set.securityProfiles[index].spec.appArmor?.file else { continue }
            let place = set.securityProfiles[index].position(of: "spec.appArmor.file")
            let (file, finding) = attachments.file(at: path, namedAt: place, ending: ".apparmor")
            if let finding { diagnostics.append(finding) }
            guard let file else { continue }
            do throws(InvalidText) {
                set.securityProfiles[index].spec.appArmor?.text = try text(of: file)
            } catch {
                let message = "\(Diagnostic.quote(path)): \(error.problem)"
                diagnostics.append(Diagnostic(.invalidValue, at: place, message, hint: error.hint))
            }
        }
        return diagnostics
    }

    private static func text(of file: SpecFile) throws(InvalidText) -> AppArmorText {
        guard let text = String(validating: file.bytes, as: UTF8.self), !file.bytes.contains(0) else {
            throw InvalidText("it is not text in UTF-8")
        }
        return try AppArmorText(text)
    }
}
