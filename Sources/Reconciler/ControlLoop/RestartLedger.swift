/// Remembers when each member was started, so that one which keeps stopping is started again later and later. What ended
/// with its engine has not stopped by itself, and does not count.
///
/// The first restart is immediate; from then on the wait doubles from 1 s up to 5 min. Ten minutes without a start
/// begin anew. Source of the figures: the kubelet's container back-off (10 s to 5 min, reset after 10 min), with a
/// shorter first step because a restart on one host costs a quarter of a second.
package struct RestartLedger: Sendable {
    private struct Entry {
        var starts: Int
        var last: Duration
    }

    private static let base = Duration.seconds(1)
    private static let longest = Duration.seconds(300)
    private static let resetAfter = Duration.seconds(600)

    private let minReadyTime: Duration
    private var entries: [MemberID: Entry] = [:]
    /// When each member may be started again, in time since the controller started.
    package private(set) var notBefore: [MemberID: Duration] = [:]
    /// When each member has run long enough to take over from another, in time since the controller started.
    package private(set) var readyNotBefore: [MemberID: Duration] = [:]

    package init(minReadyTime: Duration = .zero) { self.minReadyTime = minReadyTime }

    package mutating func started(_ member: MemberID, at now: Duration) {
        let earlier = entries[member].flatMap { now - $0.last < Self.resetAfter ? $0.starts : nil } ?? 0
        let entry = Entry(starts: earlier + 1, last: now)
        entries[member] = entry
        notBefore[member] = Self.notBefore(entry)
        readyNotBefore[member] = now + minReadyTime
    }

    /// Another run of the engine has begun: what ended with the one before says nothing of the members.
    package mutating func engineRestarted() {
        for member in entries.keys { entries[member]?.starts = 0 }
        notBefore = [:]
    }

    package mutating func forget(_ member: MemberID) {
        entries[member] = nil
        notBefore[member] = nil
        readyNotBefore[member] = nil
    }

    /// Forgets all members but these.
    package mutating func keep(where isKept: (MemberID) -> Bool) {
        for member in entries.keys where !isKept(member) { forget(member) }
    }

    /// Members that were started so many times or more, and have not run for as long since as they would have to wait now.
    package func crashLoops(from count: Int, at now: Duration) -> [MemberID: Int] {
        entries.filter { $0.value.starts >= count && now < notBefore[$0.key] ?? .zero }.mapValues(\.starts)
    }

    /// How often it was started without ten quiet minutes in between.
    package func starts(of member: MemberID) -> Int { entries[member]?.starts ?? 0 }

    /// When the member was last started by us.
    package func lastStart(of member: MemberID) -> Duration? { entries[member]?.last }

    private static func notBefore(_ entry: Entry) -> Duration? {
        guard entry.starts > 1 else { return nil }
        return entry.last + min(longest, base * (1 << min(entry.starts - 2, 20)))
    }
}
