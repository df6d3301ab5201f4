import Specs

/// What names below the specs folder mean.
package enum SpecNames {
    /// `*.yaml` and `*.yml`, in any case.
    package static func isSpec(_ name: String) -> Bool {
        // Without a copy: a folder may list a hundred thousand names.
        let end = name.utf8.suffix(5).map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        return end.elementsEqual(".yaml".utf8) || end.suffix(4).elementsEqual(".yml".utf8)
    }

    /// Specs, and the files that specs may name.
    package static func isRead(_ name: String) -> Bool { isSpec(name) || SpecFile.isAttachment(name) }

    /// Files and folders that begin with a dot are never looked at.
    package static func isHidden(_ name: String) -> Bool { name.hasPrefix(".") }

    /// A link that could be a spec file, or a folder of them, when followed.
    ///
    /// What cannot be told is refused: a folder of specs that turned into a link must not look like specs that went
    /// away. `README.md` and the like are passed over.
    package static func linkMayHideSpecs(_ name: String) -> Bool { isRead(name) || !name.contains(".") }

    /// A spec file, and the folders above it, may use `A-Z a-z 0-9 . _ -` only.
    package static func isPlain(_ name: String) -> Bool {
        name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
            default: false
            }
        }
    }

    /// A name that no honest git client writes into a tree, because it would leave the folder or enter `.git`.
    package static func isHostile(_ name: String) -> Bool {
        let lowered = name.lowercased()
        if name.isEmpty || [".", "..", ".git", "git~1"].contains(lowered) { return true }
        return name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f || $0 == "/" || $0 == "\\" }
    }
}
