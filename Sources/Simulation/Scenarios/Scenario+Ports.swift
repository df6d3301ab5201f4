extension Scenario {
    /// A member behind a port gives way to its successor.
    static let portHandedOver = webChanged("port-handed-over", led(replicas: 1)) { $0.env = ["A": "1"] }

    /// New members never become ready: the port goes on leading to the old ones.
    static let portOfFailing = webChanged(
        "port-of-failing",
        led(replicas: 2).with {
            $0.rollsBack = true
            $0.progressDeadline = 8
        }
    ) { $0.isBad = true }

    /// Members become ready one after the other: the port leads to each of them when it is.
    static let portScaledUp = webChanged("port-scaled-up", led(replicas: 1)) { $0.replicas = 4 }

    /// Ports that lead to members: nobody is led to who is not ready, and nobody is stopped who is led to.
    static let ports = [
        portHandedOver, portOfFailing, portScaledUp,
        webChanged("port-old-first", led(replicas: 2).with { ($0.maxSurge, $0.maxMissing) = (0, 1) }) {
            $0.env = ["A": "1"]
        },
        webChanged("port-scaled-down", led(replicas: 3)) { $0.replicas = 1 },
        webChanged("port-changed", led(replicas: 1)) { $0.hostPort = 8_081 },
        webChanged("port-taken-over", web.with { ($0.replicas, $0.hostPort) = (1, 8_080) }) {
            $0.isLed = true
            $0.replicas = 2
        },
        webChanged("port-given-back", led(replicas: 1)) { $0.isLed = false },
        committed("port-pruned", [led(replicas: 1), db.with { $0.replicas = 11 }]) { $0.objects.remove(at: 0) },
    ]

    /// All new members beside all old ones, a switch, and old ones that are kept for a while.
    static let blueGreen = webChanged("blue-green", switched(hold: 10)) { $0.env = ["A": "1"] }

    /// Switches, good and bad, wherever the program ends.
    static let switches = [
        blueGreen, webChanged("blue-green-without-hold", switched(hold: 0)) { $0.env = ["A": "1"] },
        webChanged(
            "blue-green-fails-and-returns",
            switched(hold: 10).with {
                $0.rollsBack = true
                $0.progressDeadline = 8
            }
        ) { $0.isBad = true },
        Scenario("blue-green-twice", [switched(hold: 10), db]) { world in
            guard var draft = world.draft else { return }
            draft.objects[0].env = ["A": "1"]
            world.push(draft)
            world.run(until: world.now + .seconds(2))
            draft.objects[0].env = ["A": "2"]
            world.push(draft)
        },
    ]

    private static func switched(hold: Int) -> DraftObject { led(replicas: 1).with { $0.hold = hold } }

    private static let db = DraftObject("db").with { $0.image = "app:2" }

    private static func led(replicas: Int) -> DraftObject {
        DraftObject("web", replicas: replicas).with {
            $0.hostPort = 8_080
            $0.isLed = true
            $0.hasHealthCheck = true
        }
    }
}
