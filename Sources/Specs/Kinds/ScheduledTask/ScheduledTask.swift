/// A container that runs on a schedule and ends by itself; Kubernetes' CronJob.
package struct ScheduledTask: Hashable, Sendable {
    /// What happens when it is time and the last run has not ended.
    package enum ConcurrencyPolicy: String, CaseIterable, Hashable, Sendable {
        case allow = "Allow"
        case forbid = "Forbid"
        case replace = "Replace"
    }

    /// How many ended runs are kept.
    package struct History: Hashable, Sendable {
        package var successful = 3
        package var failed = 1

        package init() {}
    }

    package struct Retries: Hashable, Sendable {
        package var limit = 0
        package var backoff = Duration.seconds(10)
        package var maxBackoff = Duration.minutes(6)

        package init() {}
    }

    package var placement: Placement
    package var schedule: Schedule
    package var timeZone: String
    package var concurrencyPolicy: ConcurrencyPolicy
    /// How late a run may begin; nil is always.
    package var startingDeadline: Duration?
    /// How long a run may take; nil is as long as it needs.
    package var activeDeadline: Duration?
    package var history: History
    package var retries: Retries
    package var suspend: Bool
    package var source: TemplateSource

    package init(hostPool: String, schedule: Schedule, template: ContainerTemplate) {
        placement = Placement(hostPool: hostPool)
        self.schedule = schedule
        timeZone = TimeZoneRules.utc.name
        concurrencyPolicy = .allow
        history = History()
        retries = Retries()
        suspend = false
        source = TemplateSource(template)
    }
}

extension ScheduledTask: KindSpec {
    package static let kind = ResourceKind.scheduledTask
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.scheduledTasks
    package static let enforcement = Enforcement.by("control loop")

    private static let times: ClosedRange<Duration> = .seconds(1) ... .hours(24 * 30)

    package static let definition = ObjectDefinition(
        "ScheduledTask", "A container that runs on a schedule and ends by itself.",
        blank: ScheduledTask(hostPool: "", schedule: Schedule(), template: ContainerTemplate(image: "")),
        fields: [
            .required("schedule", \.schedule, Schedule.type, "When it runs."),
            .field("timeZone", \.timeZone, .string(.timeZone), "The IANA time zone of the schedule."),
            .field(
                "concurrencyPolicy", \.concurrencyPolicy,
                .choice([
                    .allow: "both run", .forbid: "the new run waits until the old one has ended or the next is due",
                    .replace: "the old run is stopped",
                ]), "What happens when it is time and the last run has not ended."),
            .field(
                "startingDeadline", \.startingDeadline, .duration(in: times), "How late a run may begin.",
                whenLeftOut: "until the next run is due"),
            .field(
                "activeDeadline", \.activeDeadline, .duration(in: times), "How long a run may take.",
                whenLeftOut: "as long as it needs"),
            .field("history", \.history, .object, "How many ended runs are kept."),
            .field("retries", \.retries, .object, "What happens when a run fails."),
            .field("suspend", \.suspend, .boolean, "Starts no new runs."),
        ] + Placement.fields.embedded(at: \.placement) + TemplateSource.fields.embedded(at: \.source),
        rules: [TemplateSource.rule()])
}

extension ScheduledTask.History: Declared {
    package static let definition = ObjectDefinition(
        "History", "How many ended runs are kept, with their logs.", blank: Self(),
        fields: [
            .field("successful", \.successful, .integer(in: 0...100), "Runs that ended with exit code 0."),
            .field("failed", \.failed, .integer(in: 0...100), "Runs that failed."),
        ])
}

extension ScheduledTask.Retries: Declared {
    package static let definition = ObjectDefinition(
        "Retries", "What happens when a run fails.", blank: Self(),
        fields: [
            .field("limit", \.limit, .integer(in: 0...100), "How often it is tried again."),
            .field(
                "backoff", \.backoff, .duration(in: .seconds(1) ... .hours(24)),
                "How long the first retry waits; each further one waits twice as long."),
            .field("maxBackoff", \.maxBackoff, .duration(in: .seconds(1) ... .hours(24)), "The longest wait."),
        ],
        rules: [
            ObjectRule("`backoff` is at most `maxBackoff`.", about: ["backoff", "maxBackoff"]) { retries, reader in
                guard retries.backoff > retries.maxBackoff else { return true }
                let field = reader["backoff"] ?? reader["maxBackoff"] ?? reader.field
                let (most, first) = (retries.maxBackoff.goText, retries.backoff.goText)
                field.report(.outOfRange, "'backoff' must be at most 'maxBackoff', \(most), not \(first)")
                return false
            }
        ])
}
