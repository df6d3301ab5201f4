import ArgumentParser
import Drivers
import Foundation
import Reconciler
import Specs

/// Reads what previews of hosts are made of from their snapshots and from the repository: no engine and no state file is
/// looked at, and what the configuration of this machine says of a host is not asked.
struct SnapshotPreviews {
    let settings: EffectiveSettings
    let shelf: SnapshotShelf
    /// The revision to compare with; nil is the one in force on each host.
    var base: String?
    let style: Style
    private let fetched = FetchedRevisions()

    init(settings: EffectiveSettings, shelf: SnapshotShelf, base: String?, style: Style) {
        self.settings = settings
        self.shelf = shelf
        self.base = base
        self.style = style
    }

    /// What a plan on one host is made of, or why there is none.
    func input(_ item: SnapshotShelf.Item, at now: Instant) async throws -> PreviewLoader.Loaded<PreviewInput> {
        let snapshot = item.snapshot
        let loader = PreviewLoader(
            settings: settings, against: .host, style: style, otherHost: try snapshot.settings(), fetched: fetched)
        let desired: DesiredState
        switch try await loader.revision(after: try await inForce(snapshot, loader)) {
        case .ended(let code): return .ended(code)
        case .ready(let state): desired = state
        }
        let known = try await revisions(snapshot, loader)
        var base = snapshot.accepted.flatMap { known[$0.id]?.state }
        if let name = self.base {
            switch try await loader.revision(named: name) {
            case .ended(let code): return .ended(code)
            case .ready(let state): base = state
            }
        }
        var (observed, memory) = try snapshot.state(for: desired, known: known)
        for reference in desired.images.union(base?.images ?? []) where observed.images[reference] == nil {
            observed.images[reference] = observed.images[ImageReference(reference).familiar]
        }
        return .ready(PreviewInput(desired, since: base, on: observed, remembering: memory, at: now))
    }

    /// The revision in force, with its files as the repository has them. Without any where no branch leads to it any more: a
    /// history that was rewritten is a reason to hold what comes, and no failure.
    private func inForce(_ snapshot: PublishedSnapshot, _ loader: PreviewLoader) async throws -> AcceptedRevision? {
        guard let revision = snapshot.accepted else { return nil }
        var files: [SpecFile] = []
        if canLookUp(revision) {
            do throws(SourceError) {
                files = try await loader.snapshot(named: revision.id).files
            } catch {
                guard error.code == .referenceMissing else { throw error }
                Terminal.complain(
                    "note: \(loader.host.identity.name): \(revision), which is in force there, is not in this repository: was the "
                        + "history rewritten, or does the host follow another one?")
            }
        }
        return AcceptedRevision(revision: revision, files: files)
    }

    private func canLookUp(_ revision: Revision) -> Bool {
        !settings.isWorkingCopy && revision.id != Revision.workingCopyID
    }

    /// The revisions that a snapshot refers to, as the repository has them.
    private func revisions(
        _ snapshot: PublishedSnapshot, _ loader: PreviewLoader
    ) async throws -> [String: PublishedSnapshot.KnownRevision] {
        var known: [String: PublishedSnapshot.KnownRevision] = [:]
        for revision in snapshot.neededRevisions.sorted().map({ snapshot.revisions[$0] }) {
            guard canLookUp(revision) else {
                Terminal.complain(
                    "note: \(loader.host.identity.name): what \(revision) says cannot be looked up here, for a folder has no "
                        + "history: of members that it made only images are compared, and nothing is told apart by it")
                continue
            }
            do throws(SourceError) {
                let found = try await loader.snapshot(named: revision.id)
                guard let specs = fetched.specs(of: found, environment: loader.host.environment).specs else { continue }
                known[revision.id] = PublishedSnapshot.KnownRevision(
                    AcceptedRevision(revision: revision, files: found.files),
                    DesiredState(specs: specs, revision: revision, host: loader.host))
            } catch {
                guard error.code == .referenceMissing else { throw error }
                // Said before; whoever accepts a rewritten history sees of such members what images they get.
                if revision.id == snapshot.accepted?.id { continue }
                throw SnapshotProblem(
                    "\(revision) is in use on host '\(loader.host.identity.name)' and cannot be had from the repository: is this "
                        + "the repository that the host follows? (\(error.message))")
            }
        }
        return known
    }
}
