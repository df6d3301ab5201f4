import Specs
import Testing

@Suite("ScheduledTask and the schedules of all kinds")
struct ScheduledTaskTests {
    @Test("a complete document has every field")
    func complete() throws {
        let task = try #require(try CompleteSpecs.load().scheduledTasks.first)
        var schedule = Schedule()
        schedule.weekday = .sunday
        schedule.nth = -1
        schedule.at = WallTime(hour: 2, minute: 0)
        var expected = ScheduledTask(
            hostPool: "everything", schedule: schedule, template: task.spec.source.template)
        expected.timeZone = "Asia/Tokyo"
        expected.concurrencyPolicy = .forbid
        expected.startingDeadline = .seconds(1800)
        expected.activeDeadline = .seconds(7200)
        expected.history.successful = 7
        expected.history.failed = 5
        expected.retries.limit = 2
        expected.retries.backoff = .seconds(60)
        expected.retries.maxBackoff = .seconds(600)
        expected.suspend = true
        expected.placement.tolerations = [Toleration(key: "spot", operator: .exists)]
        expected.placement.antiAffinity = AntiAffinity(required: false)
        expected.placement.dependsOn = [ResourceID(.warmPool, "sandbox")]
        #expect(task.spec == expected)
        #expect(task.spec.source.reference == "everything")
        #expect(task.spec.source.template.image == "nginx:1.27")
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let text = [object("ScheduledTask", "schedule: \"@daily\"\ntemplate: {image: a}"), pool]
        let spec = try #require(load(text.joined(separator: "\n---\n")).specs?.scheduledTasks.first?.spec)
        let daily = Schedule(cron: try CronExpression.parse("0 0 * * *"))
        #expect(spec == ScheduledTask(hostPool: "local", schedule: daily, template: ContainerTemplate(image: "a")))
        #expect(spec.timeZone == "UTC" && spec.concurrencyPolicy == .allow && !spec.suspend)
        #expect(spec.history.successful == 3 && spec.history.failed == 1 && spec.retries.limit == 0)
        #expect(spec.startingDeadline == nil && spec.activeDeadline == nil)
    }

    @Test(
        "what is wrong is said at its place",
        arguments: [
            ("suspend: true", "5:3: error: 'spec' needs 'schedule'"),
            ("schedule: daily", "5:13: error: 'spec.schedule': it has 1 field, expected 5 "),
            ("schedule: \"61 * * * *\"", "5:13: error: 'spec.schedule': "),
            (
                "schedule: \"@daily\"\nretries: {limit: 3, backoff: 10m, maxBackoff: 1m}",
                "6:32: error: 'backoff' must be at most 'maxBackoff', 1m, not 10m"
            ),
            ("schedule: {}", "5:13: error: 'spec.schedule' needs 'cron', 'rrule', 'weekday' or 'dates'"),
            ("schedule: {weekday: sunday}", "5:13: error: 'spec.schedule' needs 'at'"),
            ("schedule: {weekday: sun, at: \"02:00\"}", "5:23: error: 'spec.schedule.weekday': "),
            (
                "schedule: {weekday: sunday, nth: 0, at: \"02:00\"}",
                "5:36: error: 'nth' must be 1-5, or -1 for the last, not 0"
            ),
            (
                "schedule: {cron: \"0 2 * * *\", nth: 1}",
                "5:38: error: 'spec.schedule.nth' needs 'weekday' (remove it)"
            ),
            (
                "schedule: {cron: \"0 2 * * *\", at: \"02:00\"}",
                "5:37: error: 'spec.schedule.at' needs 'weekday' or 'rrule' (remove it)"
            ),
            (
                "schedule: {cron: \"0 2 * * *\", start: 2026-01-01}",
                "5:40: error: 'spec.schedule.start' needs 'rrule' (remove it)"
            ),
            (
                "schedule: {cron: \"0 2 * * *\", weekday: sunday}",
                "5:42: error: 'weekday' cannot stand beside 'cron', first at web.yaml:5:20 (keep one of the two)"
            ),
            (
                "schedule: {rrule: FREQ=WEEKLY;INTERVAL=2, at: \"02:00\"}",
                "5:13: error: 'spec.schedule' needs 'start', because its days depend on where it starts (such as 'start: 2026-01-01')"
            ),
            ("schedule: {rrule: FREQ=OFTEN, at: \"02:00\"}", "5:21: error: 'spec.schedule.rrule': "),
            ("schedule: {weekday: sunday, at: \"25:00\"}", "5:35: error: 'spec.schedule.at': "),
            ("schedule: {dates: []}", "5:21: error: 'spec.schedule.dates' must have at least one item"),
            ("schedule: {dates: [2026-02-30T00:00]}", "5:22: error: 'spec.schedule.dates.0': "),
            (
                "schedule: \"@daily\"\ntimeZone: Asia/Tokio",
                "6:13: error: 'Asia/Tokio' is not a time zone"
            ),
            (
                "schedule: \"@daily\"\ntimeZone: Tokyo!",
                "6:13: error: 'spec.timeZone' must be a time zone such as 'Asia/Tokyo', not 'Tokyo!'"
            ),
            (
                "schedule: \"@daily\"\nconcurrencyPolicy: forbid",
                "6:22: error: 'spec.concurrencyPolicy' must be Allow, Forbid or Replace, not 'forbid' (did you mean 'Forbid'?)"
            ),
            (
                "schedule: \"@daily\"\nactiveDeadline: 2",
                "6:19: error: 'spec.activeDeadline' must be a duration such as 90s or 1h30m, not '2' (give it a unit: '2s' is seconds)"
            ),
            (
                "schedule: \"@daily\"\nhistory: {successful: 101}",
                "6:25: error: 'spec.history.successful' must be 0-100, not '101'"
            ),
            (
                "schedule: \"@daily\"\nretries: {limit: -1}",
                "6:20: error: 'spec.retries.limit' must be 0-100, not '-1'"
            ),
            ("schedule: \"0 0 30 2 *\"", "5:13: error: the schedule of ScheduledTask/x never comes: "),
        ])
    func mistakes(lines: String, expected: String) {
        let found = problems(of: "ScheduledTask", lines + "\ntemplate: {image: a}")
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
    }
}
