/// Bounds on a schedule as they are written.
struct ScheduledBoundsDraft: Hashable, Sendable {
    var name = ""
    var start: CronExpression?
    var end: CronExpression?
    var timeZone = TimeZoneRules.utc.name
    var min = 0
    var max = 1

    static let type = ValueType<ScheduledBoundsDraft>.object.map { draft, field -> Autoscaler.ScheduledBounds? in
        guard let start = draft.start, let end = draft.end else { return nil }
        // Positions count items as the file does, but the spec sorts them by name.
        field.context.record(Autoscaler.ScheduledBounds.path(draft.name), at: field.node.position)
        for key in ["start", "end", "timeZone", "min"] {
            let place = field.context.fields["\(field.path).\(key)"] ?? field.node.position
            field.context.record("\(Autoscaler.ScheduledBounds.path(draft.name)).\(key)", at: place)
        }
        do throws(InvalidText) {
            return Autoscaler.ScheduledBounds(
                name: draft.name, interval: try CronInterval(start: start, end: end), timeZone: draft.timeZone,
                min: draft.min, max: draft.max)
        } catch {
            field.report(.invalidCron, "\(field.name): \(error.problem)", hint: error.hint)
            return nil
        }
    }
}

extension Autoscaler.ScheduledBounds {
    /// Where `FieldPositions` keeps the places of the bounds of this name; no name has a colon.
    static func path(_ name: String) -> String { "spec.schedules:\(name)" }
}

extension ScheduledBoundsDraft: Declared {
    static let definition = ObjectDefinition(
        "ScheduledBounds", "Other bounds from one time to another, again and again.", blank: Self(),
        fields: [
            .required("name", \.name, .string(.objectName), "What plans and events call it."),
            .required("start", \.start, .cron, "When it begins: five fields of cron."),
            .required("end", \.end, .cron, "When it ends: five fields of cron."),
            .field("timeZone", \.timeZone, .string(.timeZone), "The IANA time zone of both."),
            .required("min", \.min, .integer(in: 0...1000), "The least members."),
            .required("max", \.max, .integer(in: 0...1000), "The most members."),
        ],
        rules: [
            ObjectRule("`min` is at most `max`.", about: ["min", "max"]) { bounds, reader in
                if bounds.min <= bounds.max { return true }
                reader["min"]?.report(.outOfRange, "'min' must be at most 'max', \(bounds.max), not \(bounds.min)")
                return false
            }
        ])
}
