import Invariants
import Reconciler
import Specs

/// What becomes of the trace of a run.
package enum Tracing: Hashable, Sendable { case none, kept, printed }

/// What happened in a run, line by line, for a person.
package struct Trace: Sendable {
    package private(set) var lines: [String] = []
    private let isPrinted: Bool
    /// Names of containers by id, since nobody can read ids.
    private var names: [String: String] = [:]

    init(isPrinted: Bool) { self.isPrinted = isPrinted }

    mutating func add(_ event: TraceEvent, at time: Duration) {
        switch event {
        case .container(let facts, _): names[facts.id] = facts.name
        // Every look would say so.
        case .read, .said: return
        default: break
        }
        note(text(of: event), at: time)
    }

    mutating func note(_ text: String, at time: Duration) {
        let milliseconds = String(Int(time / .milliseconds(1)))
        let line = String(repeating: " ", count: max(0, 8 - milliseconds.count)) + milliseconds + "  " + text
        lines.append(line)
        // At once, so that a run that hangs can be read as well.
        if isPrinted { print(line) }
    }

    private func name(_ id: String) -> String { names[id] ?? String(id.suffix(6)) }

    private func text(of event: TraceEvent) -> String {
        switch event {
        case .booted(let run): "boot of run \(run)"
        case .crashed(let run): "CRASH of run \(run)"
        case .stored(let revision): "  stored: \(revision.suffix(4))"
        case .pinned(let object, let revision): "  \(object) is pinned to \(revision?.suffix(4) ?? "nothing")"
        case .remembered(let task, let memory):
            "  \(task): decided \(memory.decided), open \(memory.open.map { "\($0.scheduled) \($0.attempt)" })"
        case .forgotten(let task): "  \(task) is forgotten"
        case .unpinned(let object): "  \(object) is not pinned any more"
        case .accepted(let revision): "in force: \(revision.suffix(4))"
        case .observed(let event, let made, let isComplete, let unread):
            "  observed as of \(event), made \(made), complete \(isComplete), unread \(unread.map(name))"
        case .looked(let event, _, let containers): "  looked at \(containers.map(name)) as of \(event)"
        case .intent(let intent): "  intent \(intent.id): \(intent.step) \(intent.subject)"
        case .outcome(let intent): "  outcome of \(intent)"
        case .rules(let objects, let look):
            "rules in force by look \(look) of \(objects.map(\.description).joined(separator: " "))"
        case .led(let addresses, let look): "ports lead to \(addresses.joined(separator: " ")) by look \(look)"
        case .switching(let object, let isSwitched): "  \(object) is \(isSwitched ? "" : "not ")switched"
        case .stepping(let object, let step): "  \(object) is at step \(step.map(String.init) ?? "none")"
        case .probed(let container): "  \(name(container)) was found ready"
        case .retired(let instance): "  \(instance) retires"
        case .claimed(let claim):
            "  \(claim.id) of '\(claim.holder)' \(claim.phase.rawValue) \(claim.ending?.rawValue ?? "") "
                + "\(claim.container?.name ?? "-") \(claim.predecessor.map { "after \($0.name)" } ?? "")"
        case .told(let ask, let claim):
            "told \(ask): \(claim.map { "\($0.id) \($0.container?.name ?? "-")" } ?? "none")"
        case .recalled(let claims): "  recalled \(claims.filter(\.isOpen).map(\.id))"
        case .renewed(let claim): "renewed \(claim)"
        case .asked(let ask):
            "'\(ask.holder)' asks \(ask.pool), \(ask.number), key \(ask.key ?? "none"), until \(ask.deadline)"
        case .wentAway(let ask): "\(ask) hangs up"
        case .gaveBack(let claim): "\(claim) is given back"
        case .handedOver(let container, let claim): "    file of \(name(container)) says \(claim)"
        case .folderGone(let container): "    the folder of \(name(container)) is gone"
        case .claimsLost: "    the store loses the claims"
        case .drained(let pool, let facts, let isOverdue, let age):
            "  \(pool ?? "the host") is drained since \(age), deadline \(facts.deadline?.description ?? "none")"
                + "\(facts.force ? ", by force" : "")\(isOverdue ? ", which is over" : "")"
        case .uncordoned(let pool): "  \(pool ?? "the host") is drained no more"
        case .measuring(let ask, let object): "\(ask) asks what \(object) goes by"
        case .measured(let ask, let measurements, let isInformed):
            "\(ask) is told \(measurements.map { "\($0.value.map { "\($0)" } ?? "nothing") at \($0.at)" })"
                + (isInformed ? "" : ", and does not know all members")
        case .sized(let object, let size): "\(object) is to have \(size) members"
        case .scaled(let object, let size): "  \(object) has \(size.map(String.init) ?? "no number")"
        case .unscaled(let object): "  nothing scales \(object)"
        case .clockSet(let seconds): "the wall clock is set by \(seconds)"
        case .commitFailed: "  commit failed"
        case .sent(let run, let call, let facts): "\(call) -> \(facts.step) \(facts.subject) (run \(run))"
        case .replied(let call, let reply): "\(call) <- \(reply)"
        case .gaveUp(let call): "\(call) given up"
        case .planned(let changes): "planned: \(changes)"
        case .plansDiffer(let what): "plans differ: \(what)"
        case .shown(let revision):
            "git shows \(revision.id.suffix(4)), \(revision.verdict.rawValue), history \(revision.history): "
                + revision.objects.values.sorted { $0.id < $1.id }.map(text(of:)).joined(separator: ", ")
        case .allowed(let revision): "somebody allows \(revision.suffix(4))"
        case .approved(let revision, let removals): "somebody allows \(revision.suffix(4)) to remove \(removals)"
        case .container(let facts, let cause):
            "    engine: \(facts.name) \(facts.status.rawValue) \(facts.health.rawValue) by \(text(of: cause))"
        case .containerGone(let id, let cause): "    engine: \(name(id)) is gone by \(text(of: cause))"
        case .network(let facts, let cause): "    engine: network \(facts.name) by \(text(of: cause))"
        case .networkGone(let name, let cause): "    engine: network \(name) is gone by \(text(of: cause))"
        case .image(let reference, let id): "    engine: image \(reference) is \(id ?? "gone")"
        case .fault(let fault, let isOn): "FAULT \(fault) \(isOn ? "begins" : "ends")"
        case .calm: "CALM: nothing goes wrong any more"
        case .due: "DUE: nothing may be left to do"
        case .ended(let count): "END, open intents: \(count)"
        case .read, .said: ""
        }
    }

    private func text(of object: ObjectFacts) -> String {
        "\(object.id)*\(object.slots)\(object.isRecreated ? " recreate" : "")\(object.isOurs ? "" : " not ours") "
            + "\(object.image)"
    }

    private func text(of cause: TraceEvent.Cause) -> String {
        switch cause {
        case .call(let call): "\(call)"
        case .engine: "itself"
        case .person: "HAND"
        }
    }
}
