package import Specs

/// What windows are asked about one action.
package struct WindowQuestion: Hashable, Sendable {
    /// The moment of the wall clock that it is about.
    package var now: Instant
    /// How long the action may take at most; it starts only where that much is left.
    package var bound: Duration
    /// Whether a person asks for it.
    package var isManual: Bool
    package var progress: Progress

    package enum Progress: Hashable, Sendable {
        case notBegun
        /// It is under way, and began when it was allowed to.
        case begunInTime
        case begun(at: Instant)
    }

    package init(
        at now: Instant, lasting bound: Duration = .zero, isManual: Bool = false, _ progress: Progress = .notBegun
    ) {
        self.now = now
        self.bound = bound
        self.isManual = isManual
        self.progress = progress
    }
}

/// What windows say of one action.
package enum WindowDecision: Hashable, Sendable {
    case permitted(WindowPermission)
    case held(WindowHold)

    package var isPermitted: Bool {
        if case .permitted = self { true } else { false }
    }
}

/// Why an action may go on in spite of all windows, and for how long.
package struct WindowPermission: Hashable, Sendable {
    package enum Why: Hashable, Sendable {
        /// No window speaks of it, or none that is in the way.
        case notRestricted
        /// These `allow` windows are open.
        case open([String])
        /// A person asks for it, and all windows in the way let persons through.
        case manual
        /// It began in time, and all windows in the way let it finish.
        case overrun
    }

    package var why: Why
    /// The first moment at which nothing new may begin; nil is never, as far as a search goes, or where windows are
    /// passed over.
    package var until: Instant?

    package init(why: Why, until: Instant? = nil) {
        self.why = why
        self.until = until
    }
}

/// Which windows hold an action, and until when.
package struct WindowHold: Hashable, Sendable {
    package enum Why: Hashable, Sendable {
        /// These `deny` windows are open.
        case denied
        /// No `allow` window is open.
        case closed
        /// It may take longer than what is left, in seconds.
        case tooLong(needed: Int64, left: Int64)
    }

    package var why: Why
    /// The names of the windows, sorted; of `allow` windows that are shut the one that opens first.
    package var windows: [String]
    /// The first moment at which it may start; nil where none comes within the search.
    package var until: Instant?
    /// The time zone in which people read that moment.
    package var zone: TimeZoneRules
}

/// The decision table of Argo CD's sync windows, over intervals that are half-open and in their own time zones.
extension WindowSet {
    /// Whether an action may start, or go on, and if not, until when it is held.
    ///
    /// - `deny` wins over `allow`; where there are `allow` windows, one must be open.
    /// - A person's request passes if all windows in the way have `manualSync`.
    /// - What began in time passes if all windows in the way have `overrun: finish`.
    /// - What has not begun needs as much time as it may take at most.
    package func decision(on question: WindowQuestion) -> WindowDecision {
        let now = question.now
        let barring = barring(at: now)
        guard barring.isEmpty else {
            if question.isManual, barring.allSatisfy(\.spec.manualSync) {
                return .permitted(WindowPermission(why: .manual))
            }
            if finishes(question, barring) { return .permitted(WindowPermission(why: .overrun)) }
            let isDenied = barring.contains(where: \.denies)
            return .held(hold(isDenied ? .denied : .closed, barring, question))
        }
        let open = allows.filter { $0.schedule.isOpen(at: now) }.map(\.name)
        let permission = WindowPermission(
            why: open.isEmpty ? .notRestricted : .open(open), until: permissionEnd(from: now))
        let needed = question.bound.roundedUpSeconds
        guard question.progress == .notBegun, !question.isManual, let end = permission.until else {
            return .permitted(permission)
        }
        let left = end.secondsSince1970 - now.secondsSince1970
        if needed <= left { return .permitted(permission) }
        let closing = windows.filter { $0.denies ? $0.schedule.isOpen(at: end) : open.contains($0.name) }
        return .held(hold(.tooLong(needed: needed, left: left), closing, question))
    }

    /// The windows that are in the way at this moment: all `deny` windows that are open, or else all `allow` windows if
    /// none of them is.
    package func barring(at instant: Instant) -> [Window] {
        let denying = denies.filter { $0.schedule.isOpen(at: instant) }
        if !denying.isEmpty { return denying }
        return allows.contains { $0.schedule.isOpen(at: instant) } ? [] : allows
    }

    private func finishes(_ question: WindowQuestion, _ barring: [Window]) -> Bool {
        guard barring.allSatisfy({ $0.spec.overrun == .finish }) else { return false }
        switch question.progress {
        case .notBegun: return false
        case .begunInTime: return true
        case .begun(let start):
            let atStart = self.barring(at: start)
            return atStart.isEmpty || question.isManual && atStart.allSatisfy(\.spec.manualSync)
        }
    }

    private func hold(_ why: WindowHold.Why, _ barring: [Window], _ question: WindowQuestion) -> WindowHold {
        let needed = question.progress == .notBegun ? question.bound.roundedUpSeconds : 0
        let fit = firstFit(from: question.now, lasting: needed)
        var holding = barring
        if why == .closed, let fit {
            // Of many that are shut, the one that people wait for.
            let opening = barring.filter { $0.schedule.isOpen(at: fit.start) }
            if let first = opening.first ?? barring.first { holding = [first] }
        }
        return WindowHold(
            why: why, windows: holding.map(\.name).sorted(), until: fit?.start,
            zone: holding.first?.zone ?? .utc)
    }
}

extension Duration {
    /// Whole seconds, upwards; what is below zero is none.
    package var roundedUpSeconds: Int64 {
        let (seconds, attoseconds) = components
        return max(0, attoseconds > 0 ? seconds + 1 : seconds)
    }
}
