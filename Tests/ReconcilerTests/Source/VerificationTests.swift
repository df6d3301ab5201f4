import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What becomes of revisions whose signatures were looked at.
struct VerificationTests {
    private static let first = String(repeating: "1", count: 40)
    private static let second = String(repeating: "2", count: 40)
    private static let now = Instant(secondsSince1970: 1_795_267_500)
    private static let specs = Declared.workloadText()

    private let store = InMemoryStateStore()
    private let source = ScriptedSource(SourceSnapshot(first, specs, ancestry: .none).verified("alice"))

    private func watcher() -> SourceWatcher {
        SourceWatcher(source: source, store: store, host: Declared.host) { Self.now }
    }

    /// A watcher with the first revision, signed by alice, in force.
    private func accepted() async throws -> SourceWatcher {
        let watcher = watcher()
        _ = try await watcher.poll()
        return watcher
    }

    private static func refused(_ id: String, _ state: SourceStatus.State, _ message: String) -> SourceSnapshot {
        SourceSnapshot(
            revision: Revision(id: id, reference: "main"), files: [], ancestry: .descendant,
            verification: .refused(VerificationFailure(state, message)))
    }

    @Test("a verified revision is followed, and status and history say who signed it")
    func verified() async throws {
        let watcher = try await accepted()
        #expect(await watcher.status == SourceStatus(.current, signers: ["alice"]))
        let record = try store.history(limit: 1).last
        #expect(record?.outcome == .accepted)
        #expect(record?.message == "signed by alice")
        _ = try await watcher.poll()
        #expect(await watcher.status.signers == ["alice"])
        let restarted = self.watcher()
        _ = try await restarted.restore()
        _ = try await restarted.poll()
        #expect(await restarted.status.signers == ["alice"])
    }

    @Test("a revision that is not verified is held with its reason, and an event tells of it once")
    func held() async throws {
        let watcher = try await accepted()
        source.bring(Self.refused(Self.second, .keyUnknown, "commit 2222222 is signed by a stranger"))
        guard case .held(let candidate, .keyUnknown, let message) = try await watcher.poll() else {
            Issue.record("not held")
            return
        }
        #expect(candidate.id == Self.second)
        #expect(message == "commit 2222222 is signed by a stranger; 1111111 stays in force")
        #expect(await watcher.status == SourceStatus(.keyUnknown, message, candidate: Self.second))
        _ = try await watcher.poll()
        #expect(try store.load().accepted?.revision.id == Self.first)
        #expect(try store.history(limit: 10).map(\.outcome) == [.accepted, .held])
        let events = try store.events(limit: 10)
        #expect(events.map(\.reason) == ["KeyUnknown"])
        #expect(events.first?.severity == .warning)
        #expect(events.first?.message == message)
        #expect(events.first?.revision == Self.first)
        source.bring(SourceSnapshot(Self.second, Self.specs).verified("bob"))
        guard case .accepted = try await watcher.poll() else {
            Issue.record("not accepted")
            return
        }
        #expect(await watcher.status == SourceStatus(.current, signers: ["bob"]))
    }

    @Test("on a new host nothing is in force, and it stays so")
    func newHost() async throws {
        source.bring(Self.refused(Self.first, .signatureMissing, "commit 1111111 is not signed"))
        let watcher = watcher()
        guard case .held(_, .signatureMissing, let message) = try await watcher.poll() else {
            Issue.record("not held")
            return
        }
        #expect(message == "commit 1111111 is not signed; nothing stays in force")
        #expect(try store.load().accepted == nil)
    }

    @Test("a person who allows a rewritten history does not allow a missing signature")
    func allowed() async throws {
        source.bring(Self.refused(Self.second, .signatureMissing, "commit 2222222 is not signed"))
        let watcher = SourceWatcher(source: source, store: store, host: Declared.host, allowing: Self.second) {
            Self.now
        }
        guard case .held = try await watcher.poll() else {
            Issue.record("not held")
            return
        }
    }

    @Test("a signed revision that does not descend is held all the same")
    func rewritten() async throws {
        let watcher = try await accepted()
        source.bring(SourceSnapshot(Self.second, Self.specs, ancestry: .rewritten).verified("alice"))
        guard case .held(_, .historyRewritten, _) = try await watcher.poll() else {
            Issue.record("not held")
            return
        }
    }

    @Test(
        "time alone says nothing against what is in force; anything else is told, and it stays in force",
        arguments: [
            (SourceStatus.State.keyExpired, true), (.signatureExpired, true), (.commitTooOld, true),
            (.keyRevoked, false),
            (.signatureMissing, false), (.keyUnknown, false),
        ])
    func inForce(state: SourceStatus.State, isUnchanged: Bool) async throws {
        let watcher = try await accepted()
        source.bring(Self.refused(Self.first, state, "commit 1111111 is in doubt"))
        let outcome = try await watcher.poll()
        if case .unchanged = outcome {
            #expect(isUnchanged)
            #expect(await watcher.status == SourceStatus(.current))
        } else {
            #expect(!isUnchanged)
            let message = "commit 1111111 is in doubt; it stays in force, as it was accepted before"
            #expect(await watcher.status == SourceStatus(state, message, candidate: Self.first))
            #expect(try store.events(limit: 10).map(\.reason) == [state.rawValue])
        }
        // A rollback may still go back to it.
        #expect(try store.history(limit: 10).map(\.outcome) == [.accepted])
        #expect(try store.load().accepted?.revision.id == Self.first)
    }
}

extension SourceSnapshot {
    fileprivate func verified(_ signer: String) -> SourceSnapshot {
        var snapshot = self
        snapshot.verification = .verified(by: [signer])
        return snapshot
    }
}
