import ArgumentParser
import Drivers
import Foundation
import Logging
import Reconciler
import Specs
import Storage

/// Reads what a preview is made of: the revision, the one before it, the host, and what its controller remembers. Nothing of
/// it can write; its way to Docker is of a type that can only read.
struct PreviewLoader {
    /// What a revision is compared with, besides snapshots.
    enum Place {
        /// The live engine, read only.
        case host
        /// Nothing at all: everything is to be created.
        case none
    }

    let settings: EffectiveSettings
    let against: Place
    /// The revision to compare with; nil is the one in force.
    var base: String?
    let style: Style
    /// The host that it is about, where that is another one than the settings are of.
    var otherHost: HostSettings?
    /// What was fetched for other hosts before.
    var fetched = FetchedRevisions()

    var host: HostSettings { otherHost ?? settings.host }

    /// What is there, or why the program ends without it.
    enum Loaded<Value> {
        case ready(Value)
        case ended(ExitCode)
    }

    func input() async throws -> Loaded<PreviewInput> {
        let memory = memory()
        switch try await revision(after: memory.accepted) {
        case .ended(let code): return .ended(code)
        case .ready(let desired):
            guard let base else {
                return .ready(try await input(desired, memory.accepted.flatMap { state(of: $0) }, memory))
            }
            switch try await revision(named: base) {
            case .ended(let code): return .ended(code)
            case .ready(let base): return .ready(try await input(desired, base, memory))
            }
        }
    }

    private func input(_ desired: DesiredState, _ base: DesiredState?, _ memory: StoredState) async throws
        -> PreviewInput
    {
        let now = Instant(secondsSince1970: Int64(Date.now.timeIntervalSince1970))
        // Against nothing, and for no host in particular, the plan shows everything that the specs declare.
        let isForEveryPool = against == .none && !settings.isHostNamed
        let observed =
            switch (against, base) {
            case (.host, _): try await settings.observe(desired, alsoFor: base)
            case (.none, nil): Self.nothing(but: desired.images)
            case (.none, let base?): Self.applied(base, butImages: desired.images, isForEveryPool, at: now)
            }
        var input = PreviewInput(desired, since: base, on: observed, remembering: memory, at: now)
        input.isForEveryPool = isForEveryPool
        return input
    }

    /// The newest revision of the source.
    ///
    /// - Parameter accepted: what is in force decides what may follow it.
    func revision(after accepted: AcceptedRevision?) async throws -> Loaded<DesiredState> {
        let id = accepted?.revision.id
        let snapshot = try await fetched.newest(since: id) { () async throws(SourceError) in
            try await fetch(accepted: id)
        }
        if case .refused(let failure) = snapshot.verification {
            Terminal.complain("held: \(failure.state.rawValue): \(failure.message)")
            return .ended(ExitStatus.held)
        }
        let loaded = fetched.specs(of: snapshot, environment: host.environment) { loaded in
            complain(about: loaded, in: snapshot.files)
        }
        guard let specs = loaded.specs else { return .ended(ExitStatus.error) }
        let rule = HoldRule(accepted: accepted, allowing: settings.acceptRevision)
        if let held = rule.finding(on: snapshot, specs) {
            Terminal.complain("held: \(held.state.rawValue): \(held.message)")
            return .ended(.success)
        }
        return .ready(DesiredState(specs: specs, revision: snapshot.revision, host: host))
    }

    /// Another revision of the same repository. A remote branch of a checkout (`origin/main`) is looked for by that name, and
    /// as a branch of the repository.
    func revision(named reference: String) async throws -> Loaded<DesiredState> {
        let snapshot = try await snapshot(named: reference)
        let loaded = fetched.specs(of: snapshot, environment: host.environment)
        guard let specs = loaded.specs else {
            complain(about: loaded, in: snapshot.files)
            Terminal.complain("error: the revision to compare with, \(snapshot.revision), is not valid")
            return .ended(ExitStatus.error)
        }
        return .ready(DesiredState(specs: specs, revision: snapshot.revision, host: host))
    }

    /// The files of another revision of the same repository.
    func snapshot(named reference: String) async throws(SourceError) -> SourceSnapshot {
        try await fetched.revision(named: reference) { () async throws(SourceError) in
            try await fetch(named: reference)
        }
    }

    private func fetch(named reference: String) async throws(SourceError) -> SourceSnapshot {
        let branch = reference.hasPrefix("origin/") ? String(reference.dropFirst("origin/".count)) : nil
        let names = [reference] + (branch.map { ["refs/remotes/origin/\($0)", "refs/heads/\($0)"] } ?? [])
        var missing: SourceError?
        for name in names {
            do throws(SourceError) {
                return try await Self.inScratchFolder { mirror async throws(SourceError) in
                    try await source(mirror: mirror, reference: name).fetch(accepted: nil)
                }
            } catch {
                guard error.code == .referenceMissing else { throw error }
                missing = missing ?? error
            }
        }
        throw missing ?? SourceError(.referenceMissing, "there is no revision '\(reference)'")
    }

    /// What an accepted revision says for this host; nil where this version cannot read it any more.
    private func state(of accepted: AcceptedRevision) -> DesiredState? {
        SpecLoader.load(accepted.files, environment: host.environment).specs.map {
            DesiredState(specs: $0, revision: accepted.revision, host: host)
        }
    }

    /// Errors and warnings: what is not carried out is a part of the plan.
    private func complain(about loaded: LoadedSpecs, in files: [SpecFile]) {
        let findings = loaded.diagnostics.filter { $0.severity > .info }
        guard !findings.isEmpty else { return }
        var renderer = FindingsRenderer(files, style: style)
        let report = FindingsReport(findings, files: files.count, objects: loaded.specs?.count)
        Terminal.complain(renderer.text(report))
    }

    /// What the daemon of this host, or an earlier `--once`, has written down: the revision in force, claims, pauses and
    /// all else that decides what would be done. Nothing where there is none, or none that we may read.
    func memory() -> StoredState {
        if against == .none { return StoredState() }
        let file = StateDirectory.database(in: settings.stateDirectory)
        let unknown = "note: what is in force, claimed and paused on this host is not known: "
        do throws(StateStoreError) {
            if access(file, R_OK) != 0, errno == EACCES {
                Terminal.complain(unknown + "'\(file)' may not be read by this user")
            }
            return try SQLiteStateStore.storedState(readingFrom: file)
        } catch {
            Terminal.complain(unknown + "\(error)")
            return StoredState()
        }
    }

    /// The mirror lives in a folder that goes away again, unless the user named a state directory that we may write to.
    private func fetch(accepted: String?) async throws(SourceError) -> SourceSnapshot {
        let kept = settings.stateDirectory + "/dry-run.git"
        if settings.isStateDirectoryNamed && Self.isWritable(settings.stateDirectory)
            && (Self.isWritable(kept) || !FileManager.default.fileExists(atPath: kept))
        {
            return try await source(mirror: kept).fetch(accepted: accepted)
        }
        return try await Self.inScratchFolder { mirror async throws(SourceError) in
            try await source(mirror: mirror).fetch(accepted: accepted)
        }
    }

    private static func inScratchFolder(
        _ body: (String) async throws(SourceError) -> SourceSnapshot
    ) async throws(SourceError) -> SourceSnapshot {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reconcile-\(UUID().uuidString)")
        defer {
            // A folder that stays behind in the system's temporary folder does no harm.
            try? FileManager.default.removeItem(at: folder)
        }
        do {
            // Under root a user without rights fetches, and has to get through.
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o711])
        } catch {
            throw SourceError(.invalidConfiguration, "cannot make a folder in '\(folder.path)': \(error)")
        }
        return try await body(folder.path + "/mirror.git")
    }

    private static func isWritable(_ folder: String) -> Bool { access(folder, W_OK | X_OK) == 0 }

    private func source(mirror: String, reference: String? = nil) throws(SourceError) -> any Source {
        try settings.makeSource(
            mirror: mirror, reference: reference, logger: settings.log.logger(unlessSaid: .error))
    }

    /// A host with nothing of ours. Whether the images are there is not known, and not what is asked.
    private static func nothing(but images: Set<String>) -> ObservedState {
        var state = ObservedState()
        state.firewall.support = .by(.nftables)
        state.know(images)
        return state
    }

    /// A host on which the revision before is in force.
    private static func applied(
        _ base: DesiredState, butImages images: Set<String>, _ isForEveryPool: Bool, at now: Instant
    ) -> ObservedState {
        var state = ObservedState(applied: base, isForEveryPool: isForEveryPool, at: now)
        state.know(images)
        return state
    }
}

extension ObservedState {
    /// Takes images for given, and for no newer than they are.
    fileprivate mutating func know(_ references: Set<String>) {
        for image in references where images[image] == nil { images[image] = ObservedImage(id: "sha256:" + image) }
        refreshedImages.formUnion(references)
    }
}
