import ArgumentParser
import Drivers
import Foundation
import Logging
import Reconciler
import Specs
import Storage

/// Prints what would be done. Its way to Docker is of a type that can only read.
struct DryRun {
    let settings: EffectiveSettings
    let against: Against
    let output: PlainFormat
    let style: Style
    let detailedExitCode: Bool

    /// What the source says for this host, or why the program ends without it.
    enum Loaded {
        case ready(DesiredState)
        case ended(ExitCode)
    }

    func run() async throws -> ExitCode {
        switch try await load() {
        case .ready(let desired): try await plan(desired)
        case .ended(let code): code
        }
    }

    func load() async throws -> Loaded {
        let accepted = acceptedRevision()
        let snapshot = try await fetch(accepted: accepted?.revision.id)
        if case .refused(let failure) = snapshot.verification {
            Terminal.complain("held: \(failure.state.rawValue): \(failure.message)")
            return .ended(ExitStatus.held)
        }
        let loaded = SpecLoader.load(snapshot.files, environment: settings.host.environment)
        complain(about: loaded, in: snapshot.files)
        guard let specs = loaded.specs else { return .ended(ExitStatus.error) }
        let rule = HoldRule(accepted: accepted, allowing: settings.acceptRevision)
        if let held = rule.finding(on: snapshot, specs) {
            Terminal.complain("held: \(held.state.rawValue): \(held.message)")
            return .ended(.success)
        }
        return .ready(DesiredState(specs: specs, revision: snapshot.revision, host: settings.host))
    }

    private func plan(_ desired: DesiredState) async throws -> ExitCode {
        let observed = try await observe(desired)
        let now = Instant(secondsSince1970: Int64(Date.now.timeIntervalSince1970))
        let sized = desired.withLiveSizes(observed: observed, stored: storedScaling(), at: now)
        var gates = Gates(shares: shares(of: desired))
        gates.tasks = sized.taskOrders(on: observed, gates, stored: storedTasks(), now: Now(wall: now))
        let plan = Planner.plan(desired: sized, observed: observed, gates: gates, now: Now(wall: now))
        switch output {
        case .human: Terminal.print(PlanRenderer.text(plan))
        case .json: Terminal.print(try Terminal.json(PlanDocument(plan, revision: desired.revision)))
        }
        return detailedExitCode && plan.hasChanges ? ExitStatus.changes : .success
    }

    /// Errors and warnings: what is not carried out is a part of the plan.
    private func complain(about loaded: LoadedSpecs, in files: [SpecFile]) {
        let findings = loaded.diagnostics.filter { $0.severity > .info }
        guard !findings.isEmpty else { return }
        var renderer = FindingsRenderer(files, style: style)
        let report = FindingsReport(findings, files: files.count, objects: loaded.specs?.count)
        Terminal.complain(renderer.text(report))
    }

    /// Against nothing, and for no host in particular, the plan shows everything that the specs declare.
    private func shares(of desired: DesiredState) -> [String: Share] {
        if against == .none && !settings.isHostNamed { return desired.hostPools.mapValues { _ in .everything } }
        return SolitaryCoordinator.shares(of: desired.hostPools, for: settings.host.identity)
    }

    /// What the daemon of this host, or an earlier `--once`, has put in force; nil where none did, or none we may ask.
    private func acceptedRevision() -> AcceptedRevision? {
        if against == .none { return nil }
        do throws(StateStoreError) {
            let file = StateDirectory.database(in: settings.stateDirectory)
            return try SQLiteStateStore.acceptedRevision(readingFrom: file)
        } catch {
            Terminal.complain("note: it is not known which revision is in force: \(error)")
            return nil
        }
    }

    /// What autoscalers of this host remember; without it the members that there are go on.
    private func storedScaling() -> [ResourceID: ScalingState] {
        if against == .none { return [:] }
        do throws(StateStoreError) {
            return try SQLiteStateStore.scaling(
                readingFrom: StateDirectory.database(in: settings.stateDirectory))
        } catch {
            Terminal.complain("note: the numbers of autoscalers are not known: \(error)")
            return [:]
        }
    }

    /// What this host remembers of the runs of tasks; without it containers say which there were.
    private func storedTasks() -> [ResourceID: TaskMemory] {
        if against == .none { return [:] }
        do throws(StateStoreError) {
            return try SQLiteStateStore.tasks(readingFrom: StateDirectory.database(in: settings.stateDirectory))
        } catch {
            Terminal.complain("note: the runs of tasks are not known: \(error)")
            return [:]
        }
    }

    /// The mirror lives in a folder that goes away again, unless the user named a state directory that we may write to.
    private func fetch(accepted: String?) async throws -> SourceSnapshot {
        let kept = settings.stateDirectory + "/dry-run.git"
        if settings.isStateDirectoryNamed && Self.isWritable(settings.stateDirectory)
            && (Self.isWritable(kept) || !FileManager.default.fileExists(atPath: kept))
        {
            return try await source(mirror: kept).fetch(accepted: accepted)
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reconcile-\(UUID().uuidString)")
        defer {
            // A folder that stays behind in the system's temporary folder does no harm.
            try? FileManager.default.removeItem(at: folder)
        }
        return try await source(mirror: folder.path + "/mirror.git").fetch(accepted: accepted)
    }

    private static func isWritable(_ folder: String) -> Bool { access(folder, W_OK | X_OK) == 0 }

    private func source(mirror: String) throws(SourceError) -> any Source {
        try settings.makeSource(mirror: mirror, logger: settings.log.logger(unlessSaid: .error))
    }

    private func observe(_ desired: DesiredState) async throws -> ObservedState {
        against == .none ? Self.nothing(but: desired.images) : try await settings.observe(desired)
    }

    /// A host with nothing of ours. Whether the images are there is not known, and not what is asked.
    private static func nothing(but images: Set<String>) -> ObservedState {
        var state = ObservedState()
        state.firewall.support = .by(.nftables)
        for image in images { state.images[image] = ObservedImage(id: "") }
        return state
    }
}

extension EffectiveSettings {
    /// Looks at the host once, by a way to Docker that can only read.
    func observe(_ desired: DesiredState) async throws -> ObservedState {
        let transport = UnixSocketTransport(engine)
        let docker = DockerObserver(
            DockerClient(ReadOnlyTransport(transport)), preflight: LocalPreflight(engine), kernel: KernelReader())
        let observer = Firewalled(docker, FirewallDriver(engine: engine))
        do {
            let interest = Interest(owner: host.owner, images: desired.images, firewall: desired.firewall)
            let state = try await observer.observe(interest)
            await transport.shutdown()
            return state
        } catch {
            await transport.shutdown()
            throw error
        }
    }
}
