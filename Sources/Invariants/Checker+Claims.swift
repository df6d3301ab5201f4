import Reconciler
import Specs

// Who has which member, from the request to the end.

extension Checker {
    /// How long a member is made ready for its holder at most: five attempts of thirty seconds, and the pauses in between.
    private static let longestBinding = Duration.seconds(160)
    /// How long a request waits for the member that is started because of it.
    private static let longestStart = Duration.seconds(120)
    /// How long a loss may have been seen without a word, in time and in complete looks.
    private static let longestSilence = (time: Duration.seconds(3), looks: 3)

    // MARK: Written down

    mutating func written(_ claim: Claim) {
        let before = claims.stored[claim.id]
        if let first = claims.write(claim, at: now), let container = claim.container {
            violate(.oneHolder, "'\(container.name)' is set aside for \(claim.id), and was \(first)'s")
        }
        if let before, !before.isOpen, claim.isOpen { violate(.claimMemory, "\(claim.id) was over, and is open again") }
        guard let ending = claim.ending, before?.ending == nil, claims.answered.contains(claim.id) else { return }
        checkEnding(of: claim, ending, after: before)
    }

    /// What somebody was told to have ends by what is true.
    private mutating func checkEnding(of claim: Claim, _ ending: Claim.Ending, after before: Claim?) {
        let container = before?.predecessor ?? before?.container
        switch ending {
        case .released:
            if !claims.givenBack.contains(claim.id) {
                violate(.claimedStays, "\(claim.id) is released, and nobody gave it back")
            }
        case .expired, .maximumAge:
            if claims.isTooEarly(claim.id, at: now) { violate(.claimedStays, "\(claim.id) expires before its time") }
        case .containerLost:
            guard let container, let track = mirror.containers[container.id], let known = track.known,
                mirror.isReady(known), track.now.map(mirror.isReady) ?? false
            else { return }
            violate(.claimedStays, "\(claim.id) is said to be lost, and '\(container.name)' runs")
        case .evicted:
            if !isForcedOut(claim.pool) { violate(.claimedStays, "\(claim.id) is evicted, and no drain says so") }
        case .failed, .cancelled:
            if before?.phase == .binding, container.map(isForgotten) ?? false { return }
            violate(.claimedStays, "\(claim.id) was answered, and ends as \(ending.rawValue)")
        }
    }

    /// The file that would tell that its claim was answered, where that was not written down yet, has gone with it.
    private func isForgotten(_ container: Claim.Container) -> Bool {
        mirror.containers[container.id]?.now == nil || claims.hasLostFolder(container.id)
    }

    mutating func handedOver(_ container: String, to claim: ClaimID) {
        if let before = claims.handOver(container, to: claim) {
            violate(.oneHolder, "the file of container '\(container.suffix(6))' goes from \(before) to \(claim)")
        }
    }

    // MARK: Answers

    mutating func told(_ number: UInt64, _ claim: Claim?) {
        guard let ask = claims.asks.removeValue(forKey: number), let claim else { return }
        guard let stored = claims.stored[claim.id], stored.isOpen, stored.phase != .releasing else {
            return violate(.claimMemory, "\(claim.id) is answered, and not written down as open")
        }
        if claim.holder != ask.holder {
            violate(.oneHolder, "'\(ask.holder)' is told of \(claim.id), which is '\(claim.holder)''s")
        }
        if let container = claim.container,
            claims.files[container.id] != claim.id
                || claims.firstHolders[container.id] != claim.id
        {
            violate(.oneHolder, "\(claim.id) is answered with '\(container.name)', which its file does not say")
        }
        if let other = claims.tell(claim, askedOf: ask.pool, with: ask.key, at: now) {
            violate(.claimKey, "the key '\(ask.key ?? "")' is answered with \(claim.id), and was with \(other)")
        }
    }

    /// Whoever waits hears something by the end of its wait; a member that is being made ready may come a little later.
    mutating func checkAnswers() {
        guard run != nil else { return }
        for ask in claims.asks.values.sorted(by: { $0.number < $1.number }) {
            let deadline = ask.deadline + (claims.mayStart(for: ask) ? Self.longestStart : .seconds(1))
            guard now > deadline + (claims.isBinding(ask.holder) ? Self.longestBinding : .seconds(1)) else { continue }
            violate(.claimAnswer, "'\(ask.holder)' was to hear of \(ask.pool) by \(deadline)")
            claims.asks[ask.number] = nil
        }
    }

    // MARK: Restarts

    mutating func recalled(_ found: [Claim]) {
        defer { claims.beginRun() }
        let found = Dictionary(found.map { ($0.id, $0) }) { _, last in last }
        for id in claims.answered.sorted() {
            guard let stored = claims.stored[id] else { continue }
            guard let claim = found[id] else {
                let file = claims.files.first { $0.value == id }?.key
                if claims.onlyInFiles.contains(id), file.map({ mirror.containers[$0]?.now == nil }) ?? true {
                    claims.forget(id)
                    continue
                }
                violate(.claimMemory, "\(id) of '\(stored.holder)' was answered, and this run does not know it")
                continue
            }
            if stored.isOpen, !claim.isOpen { violate(.claimMemory, "\(id) was open, and this run takes it for over") }
        }
    }

    // MARK: What somebody has

    /// What is claimed is its holder's; only limits follow git.
    ///
    /// - Returns: whether the call touches it.
    mutating func checkClaimed(_ container: String, of call: CallFacts) -> Bool {
        guard call.verb != .update, let claim = claims.holder(of: container) else { return false }
        violate(.claimedStays, "\(words(call)), which '\(claim.holder)' has by \(claim.id)")
        return true
    }

    /// Everything was looked at: what is lost was to be said.
    mutating func checkLosses() {
        guard storeFailsSince == nil, inForce != nil else { return }
        for claim in claims.open where claim.phase == .bound {
            guard let container = claim.container, isLost(container.id) else {
                claims.seenLost[claim.id] = nil
                continue
            }
            let seen = claims.seenLost[claim.id] ?? (now, 0)
            claims.seenLost[claim.id] = (seen.since, seen.looks + 1)
            guard seen.looks >= Self.longestSilence.looks, now - seen.since > Self.longestSilence.time else { continue }
            violate(.lossAnnounced, "'\(container.name)' is lost, and \(claim.id) says nothing since \(seen.since)")
            claims.seenLost[claim.id] = nil
        }
    }

    /// The program was told that it is gone, has ended, or is not well.
    private func isLost(_ container: String) -> Bool {
        guard let track = mirror.containers[container] else { return true }
        guard track.told != nil else { return false }
        guard let known = track.known else { return true }
        return switch known.status {
        case .exited, .dead, .removing, .created: true
        case .running, .paused, .restarting: known.health == .unhealthy
        }
    }
}
