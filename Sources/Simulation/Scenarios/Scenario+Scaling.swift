import Invariants

extension Scenario {
    /// What is measured asks for three members.
    private static let scaled = DraftObject("web", replicas: 2).with { $0.scaling = ScalingFacts(1...4, [.load]) }

    /// More are to be there than are asked for.
    static let raisedBounds = webChanged("autoscaler-gets-higher-bounds", scaled) { $0.scaling?.bounds = 4...5 }

    /// An autoscaler gives an object its number: decided once, wherever the program ends.
    static let scalings = [
        webChanged("autoscaler-comes") { $0.scaling = scaled.scaling },
        webChanged("autoscaler-begins-with-fewer", DraftObject("web", replicas: 4)) { $0.scaling = scaled.scaling },
        webChanged("autoscaler-goes", scaled) { $0.scaling = nil },
        raisedBounds,
        webChanged("autoscaler-gets-lower-bounds", scaled) { $0.scaling?.bounds = 1...2 },
        webChanged("autoscaler-of-pool", scaled.with { $0.isWarmPool = true }) {
            $0.scaling = ScalingFacts(1...5, [.load, .pressure(above: 8, below: 4, step: 1)])
        },
    ]
}
