import Specs

/// How names are looked up for containers whose NetworkPolicy says which there are.
struct NameSettings: Sendable {
    var resolvConf = "/etc/resolv.conf"
}

extension NameSettings {
    static let settings: [Setting<NameSettings>] = [
        Setting(
            "resolvConf", \.resolvConf, .string(.path),
            "File in the format of resolv.conf(5) with the resolvers that the name filter asks.")
    ]
}
