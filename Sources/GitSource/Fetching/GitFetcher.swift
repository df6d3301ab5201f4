import FoundationEssentials
import Glibc
import Logging
import Reconciler
import Specs

/// The parent's side of a fetch: keeps the mirror's folder and starts the child that does everything dangerous.
struct GitFetcher: Sendable {
    let configuration: GitSourceConfiguration
    let url: RepositoryURL
    let environment: [String: String]
    let logger: Logger
    /// The wall clock, for keys and signatures that end.
    let now: @Sendable () -> Instant
    private let users: (fetching: ChildUser?, verifying: ChildUser?)
    private let memory = VerdictMemory()

    init(
        configuration: GitSourceConfiguration, url: RepositoryURL, environment: [String: String], logger: Logger,
        now: @escaping @Sendable () -> Instant
    ) throws(SourceError) {
        self.configuration = configuration
        self.url = url
        self.environment = environment
        self.logger = logger
        self.now = now
        // A repository in a folder of this host is read as who we are: nobody else may be able to.
        users = (url.scheme == .file ? nil : try ChildUser.forWork(.fetching), try ChildUser.forWork(.verifying))
    }

    /// One fetch, and the judgement on what it brought where signatures are asked for; blocks the calling thread.
    func fetch(accepted: String?, isCancelled: @escaping () -> Bool) throws(SourceError) -> SourceSnapshot {
        let deadline = ContinuousClock.now + configuration.deadline
        // The keys first: without them nothing that may come could be used.
        let roots: TrustRoots? =
            if let settings = configuration.verification { try TrustRoots(settings, protecting: url.text) } else { nil }
        let fetched = try bring(accepted: accepted, until: deadline, isCancelled: isCancelled)
        guard let roots else { return fetched.snapshot(reference: configuration.reference) }
        let process = VerifierProcess(
            executable: configuration.executable, deadline: deadline, isCancelled: isCancelled,
            user: users.verifying)
        let verifier = RevisionVerifier(
            roots: roots, configuration: configuration, process: process, now: now(), memory: memory)
        return try verifier.snapshot(of: fetched, accepted: accepted)
    }

    /// What the child brings; asked once more with a fresh mirror when the old one seems broken.
    private func bring(
        accepted: String?, until deadline: ContinuousClock.Instant, isCancelled: () -> Bool
    ) throws(SourceError) -> FetchedRevision {
        let credentials = try configuration.credentials.load(for: url.scheme, environment: environment)
        let mirror = try MirrorDirectory(
            path: configuration.mirrorDirectory, user: users.fetching, deadline: deadline)
        try mirror.prepare(for: url.text)
        let request = try encode(request(accepted: accepted, credentials: credentials, mirror))
        let isOld = mirror.exists
        let first = try ask(request, until: deadline, isCancelled: isCancelled)
        guard case .failed(_, let message, true) = first, isOld else { return try revision(first) }
        logger.warning(
            "the mirror seems broken and is cloned again",
            metadata: ["event": "source.mirror-discarded", "message": "\(message)"])
        try mirror.discard()
        return try revision(try ask(request, until: deadline, isCancelled: isCancelled))
    }

    private func request(
        accepted: String?, credentials: LoadedCredentials, _ mirror: borrowing MirrorDirectory
    ) -> FetchRequest {
        FetchRequest(
            repository: mirror.repository, home: mirror.home, url: url.text,
            allowInsecure: configuration.allowInsecure, reference: configuration.reference, path: configuration.path,
            accepted: accepted, credentials: credentials, caFile: configuration.caFile, limits: configuration.limits,
            needsEvidence: configuration.verification != nil,
            cpuSeconds: max(1, Int((configuration.cpuTime ?? configuration.deadline / 2).components.seconds)),
            parent: getpid(), user: users.fetching)
    }

    private func encode(_ request: FetchRequest) throws(SourceError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(request))
        } catch {
            // The encoder's own words could repeat what it was given.
            throw SourceError(.invalidConfiguration, "the configuration of the source cannot be written as JSON")
        }
    }

    private func revision(_ reply: FetchReply) throws(SourceError) -> FetchedRevision {
        switch reply {
        case .fetched(let revision): return revision
        case .failed(let code, let message, _): throw SourceError(code, message)
        }
    }

    private func ask(
        _ request: [UInt8], until deadline: ContinuousClock.Instant, isCancelled: () -> Bool
    ) throws(SourceError) -> FetchReply {
        let child = ChildProcess(
            executable: configuration.executable, arguments: [FetchMirror.command], input: request,
            outputLimit: 2 * configuration.limits.totalBytes + (configuration.verification == nil ? 4 : 36) << 20)
        switch child.run(until: deadline, isCancelled: isCancelled) {
        case .exited(_, let output, let errorText):
            return try decode(output, errorText)
        case .signalled(let signal):
            return died(of: signal)
        case .timedOut:
            let address = Redaction().apply(to: url.text)
            throw SourceError(
                .timedOut, "'\(address)' did not answer in full within \(configuration.deadline): the fetch was ended")
        case .cancelled: throw SourceError(.timedOut, "the fetch was cancelled")
        case .tooMuchOutput: throw SourceError(.limitExceeded, "the fetch process answered more than the limits allow")
        case .notStarted(let number):
            throw SourceError(
                .mirrorBroken,
                "cannot start '\(configuration.executable) \(FetchMirror.command)': \(SystemError.text(number))")
        }
    }

    private func decode(_ output: [UInt8], _ errorText: String) throws(SourceError) -> FetchReply {
        do {
            return try JSONDecoder().decode(FetchReply.self, from: Data(output))
        } catch {
            let said = Redaction().apply(to: errorText)
            throw SourceError(
                .mirrorBroken, "the fetch process ended without an answer\(said.isEmpty ? "" : ": \(said)")")
        }
    }

    private func died(of signal: Int32) -> FetchReply {
        switch signal {
        case SIGXCPU:
            .failed(
                code: .limitExceeded, message: "the fetch process used more processor time than it may",
                mirrorMayBeBroken: true)
        case SIGXFSZ, SIGKILL:
            .failed(
                code: .limitExceeded,
                message: "the fetch process used more disk or memory than it may (signal \(signal))",
                mirrorMayBeBroken: false)
        default:
            // A pack that is shorter than its index says ends its reader with SIGBUS.
            .failed(
                code: .unreachable, message: "the fetch process died of what it was sent (signal \(signal))",
                mirrorMayBeBroken: true)
        }
    }
}
