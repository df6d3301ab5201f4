import Reconciler
import Specs
import Synchronization

/// What a source said once: asked about several hosts, it is not asked again for each, and they are all shown the same.
final class FetchedRevisions: Sendable {
    private struct Contents {
        /// By the revision in force.
        var newest: [String: SourceSnapshot] = [:]
        var named: [String: SourceSnapshot] = [:]
        /// By revision and environment.
        var specs: [[String]: LoadedSpecs] = [:]
    }

    private let contents = Mutex(Contents())

    func newest(
        since accepted: String?, _ fetch: () async throws(SourceError) -> SourceSnapshot
    ) async throws(SourceError) -> SourceSnapshot {
        let key = accepted ?? ""
        if let known = contents.withLock({ $0.newest[key] }) { return known }
        let snapshot = try await fetch()
        contents.withLock { $0.newest[key] = snapshot }
        return snapshot
    }

    func revision(
        named reference: String, _ fetch: () async throws(SourceError) -> SourceSnapshot
    ) async throws(SourceError) -> SourceSnapshot {
        let known = contents.withLock { contents in
            contents.named[reference] ?? contents.newest.values.first { $0.revision.id == reference }
        }
        if let known { return known }
        let snapshot = try await fetch()
        contents.withLock { $0.named[reference] = snapshot }
        return snapshot
    }

    /// - Parameter first: called when they are read for the first time.
    func specs(
        of snapshot: SourceSnapshot, environment: String?, first: (LoadedSpecs) -> Void = { _ in }
    ) -> LoadedSpecs {
        let key = [snapshot.revision.id, environment ?? ""]
        if let known = contents.withLock({ $0.specs[key] }) { return known }
        let loaded = SpecLoader.load(snapshot.files, environment: environment)
        first(loaded)
        contents.withLock { $0.specs[key] = loaded }
        return loaded
    }
}
