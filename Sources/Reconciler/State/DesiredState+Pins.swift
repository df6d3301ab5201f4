import Specs

extension DesiredState {
    /// The state with pins put over it: what a pin names stays as an earlier revision says, or is left alone.
    ///
    /// A pin is released, and no longer counts, when a commit changes what the object says, or takes the object away.
    /// Where the object runs is the accepted revision's word in any case.
    /// - Parameter revisions: what the revisions say that pins name, by id. An object that is not in there is left alone.
    /// - Returns: the state, and the pins that it released.
    package func applying(
        pins: [Pin], revisions: [String: DesiredState]
    ) -> (state: DesiredState, released: [Pin]) {
        var state = self
        var released: [Pin] = []
        for pin in pins.sorted(by: { $0.object < $1.object }) {
            guard let accepted = objects[pin.object], accepted.meaning == pin.rejected else {
                released.append(pin)
                continue
            }
            var kept = pin
            var object = accepted
            if let revision = pin.revision, let earlier = revisions[revision.id]?.objects[pin.object] {
                object = earlier
                object.hostPool = accepted.hostPool
                // What is declared no more would be waited for for ever.
                object.dependsOn.removeAll { objects[$0] == nil }
                object.labels = accepted.labels
                object.pausedInGit = accepted.pausedInGit
            } else {
                kept.revision = nil
            }
            object.pin = kept
            state.objects[pin.object] = object
        }
        if released.count < pins.count { state.handOut() }
        return (state, released)
    }
}
