import Specs

/// Who said what is in force, in order of increasing precedence.
enum SettingOrigin: Hashable, Sendable, CustomStringConvertible {
    case standard
    case file(SourcePosition)
    /// The name of a variable of the environment.
    case variable(String)
    /// With its dashes.
    case flag(String)

    /// For programs.
    var layer: String {
        switch self {
        case .standard: "default"
        case .file: "file"
        case .variable: "environment"
        case .flag: "flag"
        }
    }

    var description: String {
        switch self {
        case .standard: "default"
        case .file(let position): position.description
        case .variable(let name), .flag(let name): name
        }
    }
}

/// The command line or configuration cannot be used as it is.
struct UsageError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
