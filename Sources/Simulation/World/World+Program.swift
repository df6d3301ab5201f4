import Invariants
import ReconcileTesting
package import Reconciler
import Specs

// The program's side: its boots and ends, what it is told, and what it asks for.

extension World {
    /// A run of the program begins.
    mutating func boot() {
        guard program == nil else { return }
        run += 1
        bootedAt = now
        announced = nil
        isStreamOpen = false
        journal.revive()
        planNextCrash()
        emit(.booted(run: run))
        var loop = ControlLoop(
            journal: journal, host: host, settings: settings, logger: logger, seed: dice.next())
        let effects: [Effect]
        do throws(StateStoreError) {
            try recoverClaims()
            try beginWithGit()
            effects = try loop.start(.forever, now: moment)
        } catch {
            return crash()
        }
        // What it ended at once is written down first.
        readJournal()
        emit(.recalled(loop.knownClaims))
        program = Program(loop)
        forgeBlindStep()
        conclude(effects)
        // As the daemon does: what was in force is in force again, before git is asked.
        if program != nil, let accepted = journal.accepted?.revision.id,
            let desired = git.commits[accepted]?.desired
        {
            tell(.desired(sabotaged(desired)))
        }
        schedule(.streamOpens(run: run), in: between(1, 50))
        schedule(.looksAtGit(run: run), in: between(1, 200))
    }

    /// Ends the program at the next point of the plan, if there is one.
    mutating func planNextCrash() {
        if crashPlan.isEmpty { return }
        journal.crash(after: crashPlan.removeFirst() - 1)
    }

    /// The program ends at once; what it sent is on its way.
    mutating func crash() {
        guard run > 0 else { return }
        program = nil
        isStreamOpen = false
        figures.crashes += 1
        emit(.crashed(run: run))
        hangUpAll()
        if chance(trouble.lostClaims) { loseClaims() }
        schedule(.boots, in: between(200, 5_000))
    }

    /// Somebody ends the program, if it runs; the end that is planned comes in the next run.
    mutating func kill() {
        guard program != nil else { return }
        if let left = journal.pointsLeft { crashPlan.insert(left, at: 0) }
        crash()
    }

    /// Tells the program something, and does what it asks for.
    package mutating func tell(_ input: Input) {
        guard program != nil else { return }
        figures.inputs += 1
        let moment = moment
        if inputsNow.time != now { inputsNow = (now, 0) }
        inputsNow.count += 1
        if inputsNow.count == Self.mostInputsAtOnce {
            checker.report(.quiet, "\(input) again and again at one moment", at: now)
        }
        // In place, or all that it knows would be copied.
        guard let effects = program?.loop.take(input, now: moment) else { return }
        conclude(effects)
    }

    /// The program has thought: first what it wrote down, then what it wants.
    mutating func conclude(_ effects: [Effect]) {
        readJournal()
        if journal.isCrashed { return crash() }
        if let revision = program?.loop.desired?.revision.id, revision != announced {
            announced = revision
            emit(.accepted(revision: revision))
            scaled = git.commits[revision]?.facts.scaled ?? []
        }
        announceSizes()
        for effect in effects {
            if journal.reach() { return crash(dropping: effects) }
            send(effect)
            if journal.reach() { return crash() }
        }
    }

    private mutating func crash(dropping effects: [Effect]) {
        crash()
        if bug == .actAfterEnd { for effect in effects { send(effect) } }
    }

    /// What the program committed since the last look, as far as the trace tells of it.
    private mutating func readJournal() {
        for entry in journal.takeLog() {
            switch entry {
            case .failed: emit(.commitFailed)
            case .committed(let changes):
                for change in changes {
                    switch change {
                    case .begin(let intent): emit(.intent(intent))
                    case .end(let intent, _): emit(.outcome(intent: intent))
                    case .accept(let accepted): emit(.stored(revision: accepted.revision.id))
                    case .probed(let container, _): emit(.probed(container: container))
                    case .claim(let claim): emit(.claimed(claim))
                    case .task(let id, let memory): emit(.remembered(id, memory))
                    case .forgetTask(let id): emit(.forgotten(id))
                    case .rollout(let object, let state):
                        if let blueGreen = state.blueGreen {
                            emit(.switching(object, isSwitched: blueGreen.switched != nil))
                        }
                        if let canary = state.canary, canary.course == .steps, !canary.isThrough {
                            emit(.stepping(object, step: canary.step))
                        } else if checker.isStepping(object) {
                            emit(.stepping(object, step: nil))
                        }
                    case .pin(let pin): emit(.pinned(pin.object, revision: pin.revision?.id))
                    case .unpin(let object): emit(.unpinned(object))
                    case .transition(let instance, _, .retiring): emit(.retired(instance))
                    case .scaled(let object, let state): emit(.scaled(object, state.size))
                    case .forgetScaling(let object): emit(.unscaled(object))
                    case .drain(let drain): written(drain)
                    case .endDrain(let pool):
                        if pool == nil { hostDrain = nil }
                        emit(.uncordoned(pool: pool))
                    case .event(let event): emit(.said(event.message + (bug == .tellSecrets ? Self.canary : "")))
                    default: break
                    }
                }
            }
        }
    }

    // MARK: Git

    /// One look of the program's at the branch, by the rules of the real watcher.
    func rule(for commit: SimulatedGit.Commit, _ snapshot: SourceSnapshot) -> Bool {
        guard let specs = commit.specs else { return false }
        let rule = HoldRule(accepted: journal.accepted, allowing: allowedRevision)
        return rule.finding(on: snapshot, specs) == nil
    }

    mutating func lookAtGit() {
        defer { schedule(.looksAtGit(run: run), in: between(3_000, 6_000)) }
        let accepted = journal.accepted?.revision.id
        guard program != nil, let (commit, snapshot) = git.fetch(accepted: accepted) else { return }
        if commit.snapshot.revision.id == accepted { return }
        guard rule(for: commit, snapshot) || isSabotaged(commit), let desired = commit.desired ?? bug?.desired(commit)
        else { return }
        let revision = AcceptedRevision(revision: snapshot.revision, files: snapshot.files)
        do throws(StateStoreError) {
            try journal.commit([.accept(revision)])
        } catch {
            readJournal()
            return journal.isCrashed ? crash() : ()
        }
        readJournal()
        tell(.desired(sabotaged(desired)))
    }

    // MARK: The event stream

    mutating func openStream(_ run: Int) {
        guard run == self.run, program != nil, !isStreamOpen else { return }
        guard engine.isUp else { return schedule(.streamOpens(run: run), in: .milliseconds(500)) }
        isStreamOpen = true
        tell(.streamOpened)
    }

    mutating func breakStream(_ run: Int) {
        guard run == self.run, isStreamOpen else { return }
        isStreamOpen = false
        tell(.streamLost)
        schedule(.streamOpens(run: self.run), in: .milliseconds(500))
    }
}
