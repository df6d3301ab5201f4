import FoundationEssentials
package import Logging
package import Reconciler
package import Specs
import Synchronization

/// Brings the specs of one branch, tag or commit of a git repository.
///
/// A child process of the same program talks to the server and reads the objects, with limits on memory, disk and
/// time; this process keeps the mirror's folder in order and reads the child's answer. See
/// `docs/design/0003-git-in-a-child-process.md`.
package struct GitSource: Source {
    private let fetcher: GitFetcher
    private let last: LastFetch

    /// - Throws: `SourceError` with `invalidConfiguration` when the address, the reference or the path breaks our rules,
    ///   or when signatures are asked for and the files of the keys are not as they must be.
    package init(_ configuration: GitSourceConfiguration, logger: Logger) throws(SourceError) {
        try self.init(configuration, logger: logger, environment: ProcessInfo.processInfo.environment)
    }

    /// - Parameters:
    ///   - environment: where a token may be looked up.
    ///   - now: the wall clock, for keys that end.
    package init(
        _ configuration: GitSourceConfiguration, logger: Logger, environment: [String: String],
        now: @escaping @Sendable () -> Instant = { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) }
    ) throws(SourceError) {
        let url = try RepositoryURL(configuration.url, allowInsecure: configuration.allowInsecure)
        let reference = try GitReference(configuration.reference)
        _ = try SpecsPath(configuration.path)
        if let verification = configuration.verification {
            try Self.check(verification, reference, configuration.reference)
            // Read again for every fetch; here so that what is wrong is said before anything begins.
            _ = try TrustRoots(verification, protecting: url.text)
        }
        fetcher = try GitFetcher(
            configuration: configuration, url: url, environment: environment, logger: logger, now: now)
        // Signatures are judged at every look: keys end.
        last = LastFetch(path: configuration.verification == nil ? url.localPath : nil)
    }

    private static func check(
        _ verification: SourceVerification, _ reference: GitReference, _ text: String
    ) throws(SourceError) {
        guard verification.mode.needsTag else { return }
        switch reference {
        case .short: return
        case .full(let name) where name.hasPrefix("refs/tags/"): return
        case .full, .commit:
            throw SourceError(
                .invalidConfiguration,
                "source.verify.mode is '\(verification.mode.rawValue)', and the reference '\(text)' is not a tag: name a tag, "
                    + "or set the mode 'head'")
        }
    }

    /// Fetches and reads; ends with the deadline of the configuration at the latest.
    ///
    /// Calls that share a mirror's folder, also from other processes, take turns. A cancelled task ends the child.
    package func fetch(accepted: String?) async throws(SourceError) -> SourceSnapshot {
        let fetcher = self.fetcher
        let files = last.files()
        last.note(nil)
        let cancellation = Cancellation()
        // The result travels as a value: the handler does not know typed errors.
        let outcome = await withTaskCancellationHandler {
            await Self.outcome { () throws(SourceError) in
                try fetcher.fetch(accepted: accepted) { cancellation.isCancelled }
            }
        } onCancel: {
            cancellation.cancel()
        }
        let snapshot = try outcome.get()
        last.note(files)
        return snapshot
    }

    package var isUnchanged: Bool { last.isStillTrue }

    private static func outcome(
        of work: @escaping @Sendable () throws(SourceError) -> SourceSnapshot
    ) async -> Result<SourceSnapshot, SourceError> {
        do throws(SourceError) {
            return .success(try await DedicatedThread.run(work))
        } catch {
            return .failure(error)
        }
    }
}

/// A flag that a task sets and a thread reads.
private final class Cancellation: Sendable {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .relaxed) }

    func cancel() { flag.store(true, ordering: .relaxed) }
}
