import Specs

/// What people, or an annotation in git, asked to be left alone.
///
/// A pause holds everything, repair included, as Flux's `suspend` does: who works on a host by hand must not be worked
/// against. Only looking goes on, so that the status stays true.
struct PauseGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? { view.pause }
}

extension ObjectView {
    /// The pauses that cover this object, as one hold.
    func pauseHold() -> Hold? {
        var holds: [Hold] = []
        for pause in context.gates.pauses where pause.object == nil || pause.object == id {
            let what = pause.object == nil ? "this host is paused by \(pause.by)" : "paused by \(pause.by)"
            let reason = pause.reason.isEmpty ? "" : ": \(pause.reason)"
            holds.append(Hold(.paused, what + reason, until: .resumed(pause.object)))
        }
        // The host first, then by who and why, so that the order of the list does not matter.
        holds.sort { ($0.until == .resumed(nil) ? 0 : 1, $0.message) < ($1.until == .resumed(nil) ? 0 : 1, $1.message) }
        if let reason = object?.pausedInGit {
            let because = reason.isEmpty ? "" : ": \(reason)"
            holds.append(
                Hold(.paused, "paused in git by '\(ObjectAnnotation.paused.rawValue)'\(because)", until: .commit))
        }
        return Hold(holds)
    }
}
