package import Specs

/// One MaintenanceWindow on the time line: what it says, and when it is open by the clock of its place.
package struct Window: Hashable, Sendable {
    package let name: String
    package let spec: MaintenanceWindow
    package let schedule: WindowSchedule
    /// Where it is written.
    package let origin: SourcePosition

    package init(_ name: String, _ spec: MaintenanceWindow, _ schedule: WindowSchedule, at origin: SourcePosition) {
        self.name = name
        self.spec = spec
        self.schedule = schedule
        self.origin = origin
    }

    package var denies: Bool { spec.effect == .deny }
    package var zone: TimeZoneRules { schedule.zone }

    /// Whether it speaks of actions of this class on objects with these labels.
    package func concerns(_ actionClass: ActionClass, on labels: [String: String]) -> Bool {
        spec.classes.contains { $0.rawValue == actionClass.rawValue } && spec.selector.selects(labels)
    }
}

/// Windows that hold together: an action may go on when no `deny` is open and, if there are any of them, an `allow` is.
///
/// All questions are about the whole set; `concerning` narrows it to what one action has to do with.
package struct WindowSet: Hashable, Sendable {
    /// In the order of their names.
    package let windows: [Window]
    package let allows: [Window]
    package let denies: [Window]

    package init(_ windows: [Window]) {
        self.windows = windows.sorted { $0.name < $1.name }
        allows = self.windows.filter { !$0.denies }
        denies = self.windows.filter(\.denies)
    }

    /// The windows of a revision.
    ///
    /// - Parameter zones: the rules of the time zones that they name. A window whose zone is not among them is left out,
    ///   which validation does not let happen.
    package init(_ resources: [Resource<MaintenanceWindow>], zones: [String: TimeZoneRules]) {
        self.init(
            resources.compactMap { resource in
                guard let zone = zones[resource.spec.timeZone], let schedule = resource.spec.occurrences(in: zone)
                else { return nil }
                return Window(resource.id.name, resource.spec, schedule, at: resource.origin)
            })
    }

    package static let none = WindowSet([])

    package var isEmpty: Bool { windows.isEmpty }

    /// Those that speak of actions of this class on objects with these labels.
    package func concerning(_ actionClass: ActionClass, on labels: [String: String]) -> WindowSet {
        if windows.isEmpty { return self }
        return WindowSet(windows.filter { $0.concerns(actionClass, on: labels) })
    }
}
