import ArgumentParser
import Drivers
import Foundation
import Logging
import Reconciler
import Specs

/// Prints what would be done. Its way to Docker is of a type that can only read.
struct DryRun {
    let settings: EffectiveSettings
    let against: Against
    let output: OutputFormat
    let detailedExitCode: Bool

    func run() async throws -> ExitCode {
        let snapshot = try await fetch()
        let loaded = SpecLoader.load(snapshot.files)
        for diagnostic in loaded.diagnostics { Terminal.complain(diagnostic.description) }
        guard let specs = loaded.specs else { return ExitStatus.error }
        if specs.isEmpty && settings.acceptRevision == nil {
            Terminal.complain(
                "held: EmptyRevision: \(snapshot.revision) declares nothing that runs; nothing is removed")
            return .success
        }
        let desired = DesiredState(specs: specs, revision: snapshot.revision, host: settings.host)
        let observed = try await observe(desired)
        let plan = Planner.plan(
            desired: desired, observed: observed, gates: Gates(shares: shares(of: desired)), now: Now())
        switch output {
        case .human: Terminal.print(PlanRenderer.text(plan))
        case .json: Terminal.print(try Terminal.json(PlanDocument(plan, revision: desired.revision)))
        }
        return detailedExitCode && plan.hasChanges ? ExitStatus.changes : .success
    }

    /// Against nothing, and for no host in particular, the plan shows everything that the specs declare.
    private func shares(of desired: DesiredState) -> [String: Share] {
        if against == .none && !settings.isHostNamed { return desired.hostPools.mapValues { _ in .everything } }
        return SolitaryCoordinator.shares(of: desired.hostPools, for: settings.host.identity)
    }

    /// Without a state directory of the user's choice the mirror lives in a folder that goes away again.
    private func fetch() async throws -> SourceSnapshot {
        if settings.isStateDirectoryNamed {
            return try await source(mirror: settings.stateDirectory + "/dry-run.git").fetch(accepted: nil)
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reconcile-\(UUID().uuidString)")
        defer {
            // A folder that stays behind in the system's temporary folder does no harm.
            try? FileManager.default.removeItem(at: folder)
        }
        return try await source(mirror: folder.path + "/mirror.git").fetch(accepted: nil)
    }

    private func source(mirror: String) throws(SourceError) -> any Source {
        try settings.makeSource(mirror: mirror, logger: JSONLogHandler.logger(.error))
    }

    private func observe(_ desired: DesiredState) async throws -> ObservedState {
        if against == .none { return Self.nothing(but: desired.images) }
        let transport = UnixSocketTransport(settings.engine)
        let observer = DockerObserver(DockerClient(ReadOnlyTransport(transport)))
        do {
            let state = try await observer.observe(Interest(owner: settings.host.owner, images: desired.images))
            await transport.shutdown()
            return state
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    /// A host with nothing of ours. Whether the images are there is not known, and not what is asked.
    private static func nothing(but images: Set<String>) -> ObservedState {
        var state = ObservedState()
        for image in images { state.images[image] = ObservedImage(id: "") }
        return state
    }
}
