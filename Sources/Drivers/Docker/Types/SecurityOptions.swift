import Reconciler

/// The security options of a container as inspect shows them.
///
/// A seccomp profile is some kilobytes, in the very bytes that were sent: its digest is all that is kept of it.
package struct SecurityOptions: Hashable, Decodable, Sendable {
    /// Of the profile; nil for the engine's default, and `unconfined` for none.
    package var seccomp: String?
    package var noNewPrivileges = false
    package var appArmor: String?

    package init(_ options: [String]) {
        for option in options {
            // Docker splits at either.
            let end = option.firstIndex { $0 == "=" || $0 == ":" } ?? option.endIndex
            let value = String(option[end...].dropFirst())
            switch option[..<end] {
            case "seccomp": seccomp = value == "unconfined" ? value : SeccompFilter.digest(of: value)
            case "no-new-privileges": noNewPrivileges = value.isEmpty || value == "true"
            case "apparmor": appArmor = value
            default: continue
            }
        }
    }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([String].self))
    }
}
