import Specs

/// Windows beyond the plan: openings are announced, and what people said about them comes to its end.
extension ControlLoop {
    /// The longest that windows may be overridden at once.
    package static let longestOverride = Duration.seconds(7 * 86_400)

    // MARK: Announcements

    /// Announces openings whose notice has begun, and ends overrides whose time is up.
    ///
    /// The wall clock may be set, so that a look at everything asks anew.
    mutating func tendWindows() {
        guard isRunning, !isStopping, case .forever = mode, let desired else { return }
        if windowsAreTended, nextNotice.map({ $0 > now.uptime }) ?? true { return }
        windowsAreTended = true
        endOverrides()
        announce(desired.windows)
        let notices = desired.windows.windows.compactMap { window -> Instant? in
            guard let notice = window.spec.notice?.roundedUpSeconds else { return nil }
            return window.schedule.nextOpening(after: now.wall.advanced(bySeconds: notice))?
                .advanced(bySeconds: -notice)
        }
        let ends = gates.windowOverrides.map(\.until)
        nextNotice = (notices + ends).min().map(uptime)
    }

    /// When to look whether the wall clock shows this moment, in time since the start: a minute is soon enough to find out
    /// about a clock that was set.
    func uptime(of moment: Instant) -> Duration {
        now.uptime + min(max(.seconds(1), moment.wall - now.wall.wall), .seconds(60))
    }

    private mutating func announce(_ windows: WindowSet) {
        let wall = now.wall
        // A clock that jumps is as good as a start.
        guard let before = noticedUntil, abs(wall.secondsSince1970 - before.secondsSince1970) < 3_600 else {
            return announceWhatIsDue(windows)
        }
        noticedUntil = max(before, wall)
        for entry in WindowCalendar.announcements(of: windows, after: before, through: wall) where entry.start > wall {
            announce(entry)
        }
    }

    /// After a start: what is due by now, and what nobody has announced.
    private mutating func announceWhatIsDue(_ windows: WindowSet) {
        noticedUntil = now.wall
        let due = windows.windows.compactMap { window -> CalendarEntry? in
            guard let notice = window.spec.notice?.roundedUpSeconds,
                let start = window.schedule.nextOpening(after: now.wall),
                start.advanced(bySeconds: -notice) <= now.wall
            else { return nil }
            return CalendarEntry(window, start: start, end: window.schedule.closing(from: start))
        }
        if due.isEmpty { return }
        // Without the journal something is said twice rather than not at all.
        let said = Set(((try? journal.events(limit: 1_000)) ?? []).map(\.message))
        for entry in due where !said.contains(entry.announcement) { announce(entry) }
    }

    private mutating func announce(_ entry: CalendarEntry) {
        note(
            event(.normal, nil, entry.effect == .allow ? "WindowOpensSoon" : "FreezeBeginsSoon", entry.announcement))
    }

    // MARK: Overrides

    private mutating func endOverrides() {
        for over in gates.windowOverrides where over.until <= now.wall {
            gates.windowOverrides.removeAll { $0 == over }
            note(.endOverride(over.object))
            let message = "the time is up that \(over.by) had asked for: \(over.reason)"
            note(event(.normal, over.object.map { .object($0) }, "OverrideEnded", message))
        }
    }

    func override(
        _ object: ResourceID?, _ duration: Duration, _ reason: String, by name: String
    ) throws(CommandRefusal) -> CommandAnswer {
        if let object { try find(object) }
        guard duration >= .seconds(60), duration <= Self.longestOverride else {
            throw CommandRefusal(
                .invalid, "'for' is '\(duration.goText)' and must be 1m to \(Self.longestOverride.goText)")
        }
        let until = now.wall.advanced(bySeconds: duration.roundedUpSeconds)
        let what = object?.description ?? "this host"
        let ending = "reconcile override \(object.map { "\($0) " } ?? "")--end"
        return CommandAnswer(
            command: .override(
                WindowOverride(object: object, reason: reason, by: name, since: now.wall, until: until)),
            message: "no window holds anything of \(what) until \(until); '\(ending)' ends it")
    }

    func endOverride(_ object: ResourceID?, by name: String) throws(CommandRefusal) -> CommandAnswer {
        let isOverridden = gates.windowOverrides.contains { $0.object == object }
        if let object, !isOverridden { try find(object) }
        let what = object?.description ?? "this host"
        return CommandAnswer(
            command: isOverridden ? .endOverride(object, by: name) : nil,
            message: isOverridden ? "windows hold changes of \(what) again" : "no override of \(what) was in force")
    }

    // MARK: A person's sync

    /// Lets what waits now past all windows that let persons through.
    ///
    /// - Returns: the effects, and how many objects it is about.
    /// - Throws: `StateStoreError` when it cannot be written down; nothing holds then.
    package mutating func syncManually(
        by name: String, now: Now
    ) throws(StateStoreError) -> (effects: [Effect], objects: Int) {
        self.now = now
        let windows = desired?.windows.windows ?? []
        guard windows.contains(where: \.spec.manualSync), let plan = currentPlan() else { return ([], 0) }
        let waiting = plan.heldByWindows
        // Others are held by windows that let nobody through.
        let passing = Set(waiting.subtracting(heldByWindows(evenIfSynced: waiting)).compactMap(\.object))
        if passing.isEmpty { return ([], 0) }
        return (try take(.syncManually(passing, by: name), now: now), passing.count)
    }

    private func heldByWindows(evenIfSynced keys: Set<Key>) -> Set<Key> {
        guard let desired else { return [] }
        var gates = currentGates
        gates.manualSyncs.formUnion(keys.compactMap(\.object))
        return Planner.plan(
            desired: desired, observed: informer.observed, gates: gates, now: now, scope: .everything
        ).heldByWindows
    }
}

extension Plan {
    /// The keys of which something is held by a window before everything else.
    fileprivate var heldByWindows: Set<Key> {
        Set(
            held.compactMap { action in
                guard case .held(let hold) = action.verdict, hold.gate == .window else { return nil }
                return action.key
            })
    }
}

extension CalendarEntry {
    /// `third-sunday opens Sun 2026-12-20 02:00 Asia/Tokyo for 4h`
    var announcement: String {
        let length = seconds.map { " for \(WindowText.span(seconds: $0))" } ?? ""
        let verb = effect == .allow ? "opens" : "freezes changes from"
        return "\(window) \(verb) \(WindowText.moment(start, in: zone))\(length)"
    }
}
