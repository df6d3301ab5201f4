import Logging
import Specs

/// The daemon's own log, as it is answered.
extension APISchemas {
    static let logLevel = words(Logger.Level.allCases.map(\.rawValue))

    static let logs = [
        object(
            "LogPage", "Entries of the log, oldest first.",
            ["items": list("LogRecord"), "cursor": string, "missed": integer]),
        object(
            "LogRecord", "One entry of the log.",
            [
                "timestamp": moment, "level": logLevel, "message": string,
                "fields": ["type": "object", "description": "Such as event; each is what it is."],
            ]),
    ]
}
