import Invariants
import ReconcileTesting
import Reconciler
import Specs

extension Scenario {
    private static let db = DraftObject("db")

    /// Due once: it succeeds.
    static let run = due("task-runs", minutes: [1])

    /// Due again while it is under way: one after the other.
    static let runsInTurn = due("task-forbids", minutes: [1, 2]) { task in
        task.policy = .forbid
        task.lasts = 70
    }

    /// A task that is due some full minutes after a commit declares it.
    static let tasks = [
        run, runsInTurn,
        due("task-retries", minutes: [1]) { task in
            task.retries = 2
            task.exitCodes = [1, 1, 0]
        },
        due("task-replaces", minutes: [1, 2]) { task in
            task.policy = .replace
            task.lasts = 70
        },
        due("task-exceeds-deadline", minutes: [1]) { task in
            task.activeDeadline = 5
            task.lasts = 30
            task.retries = 1
        },
        due("task-history", minutes: [1, 2]) { $0.successful = 1 },
    ]

    private static func due(
        _ name: String, minutes: [Int64], _ change: @escaping @Sendable (inout DraftObject) -> Void = { _ in }
    ) -> Scenario {
        Scenario(name, [db]) { world in
            guard var draft = world.draft else { return }
            let minute = (world.moment.wall.secondsSince1970 + 20) / 60
            draft.objects.append(
                DraftObject("report", replicas: 0).with { task in
                    task.due = minutes.map { Instant(secondsSince1970: (minute + $0) * 60) }
                    change(&task)
                })
            world.push(draft)
        }
    }
}
