import Logging
import Specs

/// What is logged, and how it looks.
struct LogSettings: Sendable {
    enum Format: String, CaseIterable, Sendable {
        case auto, json, text
    }

    /// nil is left to what the program is asked to do.
    var level: Logger.Level?
    var format = Format.auto
}

extension LogSettings {
    static let settings: [Setting<LogSettings>] = [
        Setting(
            "level", \.level, .choice(), "Least severe level that is logged.",
            whenLeftOut: "info; with --once: warning",
            flag: SettingFlag("--log-level", \.log?.logLevel, valueName: "level")),
        Setting(
            "format", \.format,
            .choice([
                .auto: "text on a terminal, else json", .json: "one JSON object a line", .text: "for people",
            ]), "How a line of the log looks.",
            flag: SettingFlag("--log-format", \.log?.logFormat, valueName: "format")),
    ]
}
