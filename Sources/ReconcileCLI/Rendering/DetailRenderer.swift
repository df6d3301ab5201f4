import API
import Reconciler
import Specs

/// One object in full, as a person reads it.
enum DetailRenderer {
    /// - Parameter now: the wall clock, for how long something has been so.
    static func text(
        _ detail: ObjectDetail, pool: PoolStatus? = nil, task: TaskReport? = nil, events: [EventDocument], now: Instant
    ) -> String {
        let parts = [
            head(detail), pool.map { PoolTable.lines([$0]) } ?? [],
            task.map { ["task"] + TaskRenderer.details($0) } ?? [], conditions(detail.conditions, now),
            members(detail.members), actions(detail.actions), past(events),
        ]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private static func head(_ detail: ObjectDetail) -> [String] {
        var rows = [["object", detail.id.description]]
        rows.append([
            "declared",
            detail.declaredAt.map(\.description) ?? "not any more; what runs is left of an earlier revision",
        ])
        if let revision = detail.revision { rows.append(["revision", "\(revision) (\(revision.reference))"]) }
        if let pool = detail.hostPool { rows.append(["pool", "HostPool/\(pool)"]) }
        if let hosts = detail.hosts { rows += Self.rows(hosts) }
        if let image = detail.image { rows.append(["image", image]) }
        if !detail.labels.isEmpty {
            let labels = detail.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            rows.append(["labels", labels.joined(separator: ", ")])
        }
        rows.append(["members", "\(detail.desired) desired, \(detail.present) present, \(detail.ready) ready"])
        return Table.lines(rows)
    }

    private static func rows(_ hosts: ObjectDetail.Hosts) -> [[String]] {
        let objects = hosts.objects.map(\.description).joined(separator: ", ")
        return [
            [
                "hosts",
                "\(hosts.selector); \(hosts.includesThisHost ? "this host is one" : "this host is none") of them",
            ],
            ["scope", hosts.scope], ["objects", objects.isEmpty ? "none" : objects],
        ]
    }

    private static func conditions(_ conditions: [Condition], _ now: Instant) -> [String] {
        let rows = conditions.map { condition in
            [
                condition.type.rawValue, condition.state.rawValue,
                condition.lastTransitionTime.map { age(of: $0, now) } ?? "", condition.reason, condition.message,
            ]
        }
        return rows.isEmpty ? [] : Table.lines([["CONDITION", "STATUS", "SINCE", "REASON", "MESSAGE"]] + rows)
    }

    private static func members(_ members: [ObjectDetail.Member]) -> [String] {
        let rows = members.map { member in
            [
                member.member, String(member.containerID.prefix(12)), member.name, member.image, state(of: member),
                member.ready ? "yes" : "no",
            ]
        }
        return rows.isEmpty ? [] : Table.lines([["MEMBER", "CONTAINER", "NAME", "IMAGE", "STATE", "READY"]] + rows)
    }

    private static func state(of member: ObjectDetail.Member) -> String {
        var words = member.status == "exited" ? ["exited (\(member.exitCode))"] : [member.status]
        if member.health != "none" { words.append(member.health) }
        if member.retiring { words.append("retiring") }
        if let claim = member.claim { words.append("claimed (\(claim) of \(member.holder ?? "nobody"))") }
        return words.joined(separator: ", ")
    }

    /// What would be done, and below it why it is not done yet.
    private static func actions(_ actions: [PlanDocument.Entry]) -> [String] {
        if actions.isEmpty { return [] }
        let rows = actions.map { action in
            [
                "  " + action.symbol, action.key, action.description, action.reason,
                action.position?.description ?? "",
            ]
        }
        let notes = actions.compactMap { action -> String? in
            if let stall = action.stalled {
                return "  stalled  \(action.key): \(stall.code.rawValue): \(stall.message)"
            }
            if let held = action.held {
                let also = held.also.isEmpty ? "" : ", also " + held.also.joined(separator: ", ")
                return "  held     \(action.key): \(held.gate): \(held.message)"
                    + (held.until.map { " (until \($0))" } ?? "") + also
            }
            return action.waitsFor.map { "  waits    \(action.key): for \($0)" }
        }
        return ["to do"] + Table.lines(rows) + notes
    }

    private static func past(_ events: [EventDocument]) -> [String] {
        events.isEmpty ? [] : ["events"] + EventTable.lines(events).map { "  " + $0 }
    }

    /// `12s`, `5m`, `3h`, `2d`: in the largest unit, as kubectl has it.
    static func age(of time: Instant, _ now: Instant) -> String {
        let seconds = max(0, now.secondsSince1970 - time.secondsSince1970)
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<7_200: return "\(seconds / 60)m"
        case ..<172_800: return "\(seconds / 3_600)h"
        default: return "\(seconds / 86_400)d"
        }
    }
}
