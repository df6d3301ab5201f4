import Specs

/// What a request comes to: the command, and what is true as soon as it holds.
struct CommandAnswer: Hashable, Sendable {
    /// nil where everything is already as it was asked for.
    var command: Command?
    /// For a person.
    var message: String
}

/// Requests by name become commands: pure, so that what is refused has changed nothing.
extension ControlLoop {
    /// All that the revision in force would remove from this host now; nil before there is a revision and a look.
    package var removals: RemovalSet? {
        guard let desired, informer.lastObservation != nil else { return nil }
        return RemovalSet(desired, informer.observed)
    }

    func answer(to request: CommandRequest, by name: String) throws(CommandRefusal) -> CommandAnswer {
        switch request {
        case .pause(let object, let reason): try pause(object, reason, by: name)
        case .resume(let object): try resume(object, by: name)
        case .approve(let digest): try approve(digest, by: name)
        case .pin(let object, let revision, let reason): try pin(object, to: revision, reason, by: name)
        case .unpin(let object): try unpin(object, by: name)
        case .override(let object, let duration, let reason): try override(object, duration, reason, by: name)
        case .endOverride(let object): try endOverride(object, by: name)
        case .drain(let duration, let force, let reason): try drain(for: duration, force: force, reason, by: name)
        case .uncordon: uncordon(by: name)
        case .rollout(let request): try answer(to: request, by: name)
        case .runTask(let task): try runTask(task, by: name)
        }
    }

    // MARK: Pauses

    private func pause(_ object: ResourceID?, _ reason: String, by name: String) throws(CommandRefusal) -> CommandAnswer
    {
        if let object { try find(object) }
        let what = object.map { "\($0) is paused: nothing of it" } ?? "this host is paused: nothing"
        let steps = flights.keys.count { object == nil || $0.object == object }
        let underWay =
            switch steps {
            case 0: ""
            case 1: "; 1 step that is under way is finished first"
            default: "; \(steps) steps that are under way are finished first"
            }
        return CommandAnswer(
            command: .pause(Pause(object: object, reason: reason, by: name, since: now.wall)),
            message: "\(what) is started, changed or removed until \(Until.resumed(object))\(underWay)")
    }

    private func resume(_ object: ResourceID?, by name: String) throws(CommandRefusal) -> CommandAnswer {
        let isPaused = gates.pauses.contains { $0.object == object }
        if let object, !isPaused { try find(object) }
        let what = object?.description ?? "this host"
        let message = "\(what) \(isPaused ? "is resumed" : "was not paused")" + whatStaysPaused(object)
        return CommandAnswer(command: isPaused ? .resume(object, by: name) : nil, message: message)
    }

    /// What else holds whoever was resumed.
    private func whatStaysPaused(_ object: ResourceID?) -> String {
        guard let object else {
            let others = gates.pauses.compactMap(\.object).sorted().map(\.description)
            return others.isEmpty ? "" : "; paused by themselves are still: \(others.joined(separator: ", "))"
        }
        if gates.pauses.contains(where: { $0.object == nil }) {
            return ", but this host is paused: nothing is changed until \(Until.resumed(nil))"
        }
        guard desired?.objects[object]?.pausedInGit != nil else { return "" }
        return ", but git pauses it, until a commit takes '\(ObjectAnnotation.paused.rawValue)' away"
    }

    // MARK: Approvals

    private func approve(_ digest: String, by name: String) throws(CommandRefusal) -> CommandAnswer {
        guard let removals, let desired else { throw notYet }
        let what = Self.words(removals)
        guard !removals.names.isEmpty else {
            throw CommandRefusal(.conflict, "\(desired.revision) removes nothing from this host: no approval is needed")
        }
        guard removals.digest == digest else {
            throw CommandRefusal(
                .conflict,
                "'\(digest)' is not what \(desired.revision) would remove now; that is '\(removals.digest)': \(what): "
                    + Self.list(removals.names))
        }
        if gates.approvals.contains(where: removals.isCovered) {
            return CommandAnswer(message: "approved already: \(desired.revision) may remove \(what)")
        }
        let approval = Approval(
            revision: removals.revision, removals: removals.names, by: name, at: now.wall)
        return CommandAnswer(
            command: .approve(approval), message: "approved: \(desired.revision) may remove \(what), and nothing else")
    }

    private static func words(_ removals: RemovalSet) -> String {
        func count(_ number: Int, _ noun: String) -> String? {
            number == 0 ? nil : "\(number) \(noun)\(number == 1 ? "" : "s")"
        }
        let parts = [count(removals.containers.count, "container"), count(removals.networks.count, "network")]
        return parts.compactMap(\.self).joined(separator: " and ")
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
    }

    // MARK: Pins

    private func pin(
        _ id: ResourceID, to revision: String?, _ reason: String, by name: String
    ) throws(CommandRefusal) -> CommandAnswer {
        guard let accepted else { throw notYet }
        guard let object = accepted.objects[id] else {
            let hint = NearestName.hint(for: id, among: accepted.objects.keys.sorted()) ?? "see 'reconcile status'"
            throw CommandRefusal(
                .notFound, "\(accepted.revision) declares no \(id), so there is nothing to pin; \(hint)")
        }
        let earlier = try earlierRevision(revision, than: accepted.revision)
        guard let before = earlier.objects[id] else {
            throw CommandRefusal(.notFound, "\(earlier.revision) declares no \(id)")
        }
        let pin = Pin(
            object: id, revision: earlier.revision, cause: .requested, reason: reason, rejected: object.meaning,
            since: now.wall)
        let same = before.meaning == object.meaning ? ", which says the same of it" : ""
        return CommandAnswer(
            command: .pin(pin, by: name),
            message: "\(id) is pinned to \(earlier.revision): it does not follow \(accepted.revision)\(same), until a "
                + "commit changes what it says or 'reconcile unpin \(id)'")
    }

    func earlierRevision(_ text: String?, than current: Revision) throws(CommandRefusal) -> DesiredState {
        guard let text else {
            if let previous, let state = earlierRevisions[previous.id] { return state }
            throw CommandRefusal(.notFound, "there is no earlier revision than \(current) to go back to")
        }
        if current.id.hasPrefix(text) {
            throw CommandRefusal(.invalid, "'\(text)' is the revision in force; name an earlier one")
        }
        let matches = earlierRevisions.values.filter { $0.revision.id.hasPrefix(text) }
        guard let match = matches.first else {
            let kept = earlierRevisions.values.map(\.revision.description).sorted().joined(separator: ", ")
            throw CommandRefusal(
                .notFound, "no revision '\(text)' is kept here; kept are: \(kept.isEmpty ? "none" : kept)")
        }
        guard matches.count == 1 else {
            throw CommandRefusal(.invalid, "'\(text)' is the beginning of several revisions; write more of it")
        }
        return match
    }

    private func unpin(_ id: ResourceID, by name: String) throws(CommandRefusal) -> CommandAnswer {
        guard pins[id] != nil else {
            try find(id)
            return CommandAnswer(message: "\(id) was not pinned")
        }
        let now = accepted.map { ": it follows \($0.revision)" } ?? ""
        return CommandAnswer(command: .unpin(id, by: name), message: "\(id) is not pinned any more\(now)")
    }

    // MARK: What there is

    /// - Throws: `notFound` unless the object is declared, or something of it is on the host.
    func find(_ id: ResourceID) throws(CommandRefusal) {
        if desired?.objects[id] != nil || informer.observed.objects.contains(id) { return }
        let known = Set(desired.map { Array($0.objects.keys) } ?? []).union(informer.observed.objects).sorted()
        let hint = NearestName.hint(for: id, among: known) ?? "see 'reconcile status'"
        throw CommandRefusal(
            .notFound, "there is no \(id) here: it is not declared and nothing of it runs; \(hint)")
    }

    private var notYet: CommandRefusal {
        CommandRefusal(.unavailable, "there is no revision in force yet, or the host was not seen yet; ask again soon")
    }
}
