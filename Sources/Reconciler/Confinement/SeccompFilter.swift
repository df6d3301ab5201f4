import Crypto
package import Specs

/// The most that a repository can be let do: every profile is cut down to it.
package struct SeccompBaseline: Hashable, Sendable {
    package let base: SecurityProfile.Seccomp.Base

    package init(_ base: SecurityProfile.Seccomp.Base) { self.base = base }

    /// With its version, as people are shown it.
    package var name: String { base.versionedName }

    /// Read when it is first needed: a host without profiles never does.
    package var profile: SeccompProfile { base.profile }

    /// Whether containers without a SecurityProfile are left to the engine's own default, as they would be without us.
    package var leavesOthersToEngine: Bool { base == .dockerDefault }

    /// What Docker lets through by default.
    package static let `default` = SeccompBaseline(.dockerDefault)
}

/// The seccomp profile that an engine is told for a container, and where it comes from.
package struct SeccompFilter: Hashable, Sendable {
    /// What it is made of, with versions: `sandbox v1 within docker-default 0.2.3`.
    package var name: String
    package var mode: SecurityProfile.Seccomp.Mode
    /// In Docker's format, in canonical form.
    package var json: String
    /// Of `json`: 16 hex digits.
    package var digest: String
    /// Calls that the profile lets through and the host's baseline does not; sorted.
    package var withheld: [String]

    /// Proxies before engines cut bodies at 1 MB, and what follows is never looked at; this leaves room for the rest.
    package static let mostBytes = 256 << 10

    /// The baseline alone.
    package init(_ baseline: SeccompBaseline) throws(InvalidText) {
        try self.init(baseline.profile.intersection(baseline.profile), name: baseline.name, mode: .enforce)
    }

    /// A profile within the baseline.
    ///
    /// - Throws: if no filter can say what both let through, or only one that is too large.
    package init(_ seccomp: SecurityProfile.Seccomp, within baseline: SeccompBaseline) throws(InvalidText) {
        guard let base = seccomp.baseProfile else {
            throw InvalidText("its seccomp profile '\(seccomp.file ?? "")' cannot be read")
        }
        let own = try base.combined(allow: seccomp.allow, deny: seccomp.deny)
        let name = (seccomp.file ?? seccomp.base.versionedName) + " within " + baseline.name
        let effective =
            switch seccomp.mode {
            case .enforce: try own.intersection(baseline.profile)
            case .log: try own.observed(within: baseline.profile)
            }
        try self.init(effective, name: name, mode: seccomp.mode)
        guard let asked = own.allowedNames, let granted = effective.allowedNames else { return }
        let ours = asked.filter { !SystemCalls.architectures(of: $0).isEmpty }
        withheld = ours.subtracting(granted).sorted()
    }

    private init(
        _ profile: SeccompProfile, name: String, mode: SecurityProfile.Seccomp.Mode
    ) throws(InvalidText) {
        self.name = name
        self.mode = mode
        json = profile.json
        digest = Self.digest(of: json)
        withheld = []
        guard json.utf8.count <= Self.mostBytes else {
            throw InvalidText(
                "its seccomp profile comes to \(json.utf8.count) bytes, more than \(Self.mostBytes)",
                hint: "use fewer rules with arguments")
        }
    }

    /// What tells one profile from another: 16 hex digits.
    package static func digest(of json: String) -> String {
        SHA256.hash(data: Array(json.utf8)).prefix(8).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }
}
