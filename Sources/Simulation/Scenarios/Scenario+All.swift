import ReconcileTesting
import Reconciler

extension Scenario {
    /// The stories, each within twelve steps.
    package static let all: [Scenario] =
        creations + replacements + rollouts + ports + switches + canaries + removals + repairs + changesInPlace
        + outages + claims
        + drains + tasks + scalings + freezes

    static let web = DraftObject("web", replicas: 2)
    private static let db = DraftObject("db", replicas: 1).with { $0.image = "app:2" }

    /// Git changes one object; the others stay.
    static func committed(
        _ name: String, _ objects: [DraftObject], _ change: @escaping @Sendable (inout Draft) -> Void
    ) -> Scenario {
        Scenario(name, objects) { world in
            guard var draft = world.draft else { return }
            change(&draft)
            world.push(draft)
        }
    }

    static func webChanged(
        _ name: String, _ object: DraftObject = web, _ change: @escaping @Sendable (inout DraftObject) -> Void
    ) -> Scenario {
        committed(name, [object, db]) { draft in
            for index in draft.objects.indices where draft.objects[index].name == "web" {
                change(&draft.objects[index])
            }
        }
    }

    private static let creations = [
        committed("create", [db]) { $0.objects.append(DraftObject("web", replicas: 2)) },
        committed("create-with-health-check", [db]) { draft in
            draft.objects.append(DraftObject("web", replicas: 1).with { $0.hasHealthCheck = true })
        },
        committed("create-with-volume", [db]) { draft in
            draft.objects.append(DraftObject("web", replicas: 1).with { $0.volume = "data" })
        },
        committed("create-with-port", [db]) { draft in
            draft.objects.append(DraftObject("web", replicas: 1).with { $0.hostPort = 8_080 })
        },
        committed("create-new-image", [db]) { draft in
            draft.objects.append(DraftObject("web", replicas: 1).with { $0.image = "app:3" })
        },
        committed("create-warm-pool", [db]) { draft in
            draft.objects.append(DraftObject("agents", replicas: 2).with { $0.isWarmPool = true })
        },
        committed("create-after-another", [db]) { draft in
            draft.objects.append(DraftObject("web", replicas: 1).with { $0.dependsOn = ["cache"] })
            draft.objects.append(DraftObject("cache", replicas: 1).with { $0.hasHealthCheck = true })
        },
        webChanged("scale-up") { $0.replicas = 4 },
    ]

    private static let replacements = [
        webChanged("replace-rolling", web.with { $0.replicas = 1 }) { $0.image = "app:3" },
        webChanged("replace-rolling-with-health-check", web.with { $0.hasHealthCheck = true }) {
            $0.env = ["A": "1"]
        },
        webChanged("replace-recreate", web.with { $0.isRecreated = true }) { $0.env = ["A": "1"] },
        webChanged("replace-with-port", DraftObject("web", replicas: 1).with { $0.hostPort = 8_080 }) {
            $0.env = ["A": "1"]
        },
        webChanged(
            "replace-within-budget",
            web.with {
                $0.isRecreated = true
                $0.maxUnavailable = 1
            }
        ) { $0.env = ["A": "1"] },
        webChanged("replace-to-take-a-limit-away", DraftObject("web", replicas: 1).with { $0.memory = 64 }) {
            $0.memory = nil
        },
        committed("change-kind", [web.with { $0.replicas = 1 }, db.with { $0.replicas = 11 }]) { draft in
            draft.objects[0].isWarmPool = true
        },
        Scenario("replace-twice", [web.with { $0.replicas = 1 }, db]) { world in
            guard var draft = world.draft else { return }
            draft.objects[0].env = ["A": "1"]
            world.push(draft)
            world.run(until: world.now + .seconds(7))
            draft.objects[0].env = ["A": "2"]
            world.push(draft)
        },
        Scenario("replace-and-back", [web.with { $0.replicas = 1 }, db]) { world in
            guard var draft = world.draft else { return }
            draft.objects[0].env = ["A": "1"]
            world.push(draft)
            world.run(until: world.now + .seconds(6))
            draft.objects[0].env = [:]
            world.push(draft)
        },
    ]

    private static let removals = [
        webChanged("scale-down") { $0.replicas = 1 },
        webChanged("scale-to-zero") { $0.replicas = 0 },
        committed("prune-within-budget", [web.with { $0.replicas = 1 }, db.with { $0.replicas = 3 }]) { draft in
            draft.objects.remove(at: 0)
        },
        committed("prune-with-approval", [web, db]) { $0.objects.remove(at: 0) },
        webChanged("to-another-host") { $0.pool = "theirs" },
    ]

    /// Somebody does something to the first container of `web`.
    private static func edited(
        _ name: String, _ object: DraftObject = web, _ edit: @escaping @Sendable (inout World, String) -> Void
    ) -> Scenario {
        Scenario(name, [object, db]) { world in
            let ours = world.engine.containers.values.filter { $0.name.hasPrefix("web-0-") }
            if let id = ours.map(\.id).min() { edit(&world, id) }
        }
    }

    private static let repairs = [
        edited("heal-stopped") { world, id in world.byHand { $0.stopByHand(id, exitCode: 1) } },
        edited("heal-paused") { world, id in world.byHand { $0.pauseByHand(id) } },
        edited("heal-removed") { world, id in world.byHand { $0.removeByHand(id) } },
        edited("heal-unhealthy", web.with { $0.hasHealthCheck = true }) { world, id in
            world.run(until: world.now + .seconds(15))
            world.byHand { $0.setHealth(id, .unhealthy) }
        },
        edited("rename") { world, id in world.byHand { $0.renameByHand(id, to: "other") } },
        edited("limits-by-hand") { world, id in
            world.byHand { $0.updateByHand(id, LiveSettings(pids: 7, restartPolicy: "always")) }
        },
        Scenario("network-gone", [web.with { $0.replicas = 1 }, db]) { world in
            world.byHand { engine in
                for container in engine.containers.values where container.name.hasPrefix("web-") {
                    engine.removeByHand(container.id)
                }
                engine.removeNetworkByHand("reconcile-web")
            }
        },
        Scenario("image-gone", [web.with { $0.replicas = 1 }, db]) { world in
            world.byHand { engine in
                for container in engine.containers.values where container.name.hasPrefix("web-") {
                    engine.removeByHand(container.id)
                }
                engine.removeImageByHand("app:1")
            }
        },
    ]

    private static let changesInPlace = [
        webChanged("resize", web.with { $0.memory = 64 }) { $0.memory = 128 },
        webChanged("resize-and-scale", web.with { $0.cpus = 500 }) { object in
            object.cpus = 1_000
            object.replicas = 3
        },
        Scenario("tag-moves", [DraftObject("web").with { $0.followsTag = true }, db]) { world in
            guard var draft = world.draft else { return }
            world.byHand { $0.publishByHand("app:1", id: "sha256:moved") }
            draft.objects[1].env = ["A": "1"]
            world.push(draft)
        },
    ]

    private static let outages = [
        Scenario("engine-restart", [web, db]) { world in
            world.byItself { $0.crash() }
            world.breakStream(world.run)
            world.run(until: world.now + .seconds(2))
            world.byItself { $0.start() }
        },
        Scenario("engine-restart-live", [web, db]) { world in
            world.byItself { $0.stop() }
            world.breakStream(world.run)
            world.run(until: world.now + .seconds(2))
            world.byItself { $0.start() }
        },
        Scenario("engine-restart-during-rollout", [web.with { $0.replicas = 1 }, db]) { world in
            guard var draft = world.draft else { return }
            draft.objects[0].env = ["A": "1"]
            world.push(draft)
            world.run(until: world.now + .seconds(6))
            world.byItself { $0.crash() }
            world.breakStream(world.run)
            world.run(until: world.now + .seconds(2))
            world.byItself { $0.start() }
        },
        Scenario("disk-full-during-recreate", [web.with { $0.isRecreated = true }, db]) { world in
            guard var draft = world.draft else { return }
            draft.objects[0].env = ["A": "1"]
            world.push(draft)
            world.run(until: world.now + .seconds(5))
            world.engine.isDiskFull = true
            world.run(until: world.now + .seconds(10))
            world.engine.isDiskFull = false
        },
    ]
}
