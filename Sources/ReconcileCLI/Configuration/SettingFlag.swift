import ArgumentParser
import Specs

/// The options of a command line that settings are made of; those that a command does not have are nil.
struct Flags {
    var source: SourceOptions?
    var host: HostOptions?
    var log: LogOptions?
}

/// The flag of a setting: how it is spelt, and where the parser of arguments puts its value.
struct SettingFlag: Sendable {
    /// With its dashes.
    let name: String
    /// What stands for the value in the help.
    let valueName: String?
    /// What was written, in the order of the command line; none where it was left out.
    let texts: @Sendable (Flags) -> [String]

    /// A flag with a value.
    init(_ name: String, _ place: any KeyPath<Flags, String?> & Sendable, valueName: String? = nil) {
        self.name = name
        self.valueName = valueName
        texts = { $0[keyPath: place].map { [$0] } ?? [] }
    }

    /// A flag with a value that may be repeated.
    init(_ name: String, repeated place: any KeyPath<Flags, [String]?> & Sendable, valueName: String? = nil) {
        self.name = name
        self.valueName = valueName
        texts = { $0[keyPath: place] ?? [] }
    }

    /// A flag without a value, which says `true`.
    init(_ name: String, isGiven place: any KeyPath<Flags, Bool?> & Sendable) {
        self.name = name
        valueName = nil
        texts = { $0[keyPath: place] == true ? ["true"] : [] }
    }
}

extension ArgumentHelp {
    /// The help of the flag of a setting.
    static func setting(_ key: String) -> ArgumentHelp {
        guard let help = ofFlags[key] else { preconditionFailure("no setting '\(key)' has a flag") }
        return help
    }

    /// By the keys of settings: the parser of arguments asks for each more than once.
    private static let ofFlags: [String: ArgumentHelp] = {
        let blank = HostConfiguration()
        return HostConfiguration.settings.reduce(into: [:]) { all, setting in
            guard let flag = setting.flag else { return }
            let isGiven: Bool
            if case .boolean = setting.type { isGiven = true } else { isGiven = false }
            let words = isGiven ? nil : setting.defaultWords(blank)
            all[setting.key] = ArgumentHelp(
                "\(setting.summary)" + (words.map { " (default: \($0))" } ?? ""), valueName: flag.valueName)
        }
    }()
}
