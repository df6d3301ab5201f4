extension Scenario {
    /// Two members behind one port, one after the other.
    static let portOfSeveral = webChanged("port-of-several", led(replicas: 2)) { $0.env = ["A": "1"] }

    /// New members never become ready: the port goes on leading to the old ones.
    static let portOfFailing = webChanged(
        "port-of-failing",
        led(replicas: 2).with {
            $0.rollsBack = true
            $0.progressDeadline = 8
        }
    ) { $0.isBad = true }

    /// Ports that lead to members: nobody is led to who is not ready, and nobody is stopped who is led to.
    static let ports = [
        portOfSeveral, portOfFailing,
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

    private static let db = DraftObject("db").with { $0.image = "app:2" }

    private static func led(replicas: Int) -> DraftObject {
        DraftObject("web", replicas: replicas).with {
            $0.hostPort = 8_080
            $0.isLed = true
            $0.hasHealthCheck = true
        }
    }
}
