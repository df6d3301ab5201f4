import Reconciler
import Specs

/// A plan with the members of an object together that get the same for the same reason: as many lines as there are things
/// to say, and not as there are members.
struct FoldedPlan {
    struct Line: Hashable {
        var object: String
        /// Slots of members, in order; none for what is about the object as a whole.
        var slots: [Int]
        var entry: PlanDocument.Entry

        /// `Workload/web`, `Workload/web/2`, `Workload/web/0-3,7`.
        var subject: String { slots.isEmpty ? object : "\(object)/\(Self.ranges(slots))" }

        var position: SourcePosition? { entry.position ?? entry.lastDeclared }

        /// `replace 4 members`, `create network reconcile-web (10.224.0.0/22)`.
        var words: String { slots.count > 1 ? "\(entry.description) \(slots.count) members" : entry.description }

        /// Why, and what holds it.
        var reason: String {
            let words = entry.reason + (entry.replacedFor?.forcing ?? "")
            if let held = entry.held {
                let until = held.until.map { held.gate == Hold.Gate.window.rawValue ? "" : " (until \($0))" } ?? ""
                return "\(words); held by \(held.gate): \(held.message)\(until)"
            }
            return entry.stalled.map { "\(words); stalled: \($0)" } ?? words
        }

        private static func ranges(_ slots: [Int]) -> String {
            var ranges: [ClosedRange<Int>] = []
            for slot in slots {
                if let last = ranges.last, last.upperBound == slot - 1 {
                    ranges[ranges.count - 1] = last.lowerBound...slot
                } else {
                    ranges.append(slot...slot)
                }
            }
            return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
                .joined(separator: ",")
        }
    }

    private(set) var lines: [Line] = []

    init(_ document: PlanDocument) {
        var places: [Line: Int] = [:]
        for entry in document.actions where entry.verb != Action.Verb.await.rawValue {
            guard let member = MemberID(entry.key) else {
                lines.append(Line(object: entry.key, slots: [], entry: entry))
                continue
            }
            var same = entry
            // What each of them waits for is no difference in what is done.
            (same.key, same.waitsFor) = (member.object.description, nil)
            let line = Line(object: member.object.description, slots: [], entry: same)
            if let place = places[line] {
                lines[place].slots.append(member.slot)
            } else {
                places[line] = lines.count
                lines.append(Line(object: line.object, slots: [member.slot], entry: same))
            }
        }
    }

    var drift: [Line] { lines.filter { $0.entry.origin == .drift } }
    var changes: [Line] { lines.filter { $0.entry.origin != .drift } }
}

extension PlanDocument {
    /// `1a2b3c4 (main) on host-a, compared with 9f8e7d6`.
    var subject: String {
        let place = host.map { " on \($0)" + (snapshot.map { " \($0.words)" } ?? "") } ?? ""
        let before = base.map { ", compared with \($0)" } ?? ""
        return "\(revision) (\(revision.reference))\(place)\(before)"
    }

    /// What pins keep, each with why.
    var pinnedObjects: [PinnedObject] { pinned.map { PinnedObject($0, insteadOf: revision) } }
}

extension [PlanDocument.ReplacedField] {
    /// That these fields make it a replacement, with why where that is not their nature.
    var forcing: String {
        let words = " # forces replacement"
        let reasons = compactMap { field in field.because.map { (field.field, $0) } }
        if reasons.isEmpty { return words }
        if count == 1 { return "\(words): \(reasons[0].1)" }
        return "\(words) (\(reasons.map { "\($0): \($1)" }.joined(separator: "; ")))"
    }
}
