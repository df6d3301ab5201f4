import Invariants
import ReconcileTesting
import Reconciler
import Specs

// Members become somebody's, and what of it is on the disk beside them.

extension World {
    /// A driver is a part of the program: what has not happened when the program ends never does.
    mutating func bind(_ id: UInt64, _ binding: ClaimBinding) {
        guard let call = calls[id], call.run == run, program != nil else { return calls[id] = nil }
        if call.fate == .refused {
            let error = DriverError(.transient, .serverError, "the engine is busy", at: "a binding")
            return finish(id, .bound(.failure(error)))
        }
        let result = carryOut(binding, of: id)
        if call.fate == .requestDoubled { _ = carryOut(binding, of: id) }
        if call.fate == .late { return calls[id] = nil }
        if call.fate == .replyLost { return fail(id, .engineUnreachable, in: between(1, 20)) }
        finish(id, .bound(result))
    }

    private mutating func carryOut(_ binding: ClaimBinding, of id: UInt64) -> Result<BindingOutcome, DriverError> {
        cause = .call(id)
        defer { cause = .engine }
        let result = Result { () throws(DriverError) in try engine.bind(binding) }
        let container = binding.container.id
        if engine.containers[container]?.claim == binding.claim.id {
            claimFiles[container] = binding.claim
            emit(.handedOver(container: container, to: binding.claim.id))
        }
        reportChanges()
        return result
    }

    mutating func run(_ id: UInt64, _ hook: WarmPool.Hook, in container: ContainerReference) {
        guard let call = calls[id], call.run == run, program != nil else { return calls[id] = nil }
        if call.fate == .late { return calls[id] = nil }
        if call.fate == .replyLost { return fail(id, .engineUnreachable, in: between(1, 20)) }
        finish(id, .ran(Result { () throws(DriverError) in try engine.run(hook, in: container) }))
    }

    mutating func rewrite(_ claim: Claim) {
        guard let container = claim.container?.id, claimFiles[container]?.id == claim.id else { return }
        claimFiles[container] = claim
    }

    /// As the daemon does before it begins: the files know what the store may have lost.
    mutating func recoverClaims() throws(StateStoreError) {
        if bug == .forgetClaims { return }
        let files = claimFiles.sorted { $0.key < $1.key }.map(\.value)
        let changes = ClaimRecovery.changes(try journal.load(), files: files)
        if !changes.isEmpty { try journal.commit(changes) }
    }

    mutating func loseClaims() {
        figures.faults += 1
        journal.loseAllClaims()
        emit(.claimsLost)
    }

    /// Somebody with root does something to a member that somebody has, or takes the folder of one away.
    mutating func meddleWithClaims() {
        let members = engine.containers.values.filter { $0.mark?.object.kind == .warmPool && $0.hasClaimFolder }
            .sorted { $0.id < $1.id }
        let held = members.filter { $0.claim != nil }
        guard let victim = (chance(800) ? held : members).randomElement(using: &dice) else { return }
        figures.handEdits += 1
        switch Int.random(in: 0..<6, using: &dice) {
        case 0...2: byHand { $0.stopByHand(victim.id, exitCode: 1) }
        case 3: byHand { $0.removeByHand(victim.id) }
        case 4 where victim.hasHealthCheck && victim.status == .running:
            byHand { $0.setHealth(victim.id, .unhealthy) }
        case 4: byHand { $0.stopByHand(victim.id) }
        default:
            byHand { $0.removeClaimFolderByHand(victim.id) }
            emit(.folderGone(container: victim.id))
        }
    }
}
