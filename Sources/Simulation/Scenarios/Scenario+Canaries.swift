extension Scenario {
    /// One new member first, judged, and then the other.
    static let canary = webChanged("canary", stepped(2, [50])) { $0.env = ["A": "1"] }

    /// Steps, good and bad: never more new members or connections than the step allows, wherever the program ends.
    static let canaries = [
        canary,
        webChanged("canary-of-one-behind-port", stepped(1, [20, 50]).behindPort) { $0.env = ["A": "1"] },
        webChanged("canary-refuted-behind-port", stepped(1, [20]).behindPort.with { $0.rollsBack = true }) {
            $0.env = ["A": "1"]
            $0.isRefuted = true
        },
        webChanged("canary-refuted-and-returns", stepped(2, [50]).with { $0.rollsBack = true }) {
            $0.env = ["A": "1"]
            $0.isRefuted = true
        },
        webChanged(
            "canary-fails-and-returns",
            stepped(3, [30]).with {
                $0.rollsBack = true
                $0.progressDeadline = 8
            }
        ) { $0.isBad = true },
        Scenario("canary-twice", [stepped(2, [50]), other]) { world in
            guard var draft = world.draft else { return }
            draft.objects[0].env = ["A": "1"]
            world.push(draft)
            world.run(until: world.now + .seconds(7))
            draft.objects[0].env = ["A": "2"]
            world.push(draft)
        },
    ]

    private static let other = DraftObject("db").with { $0.image = "app:2" }

    private static func stepped(_ replicas: Int, _ weights: [Int]) -> DraftObject {
        DraftObject("web", replicas: replicas).with { $0.weights = weights }
    }
}

extension DraftObject {
    fileprivate var behindPort: DraftObject {
        with {
            $0.hostPort = 8_080
            $0.isLed = true
            $0.hasHealthCheck = true
        }
    }
}
