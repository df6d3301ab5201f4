// S500-S599: schedules and time.
extension Diagnostic.Explanation {
    static let windowNeverOpens = Self(
        "window that never opens",
        meaning: "The schedule has no occurrence, such as the thirtieth of February.",
        reason: "What waits for the window would wait for ever, which looks like a controller that hangs.",
        wrong: .window("{cron: \"0 2 30 2 *\"}"),
        right: .window("{cron: \"0 2 28 2 *\"}"))

    static let unknownTimeZone = Self(
        "unknown time zone",
        meaning: "The name is not in the IANA time zone database. Abbreviations such as `JST` are not names of zones.",
        reason: "Taking UTC instead would open windows and run tasks hours away from when they are wanted.",
        wrong: .window("{cron: \"0 2 * * SUN\"}", timeZone: "Asia/Tokio"),
        right: .window("{cron: \"0 2 * * SUN\"}", timeZone: "Asia/Tokyo"))

    static let invalidCron = Self(
        "cron expression that cannot be read",
        meaning:
            "The text is not five fields (minute, hour, day of month, month, day of week), or a field is out of its range.",
        reason: "Dialects of cron differ; what is not plain in all of them is refused rather than guessed.",
        wrong: .window("{cron: \"0 25 * * *\"}"),
        right: .window("{cron: \"0 23 * * *\"}"))

    static let invalidRecurrence = Self(
        "recurrence that cannot be read",
        meaning: "The schedule's recurrence rule (`weekday`, `nth`, `at` or an RFC 5545 `rrule`) is not well formed.",
        reason: "A rule that is read in part repeats at other times than its author meant.",
        wrong: .window("{rrule: \"FREQ=MONTHLY;BYDAY=XX\", at: \"02:00\"}"),
        right: .window("{rrule: \"FREQ=MONTHLY;BYDAY=3SU\", at: \"02:00\"}"))
}

extension Diagnostic.Explanation.Example {
    fileprivate static func window(_ schedule: String, timeZone: String = "Asia/Tokyo") -> Self {
        let spec = "kind: allow\nschedule: \(schedule)\nduration: 4h\ntimeZone: \(timeZone)\nselector: {}"
        return Self(text: object("MaintenanceWindow", "nights", spec), isEscaped: false)
    }
}
