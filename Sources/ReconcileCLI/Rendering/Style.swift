import Specs

/// Text with or without a terminal's colours.
struct Style {
    enum Role: String {
        case error = "1;31"
        case warning = "1;33"
        case info = "1;36"
        case help = "1;32"
        case strong = "1"
        /// What a plan does with a thing.
        case made = "32"
        case removed = "31"
        case changed = "33"
        case replaced = "35"
        case held = "36"
        /// What frames a source line.
        case frame = "34"
        /// Bars, and the row that keys are about.
        case selected = "7"
    }

    var isColored: Bool

    static let plain = Style(isColored: false)

    func callAsFunction(_ text: String, _ role: Role) -> String {
        isColored && !text.isEmpty ? "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension Diagnostic.Severity {
    var role: Style.Role {
        switch self {
        case .error: .error
        case .warning: .warning
        case .info: .info
        }
    }
}
