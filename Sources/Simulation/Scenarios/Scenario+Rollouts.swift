extension Scenario {
    /// A rollout that nothing is wrong with, and whose new members come beside the old ones.
    static let rollout = webChanged("rollout-one-by-one", web) { $0.env = ["A": "1"] }

    /// One whose new members never become ready, and that goes back by itself.
    static let failingRollout = webChanged(
        "rollout-fails-and-returns",
        bounded(replicas: 3, surge: 1, missing: 1).with {
            $0.rollsBack = true
            $0.progressDeadline = 8
        }
    ) { $0.isBad = true }

    /// Fewer members, and others: those beyond the replicas do the work as well until they go.
    static let shrinkingRollout = webChanged(
        "rollout-and-scale-down", bounded(replicas: 3, surge: 0, missing: 2).with { $0.maxUnavailable = 1 }
    ) { object in
        object.replicas = 2
        object.env = ["A": "1"]
    }

    /// Rollouts within bounds, good and bad; the bounds are never exceeded, wherever the program ends.
    static let rollouts = [
        rollout, failingRollout, shrinkingRollout,
        webChanged("rollout-two-beside", bounded(replicas: 3, surge: 2, missing: 0)) { $0.env = ["A": "1"] },
        webChanged("rollout-two-missing", bounded(replicas: 3, surge: 0, missing: 2)) { $0.env = ["A": "1"] },
        webChanged("rollout-both-ways", bounded(replicas: 3, surge: 1, missing: 1)) { $0.env = ["A": "1"] },
        webChanged(
            "rollout-with-healthy-time",
            bounded(replicas: 2, surge: 0, missing: 1).with {
                $0.hasHealthCheck = true
                $0.minHealthyTime = 5
            }
        ) { $0.env = ["A": "1"] },
        webChanged(
            "rollout-beside-fails-and-returns",
            bounded(replicas: 2, surge: 1, missing: 0).with {
                $0.rollsBack = true
                $0.progressDeadline = 8
            }
        ) { $0.isBad = true },
        webChanged(
            "recreate-fails-and-returns",
            web.with {
                $0.isRecreated = true
                $0.rollsBack = true
                $0.progressDeadline = 8
            }
        ) { $0.isBad = true },
        Scenario("rollout-fails-and-is-mended", [bounded(replicas: 2, surge: 1, missing: 0)]) { world in
            guard var draft = world.draft else { return }
            draft.objects[0].isBad = true
            draft.objects[0].progressDeadline = 8
            world.push(draft)
            world.run(until: world.now + .seconds(40))
            draft.objects[0].isBad = false
            draft.objects[0].env = ["A": "1"]
            world.push(draft)
        },
    ]

    private static func bounded(replicas: Int, surge: Int, missing: Int) -> DraftObject {
        DraftObject("web", replicas: replicas).with {
            $0.maxSurge = surge
            $0.maxMissing = missing
        }
    }
}
