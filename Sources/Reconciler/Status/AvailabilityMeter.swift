/// Counts the minutes in which the host was kept as it should be, out of those in which it could be.
///
/// A minute counts when the engine answered in all of it. It is missed when the host was observed in none of its samples
/// within the last minute, or when one key was being worked on for longer than a minute.
package struct AvailabilityMeter: Hashable, Sendable {
    private static let patience = Duration.seconds(60)

    package private(set) var counted = 0
    package private(set) var missed = 0
    private var minute: Int64?
    private var isCounted = true
    private var wasObserved = false
    private var isOverdue = false

    package init() {}

    /// Takes in one look at the controller; several a minute make one slot.
    ///
    /// - Parameter minute: of the wall clock, in minutes since 1970.
    package mutating func note(_ report: HostReport, minute: Int64) {
        if let current = self.minute, current != minute { close() }
        self.minute = minute
        if !report.status.engine.reachable { isCounted = false }
        if let age = report.figures.observationAge, age <= Self.patience { wasObserved = true }
        if report.figures.queue.longestRunning > Self.patience { isOverdue = true }
    }

    private mutating func close() {
        if isCounted {
            counted += 1
            if !wasObserved || isOverdue { missed += 1 }
        }
        (isCounted, wasObserved, isOverdue) = (true, false, false)
    }
}
