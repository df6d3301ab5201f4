import Invariants
import Reconciler
import Specs

/// A repository with one branch, and what its revisions mean.
struct SimulatedGit {
    struct Commit {
        var draft: Draft
        var snapshot: SourceSnapshot
        /// nil when it is not valid.
        var specs: SpecSet?
        /// nil when it is not valid.
        var desired: DesiredState?
        var facts: RevisionFacts
        /// What is left of a revision without the file that cannot be read; nil for one that is valid.
        var readablePart: DesiredState?
    }

    let host: HostSettings
    private(set) var commits: [String: Commit] = [:]
    private(set) var head: Commit?
    var isAway = false
    private var lastNumber = 0

    init(host: HostSettings) { self.host = host }

    /// Puts a commit on the branch.
    ///
    /// - Parameter isRewritten: it does not descend from the commits before.
    mutating func push(_ draft: Draft, isRewritten: Bool = false) -> Commit {
        lastNumber += 1
        let number = String(lastNumber, radix: 16)
        let id = String(repeating: "0", count: 39 - number.count) + number + "f"
        let history = (head?.facts.history ?? 0) + (isRewritten ? 1 : 0)
        var commit = read(draft, Revision(id: id, reference: "main"), history: history)
        if draft.objects.isEmpty { commit.facts.verdict = .empty }
        if draft.brokenObject != nil { commit.facts.verdict = .broken }
        commits[id] = commit
        head = commit
        return commit
    }

    private func read(_ draft: Draft, _ revision: Revision, history: Int) -> Commit {
        let files = draft.files
        let loaded = SpecLoader.load(files)
        let specs = loaded.specs
        if specs == nil && draft.brokenObject == nil { fatalError("\(loaded.diagnostics)") }
        func state(_ specs: SpecSet) -> DesiredState { DesiredState(specs: specs, revision: revision, host: host) }
        let desired = specs.map(state)
        var readable = draft
        readable.objects.removeAll { $0.name == draft.brokenObject }
        readable.brokenObject = nil
        let part = desired == nil ? SpecLoader.load(readable.files).specs : nil
        return Commit(
            draft: draft, snapshot: SourceSnapshot(revision: revision, files: files, ancestry: .none), specs: specs,
            desired: desired, facts: facts(of: readable, revision, desired ?? part.map(state), history),
            readablePart: part.map(state))
    }

    /// A draft that cannot be read means nothing but what is in its other files.
    private func facts(
        of draft: Draft, _ revision: Revision, _ desired: DesiredState?, _ history: Int
    ) -> RevisionFacts {
        var facts = RevisionFacts(id: revision.id, verdict: .good, history: history, objects: [:])
        guard let desired else { return facts }
        facts.freeze = draft.freeze
        // What nothing declares any more has the word that was left on it, which all drafts leave as it is.
        facts.freeze?.lead = .seconds(DraftObject("").stopTimeout)
        var room = draft.bound
        let byID = draft.objects.map { ($0.id, $0) }
        for (id, object) in byID.sorted(by: { $0.0 < $1.0 }) {
            guard let read = desired.objects[id] else { preconditionFailure("'\(id)' was not read") }
            let isBounded = object.pool == "bounded"
            facts.objects[id] = ObjectFacts(object, read, room: isBounded ? room : .max)
            if object.pool == "drained" { facts.objects[id]?.drain = draft.drain }
            facts.objects[id]?.freeze = draft.freeze
            facts.objects[id]?.freeze?.lead = .seconds(object.stopTimeout)
            if isBounded { room -= min(room, object.replicas) }
        }
        return facts
    }

    /// What a look at the branch shows: as a real source does, with the relation to the revision in force.
    func fetch(accepted: String?) -> (commit: Commit, snapshot: SourceSnapshot)? {
        guard !isAway, let head else { return nil }
        var snapshot = head.snapshot
        snapshot.ancestry =
            switch accepted {
            case nil: .none
            case head.snapshot.revision.id: .same
            case let id?: commits[id]?.facts.history == head.facts.history ? .descendant : .rewritten
            }
        return (head, snapshot)
    }
}
