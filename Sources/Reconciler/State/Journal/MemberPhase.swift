/// One container in the life of a slot: `Workload/web/3` in its second incarnation.
package struct MemberInstance: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package var member: MemberID
    package var incarnation: Int

    package init(_ member: MemberID, _ incarnation: Int) {
        self.member = member
        self.incarnation = incarnation
    }

    package var description: String { "\(member)#\(incarnation)" }

    package static func < (a: Self, b: Self) -> Bool { (a.member, a.incarnation) < (b.member, b.incarnation) }
}

/// Who may have a member: the one table that claims and removals both go through, so that they never meet on one.
///
///     ready --claim--> claimed --release--> retiring --gone--> (forgotten)
///     ready --------------retire----------> retiring
///
/// Nothing leads back from `retiring`: what was to be taken away once is never handed out again.
package enum MemberPhase: String, Hashable, Codable, Sendable {
    /// Nobody has it. Never stored: an instance without an entry is ready.
    case ready
    case claimed
    case retiring

    /// Whether the table has this transition.
    package func mayBecome(_ next: MemberPhase) -> Bool {
        switch (self, next) {
        case (.ready, .claimed), (.ready, .retiring), (.claimed, .retiring): true
        default: false
        }
    }
}
