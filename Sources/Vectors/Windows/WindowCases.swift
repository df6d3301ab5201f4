import Reconciler
import Specs

/// Windows of Argo CD, Nomad's autoscaler, KEDA and kured, as windows of ours.
enum WindowCases {
    static let kinds: Set<String> = [
        "windows_active", "windows_inactive_allows", "windows_single_active", "can_sync", "helper_has_allow",
        "helper_has_deny", "helper_deny_allows_overrun", "validate", "validate_list", "schedule_window",
        "schedule_window_validate", "keda_cron_active", "keda_cron_validate", "weekday_window",
        "derived_window_active",
    ]

    private static let zones = TimeZoneDatabase()

    static func run(_ vector: VectorCase) throws(VectorError) {
        let fields = StepFields.of(vector)
        switch vector.kind {
        case "windows_active", "windows_inactive_allows", "windows_single_active": try runActive(vector.kind, fields)
        case "can_sync": try runCanSync(fields)
        case "helper_has_allow", "helper_has_deny", "helper_deny_allows_overrun": try runHelper(vector.kind, fields)
        case "validate", "validate_list": try runValidate(vector.kind, fields)
        case "schedule_window", "keda_cron_active": try runInterval(fields)
        case "schedule_window_validate": try runIntervalValidate(fields)
        case "keda_cron_validate": try runTriggerValidate(fields)
        case "weekday_window": try WeekdayCase.run(fields)
        case "derived_window_active": try runDerived(fields)
        default: throw VectorError("no part of the runner knows kind '\(vector.kind)'")
        }
        try fields.requireAllRead()
    }

    static func zone(_ name: String?) throws(InvalidText) -> TimeZoneRules {
        try zones.zone(name.flatMap { $0.isEmpty ? nil : $0 } ?? "UTC")
    }

    static func moment(_ name: String, _ fields: StepFields) throws(VectorError) -> Instant {
        let text = try fields.string(name)
        do throws(InvalidText) { return try Instant.parse(text) } catch { throw VectorError("'\(name)': \(error)") }
    }

    // MARK: Argo CD

    /// A window as the spec language has it; what Argo cannot read, we cannot either.
    private static func window(_ fields: StepFields, index: Int) throws(InvalidText) -> Window {
        let effect = fields.optionalString("kind") == "deny" ? MaintenanceWindow.Effect.deny : .allow
        // Cases about lists of windows that are open have no times: those are open always.
        let schedule = try CronExpression.parse(fields.optionalString("schedule") ?? "* * * * *")
        let duration: Duration
        do throws(QuantityError) {
            duration = try Duration.parse(fields.optionalString("duration") ?? "1h")
        } catch {
            throw InvalidText("the duration is wrong: \(error)")
        }
        var spec = MaintenanceWindow(effect: effect, schedule: Schedule(cron: schedule), duration: duration)
        spec.manualSync = fields.optionalBool("manualSync") ?? false
        spec.overrun = fields.optionalBool("syncOverrun") ?? false ? .finish : .stop
        guard let occurrences = spec.occurrences(in: try zone(fields.optionalString("timeZone"))) else {
            throw InvalidText("there is no schedule")
        }
        let place = SourcePosition(file: "case", line: 1, column: 1)
        return Window("window-\(index)", spec, occurrences, at: place)
    }

    /// nil where one of them cannot be read.
    private static func windows(_ fields: StepFields) throws(VectorError) -> [Window]? {
        var windows: [Window] = []
        for (index, part) in try fields.parts("windows").enumerated() {
            do throws(InvalidText) { windows.append(try window(part, index: index)) } catch { return nil }
            try part.requireAllRead()
        }
        return windows
    }

    private static func runActive(_ kind: String, _ fields: StepFields) throws(VectorError) {
        let (now, isError) = (try moment("now", fields), try fields.bool("error"))
        _ = fields["error_contains"]
        let windows = try windows(fields)
        try expect(.bool(windows == nil), .bool(isError))
        guard let windows else {
            (_, _) = (fields["expected"], fields["expected_indices"])
            return
        }
        let wantsShut = kind == "windows_inactive_allows"
        let found = windows.indices.filter { index in
            windows[index].schedule.isOpen(at: now) != wantsShut && !(wantsShut && windows[index].denies)
        }
        if kind == "windows_single_active" { return try expect(.bool(found == [0]), fields["expected"]) }
        try expect(.array(found.map { .number(Double($0)) }), fields["expected_indices"])
    }

    private static func runCanSync(_ fields: StepFields) throws(VectorError) {
        let (now, isManual, isError) = (try moment("now", fields), try fields.bool("manual"), try fields.bool("error"))
        _ = fields["error_contains"]
        var progress = WindowQuestion.Progress.notBegun
        if fields["operation_start"]?.string != nil { progress = .begun(at: try moment("operation_start", fields)) }
        let windows = try windows(fields)
        try expect(.bool(windows == nil), .bool(isError))
        // A revision with a window that cannot be read is refused as a whole.
        let decision = windows.map { WindowSet($0).decision(on: WindowQuestion(at: now, isManual: isManual, progress)) }
        try expect(.bool(decision?.isPermitted ?? false), fields["expected"])
    }

    private static func runHelper(_ kind: String, _ fields: StepFields) throws(VectorError) {
        guard let windows = try windows(fields) else { throw VectorError("a window cannot be read") }
        let set = WindowSet(windows)
        let now = Instant(secondsSince1970: 1_700_000_000)
        switch kind {
        case "helper_has_allow": try expect(.bool(!set.allows.isEmpty), fields.expectedValue)
        case "helper_has_deny":
            let expected = StepFields(fields.expectedValue?.object ?? [:])
            let barring = set.barring(at: now).filter(\.denies)
            try expect(.bool(!barring.isEmpty), expected["deny"])
            let manual = !barring.isEmpty && set.decision(on: WindowQuestion(at: now, isManual: true)).isPermitted
            try expect(.bool(manual), expected["manualEnabled"])
        default:
            let question = WindowQuestion(at: now, .begunInTime)
            try expect(.bool(!set.denies.isEmpty && set.decision(on: question).isPermitted), fields.expectedValue)
        }
    }

    /// Argo's objects as documents of ours. In a list, equal windows have one name, as they have one identity in Argo.
    private static func runValidate(_ kind: String, _ fields: StepFields) throws(VectorError) {
        _ = fields["error_contains"]
        let written = kind == "validate" ? [fields["window"] ?? .null] : fields.list("windows")
        var documents: [String] = []
        for case .object(let window) in written {
            let (schedule, duration) = (window["schedule"]?.string ?? "", window["duration"]?.string ?? "")
            let kind = window["kind"]?.string ?? ""
            let identity = Hexadecimal.text(Array("\(kind) \(schedule) \(duration)".utf8).suffix(20))
            documents.append(
                """
                apiVersion: reconcile.dev/v1
                kind: MaintenanceWindow
                metadata: {name: w\(identity)}
                spec: {kind: "\(kind)", schedule: "\(schedule)", duration: "\(duration)", selector: {}}
                """)
        }
        try expect(.bool(isValid(documents)), fields["valid"])
    }

    static func isValid(_ documents: [String]) -> Bool {
        let text = documents.joined(separator: "\n---\n")
        return SpecLoader.load([SpecFile(path: "case.yaml", bytes: Array(text.utf8))]).specs != nil
    }

    // MARK: Nomad and KEDA

    private static func runInterval(_ fields: StepFields) throws(VectorError) {
        (_, _) = (fields["desired"], fields["expected_metric"])
        let now = try moment("now", fields)
        let (start, name) = (try fields.string("start"), fields.optionalString("zone"))
        let (end, duration) = (fields.optionalString("end"), fields.optionalString("duration"))
        let isActive: Bool
        do {
            let (cron, zone) = (try CronExpression.parse(start), try zone(name))
            if let end {
                isActive = try CronInterval(start: cron, end: try CronExpression.parse(end)).isActive(at: now, in: zone)
            } else {
                let length = try Duration.parse(duration ?? "").roundedUpSeconds
                isActive = WindowSchedule(.cron(cron), .elapsed(length), zone: zone).isOpen(at: now)
            }
        } catch {
            throw VectorError("\(error)")
        }
        try expect(.bool(isActive), fields["expected"])
    }

    /// With an end it is a schedule of an Autoscaler, with a duration a MaintenanceWindow; each refuses the other's field.
    private static func runIntervalValidate(_ fields: StepFields) throws(VectorError) {
        _ = fields["error_contains"]
        let start = try fields.string("start")
        let (end, duration) = (fields.optionalString("end"), fields.optionalString("duration"))
        let more = duration.map { ", duration: \"\($0)\"" } ?? ""
        let document =
            end.map { end in
                """
                apiVersion: reconcile.dev/v1
                kind: HostPool
                metadata: {name: local}
                spec: {hosts: {name: host-1}}
                ---
                apiVersion: reconcile.dev/v1
                kind: Workload
                metadata: {name: web}
                spec: {hostPool: local, template: {image: web}}
                ---
                apiVersion: reconcile.dev/v1
                kind: Autoscaler
                metadata: {name: web}
                spec:
                  target: {kind: Workload, name: web}
                  min: 1
                  max: 2
                  metrics: [{type: Resource, name: cpu, target: {averageUtilization: 80}}]
                  schedules: [{name: a, start: "\(start)", end: "\(end)", min: 1, max: 1\(more)}]
                """
            } ?? """
                apiVersion: reconcile.dev/v1
                kind: MaintenanceWindow
                metadata: {name: a}
                spec: {kind: allow, schedule: "\(start)", selector: {}\(more)}
                """
        try expect(.bool(isValid([document])), fields["valid"])
    }

    private static func runTriggerValidate(_ fields: StepFields) throws(VectorError) {
        let trigger = try fields.part("trigger")
        _ = trigger["desiredReplicas"]
        let (start, end) = (trigger.optionalString("start"), trigger.optionalString("end"))
        let name = trigger.optionalString("timezone")
        var isValid = name != nil
        do throws(InvalidText) {
            _ = try zone(name)
            _ = try CronInterval(start: try CronExpression.parse(start ?? ""), end: try CronExpression.parse(end ?? ""))
        } catch {
            isValid = false
        }
        try expect(.bool(isValid), fields["valid"])
        _ = fields["error_contains"]
        try trigger.requireAllRead()
    }

    // MARK: Zones

    /// By the stopwatch and by cron's rules for clocks that are set. What Argo says of these moments is not asked.
    private static func runDerived(_ fields: StepFields) throws(VectorError) {
        _ = fields["argo_fixed_offset"]
        let now = try moment("now", fields)
        guard let windows = try windows(fields), let window = windows.first, windows.count == 1 else {
            throw VectorError("expected one window that can be read")
        }
        let schedule = window.schedule
        let stopwatch = WindowSchedule(
            schedule.starts, .elapsed(window.spec.duration.roundedUpSeconds), zone: schedule.zone, policy: .cron)
        try expect(.bool(stopwatch.isOpen(at: now)), fields["zone_aware_elapsed"])
    }
}

extension StepFields {
    var expectedValue: JSONValue? { self["expected"] }
}
