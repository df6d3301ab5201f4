/// When changes of some classes may be made to some objects, or may not.
package struct MaintenanceWindow: Hashable, Sendable {
    package enum Effect: String, CaseIterable, Hashable, Sendable { case allow, deny }

    /// The classes of action that a window speaks of; see `ActionClass` of the planner.
    package enum Class: String, CaseIterable, Hashable, Comparable, Sendable {
        case safe, disruptive, destructive

        package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    package enum Overrun: String, CaseIterable, Hashable, Sendable { case finish, stop }

    package var effect: Effect
    package var schedule: Schedule
    /// On the wall: 4h from 02:00 end at 06:00, whatever the clock did between.
    package var duration: Duration
    package var timeZone: String
    package var selector: LabelSelector
    package var classes: [Class]
    /// How long before an opening it is announced; nil is not at all.
    package var notice: Duration?
    package var exceptions: [WindowSchedule.Exception]
    package var overrun: Overrun
    /// Whether a person's `reconcile sync` is let through in spite of the window.
    package var manualSync: Bool

    package init(effect: Effect = .allow, schedule: Schedule = Schedule(), duration: Duration = .zero) {
        self.effect = effect
        self.schedule = schedule
        self.duration = duration
        timeZone = TimeZoneRules.utc.name
        selector = LabelSelector()
        classes = [.destructive, .disruptive]
        exceptions = []
        overrun = .finish
        manualSync = false
    }

    /// When it is open by the rules of a time zone; nil for a schedule that was never checked.
    package func occurrences(in zone: TimeZoneRules) -> WindowSchedule? {
        schedule.starts.map {
            WindowSchedule(
                $0, .wall(duration.components.seconds), zone: zone, exceptions: exceptions,
                policy: effect == .allow ? .allow : .deny)
        }
    }
}

extension MaintenanceWindow: KindSpec {
    package static let kind = ResourceKind.maintenanceWindow
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.maintenanceWindows
    package static let enforcement = Enforcement.by("planner")

    package static let definition = ObjectDefinition(
        "MaintenanceWindow", "When changes of some classes may be made to some objects, or may not.",
        blank: MaintenanceWindow(),
        fields: [
            .required(
                "kind", \.effect,
                .choice([
                    .allow: "such changes only while a window is open", .deny: "no such changes while it is open",
                ]), "What an open window means; `deny` wins."),
            .required("schedule", \.schedule, Schedule.type, "When it opens."),
            .required(
                "duration", \.duration, .duration(in: .minutes(1) ... .hours(24 * 31)),
                "How long it stays open, by the clock on the wall."),
            .field("timeZone", \.timeZone, .string(.timeZone), "The IANA time zone of the schedule."),
            .required("selector", \.selector, .object, "Selects objects by their labels."),
            .field(
                "classes", \.classes,
                .set(of: .choice(classes), by: { $0 }, counts: 1...3, named: { "class '\($0.rawValue)'" }),
                "Which changes it speaks of."),
            .field(
                "notice", \.notice, .duration(in: .minutes(1) ... .hours(24 * 31)),
                "How long before an opening it is announced.", whenLeftOut: "not announced", .by("control loop")),
            .field(
                "exceptions", \.exceptions, .list(of: .windowException, counts: 0...1000),
                "Openings that are left out."),
            .field(
                "overrun", \.overrun,
                .choice([
                    .finish: "a change that began in time is finished", .stop: "it stops at the next safe point",
                ]), "What happens at the end of a window."),
            .field(
                "manualSync", \.manualSync, .boolean, "Whether a person's sync is let through in spite of the window."),
        ])

    private static let classes: [Class: String] = [
        .safe: "start, heal, scale up, change in place", .disruptive: "replace, restart, drain",
        .destructive: "remove",
    ]
}

extension ValueType where Value == WindowSchedule.Exception {
    static var windowException: Self {
        .text(
            "a date, dates with '..' between, or the date and time of a start", example: "2026-12-24..2027-01-02",
            pattern: "^\(TextPattern.date)(\\.\\.\(TextPattern.date)|T\(TextPattern.time))?$"
        ) { text throws(InvalidText) in try WindowSchedule.Exception.parse(text)
        }
    }
}
