import ReconcileTesting
import Reconciler
import Specs
import Testing

struct SourceWatcherTests {
    private static let first = String(repeating: "1", count: 40)
    private static let second = String(repeating: "2", count: 40)

    private static func specs(_ image: String) -> String {
        Declared.workloadText(image: image)
    }

    private static let now = Instant(secondsSince1970: 1_795_267_500)
    private static let commit = CommitFacts(author: "Ada <ada@example.org>", time: now, subject: "Grow")

    private let store = InMemoryStateStore()
    private let source = ScriptedSource(SourceSnapshot(first, specs("web:1"), ancestry: .none))

    private func watcher(allowing revision: String? = nil) -> SourceWatcher {
        SourceWatcher(source: source, store: store, host: Declared.host, allowing: revision) { Self.now }
    }

    /// A watcher that has put the first revision in force.
    private func accepted(allowing revision: String? = nil) async throws -> SourceWatcher {
        let watcher = watcher(allowing: revision)
        _ = try await watcher.poll()
        return watcher
    }

    @Test("a good revision is stored before it is in force")
    func accepts() async throws {
        let watcher = watcher()
        guard case .accepted(let desired) = try await watcher.poll() else {
            Issue.record("not accepted")
            return
        }
        #expect(desired.revision.id == Self.first)
        #expect(desired.objects.keys.sorted() == [ResourceID(.workload, "web")])
        #expect(try store.load().accepted?.revision.id == Self.first)
        #expect(await watcher.status == SourceStatus(.current))
    }

    @Test("a store that cannot write keeps the revision out of force")
    func storeFails() async throws {
        let watcher = watcher()
        store.fail(with: StateStoreError(.unavailable, "no space"))
        await #expect(throws: StateStoreError.self) { try await watcher.poll() }
        store.fail(with: nil)
        guard case .accepted = try await watcher.poll() else {
            Issue.record("not accepted at the second try")
            return
        }
    }

    @Test("a source that is sure of itself is not asked again, unless what it brought is not in force")
    func vouching() async throws {
        let watcher = try await accepted()
        source.vouch(true)
        guard case .unchanged = try await watcher.poll() else {
            Issue.record("not unchanged")
            return
        }
        #expect(source.askedFor.count == 1)
        source.vouch(false)
        source.bring(SourceSnapshot(Self.second, "nonsense: ["))
        _ = try await watcher.poll()
        source.vouch(true)
        guard case .rejected = try await watcher.poll() else {
            Issue.record("what is wrong is still wrong")
            return
        }
        #expect(source.askedFor.count == 3)
    }

    @Test("the same revision again changes nothing")
    func unchanged() async throws {
        let watcher = try await accepted()
        source.bring(SourceSnapshot(Self.first, Self.specs("web:1"), ancestry: .same))
        guard case .unchanged = try await watcher.poll() else {
            Issue.record("not unchanged")
            return
        }
        #expect(source.askedFor == [nil, Self.first])
    }

    @Test("a working copy with other contents under the same id is new")
    func workingCopy() async throws {
        let id = Revision.workingCopyID
        source.bring(SourceSnapshot(id, Self.specs("web:1"), ancestry: .none))
        let watcher = try await accepted()
        source.bring(SourceSnapshot(id, Self.specs("web:2"), ancestry: .none))
        guard case .accepted = try await watcher.poll() else {
            Issue.record("not accepted")
            return
        }
    }

    @Test("specs with findings are refused whole, and the last good revision stays")
    func rejected() async throws {
        let watcher = try await accepted()
        source.bring(SourceSnapshot(Self.second, Self.specs("web:2") + "\nreplicas: 3"))
        guard case .rejected(let candidate, let diagnostics) = try await watcher.poll() else {
            Issue.record("not rejected")
            return
        }
        #expect(candidate.id == Self.second)
        #expect(diagnostics.first?.position.file == "all.yaml")
        #expect(try store.load().accepted?.revision.id == Self.first)
        let status = await watcher.status
        #expect(status.state == .rejected)
        #expect(status.message == "nothing of 2222222 was applied, findings: 1")
        #expect(status.candidate == Self.second)
        #expect(status.diagnostics == diagnostics)
    }

    @Test("after a refused revision a good one is accepted and clears the status")
    func recovers() async throws {
        let watcher = try await accepted()
        source.bring(SourceSnapshot(Self.second, "nonsense: ["))
        _ = try await watcher.poll()
        source.bring(SourceSnapshot(Self.second, Self.specs("web:2")))
        guard case .accepted = try await watcher.poll() else {
            Issue.record("not accepted")
            return
        }
        #expect(await watcher.status == SourceStatus(.current))
    }

    @Test(
        "a rewritten history is held until a person names the commit, with seven characters or more",
        arguments: [(nil, true), ("222222", true), ("2222223", true), ("2222222", false), (second, false)])
    func rewritten(allowed: String?, isHeld: Bool) async throws {
        let watcher = try await accepted(allowing: allowed)
        source.bring(SourceSnapshot(Self.second, Self.specs("web:2"), ancestry: .rewritten))
        let outcome = try await watcher.poll()
        if case .held(let candidate, let state, let message) = outcome {
            #expect(isHeld)
            #expect(candidate.id == Self.second)
            #expect(state == .historyRewritten)
            #expect(
                message == "2222222 does not descend from the accepted revision; 1111111 stays in force; "
                    + "accept it with --accept-revision \(Self.second)")
        } else {
            #expect(!isHeld)
        }
        #expect(try store.load().accepted?.revision.id == (isHeld ? Self.first : Self.second))
    }

    @Test("a revision without any object is held, because it would remove everything")
    func empty() async throws {
        let watcher = try await accepted()
        source.bring(SourceSnapshot(Self.second, "# nothing\n"))
        guard case .held(_, .emptyRevision, _) = try await watcher.poll() else {
            Issue.record("not held")
            return
        }
        #expect(await watcher.status.state == .emptyRevision)
        #expect(try store.load().accepted?.revision.id == Self.first)
    }

    @Test("a fetch that fails keeps what is in force and says why")
    func fetchFails() async throws {
        let watcher = try await accepted()
        source.fail(SourceError(.unreachable, "no route to git.example.com"))
        guard case .failed(let error) = try await watcher.poll() else {
            Issue.record("not failed")
            return
        }
        #expect(error.code == .unreachable)
        let status = await watcher.status
        #expect(status.state == .failing)
        #expect(status.message == "no route to git.example.com (unreachable)")
        #expect(try store.load().accepted?.revision.id == Self.first)
    }

    @Test("after a restart the stored revision is in force without a fetch, and known to the source")
    func restore() async throws {
        _ = try await accepted()
        let restarted = watcher()
        let desired = try await restarted.restore()
        #expect(desired?.revision.id == Self.first)
        guard case .unchanged = try await restarted.poll() else {
            Issue.record("not unchanged")
            return
        }
        #expect(source.askedFor.last == Self.first)
    }

    @Test("there is nothing to restore on a new host")
    func restoreNothing() async throws {
        #expect(try await watcher().restore() == nil)
    }

    @Test("a stored revision that this version cannot read any more is reported, not taken for unchanged")
    func restoreUnreadable() async throws {
        let snapshot = SourceSnapshot(Self.first, "kind: Gadget")
        try store.commit([.accept(AcceptedRevision(revision: snapshot.revision, files: snapshot.files))])
        source.bring(snapshot)
        let watcher = watcher()
        #expect(try await watcher.restore() == nil)
        guard case .rejected = try await watcher.poll() else {
            Issue.record("nobody would learn that nothing is in force")
            return
        }
        #expect(await watcher.status.state == .rejected)
        source.bring(SourceSnapshot(Self.second, Self.specs("web:2"), ancestry: .rewritten))
        guard case .held = try await watcher.poll() else {
            Issue.record("the ancestry of what was accepted still counts")
            return
        }
    }

    @Test("the history says what became of each revision, and who made it")
    func history() async throws {
        let watcher = try await accepted()
        source.bring(SourceSnapshot(Self.second, "kind: Gadget", commit: Self.commit))
        _ = try await watcher.poll()
        var history = try store.history(limit: 10)
        #expect(history.map(\.outcome) == [.accepted, .rejected])
        #expect(history.last?.revision == Revision(id: Self.second, reference: "main"))
        #expect(history.last?.commit == Self.commit)
        #expect(history.last?.time == Self.now)
        #expect(history.last?.message.contains("the first at all.yaml:1:1: ") == true)
        source.bring(SourceSnapshot(Self.second, Self.specs("web:2"), ancestry: .rewritten, commit: Self.commit))
        guard case .held(_, _, let message) = try await watcher.poll() else {
            Issue.record("not held")
            return
        }
        history = try store.history(limit: 10)
        #expect(history.map(\.outcome) == [.accepted, .held])
        #expect(history.last?.message == message)
    }

    @Test("the same trouble is written down once, not at every poll nor after a restart")
    func historyOnce() async throws {
        let watcher = try await accepted()
        source.bring(SourceSnapshot(Self.second, "nonsense: ["))
        _ = try await watcher.poll()
        let commits = store.commits
        _ = try await watcher.poll()
        let restarted = self.watcher()
        _ = try await restarted.restore()
        _ = try await restarted.poll()
        #expect(store.commits == commits)
    }

    @Test("a revision is accepted and its record written in one commit")
    func historyInSameCommit() async throws {
        let watcher = watcher()
        store.onCommit = { point throws(StateStoreError) in
            if point.phase == .before { throw StateStoreError(.unavailable, "no space") }
        }
        await #expect(throws: StateStoreError.self) { try await watcher.poll() }
        #expect(try store.load() == StoredState())
        store.onCommit = nil
        _ = try await watcher.poll()
        #expect(store.commits == 2)
        #expect(try store.history(limit: 10).map(\.outcome) == [.accepted])
    }
}
