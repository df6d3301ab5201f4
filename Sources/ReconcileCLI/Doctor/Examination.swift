import Drivers
import Foundation
import GitSource
import Logging
import Reconciler
import Specs
import Storage

/// Looks at everything that the controller will need. Its way to Docker is of a type that can only read, and what it
/// fetches from git goes to a folder that is removed again.
struct Examination {
    let configuration: LoadedConfiguration
    /// Instead of a repository.
    let workingCopy: String?
    /// Whether the repository is fetched, and its server asked for the time.
    let asksSource: Bool
    let logger: Logger

    private var values: HostConfiguration { configuration.values }

    func facts() async -> CheckupFacts {
        let engine = await engine()
        let dataRoot = if case .success(let found) = engine { found.info.dataRoot } else { String?.none }
        var facts = CheckupFacts(engine: engine)
        facts.configurationPath = configuration.path
        facts.stateDirectory = values.stateDirectory
        facts.state = FolderInspection.look(at: values.stateDirectory)
        facts.claimRoot = values.pools.runtimeDirectory
        facts.claimRootTrouble = ClaimRoot.trouble(with: values.pools.runtimeDirectory)
        facts.socketPath = StateDirectory.socket(in: values.stateDirectory)
        facts.isDaemonRunning = UnixSocketProbe.isListening(facts.socketPath)
        facts.host = await HostInspection.look(engine: values.dockerHost, dataRoot: dataRoot)
        facts.preflight = values.preflight
        facts.now = Instant(secondsSince1970: Int64(Date().timeIntervalSince1970))
        if asksSource {
            facts.repository = workingCopy ?? values.source.repository.map { Redaction.hidingUsers(in: $0) }
            facts.source = await source()
            if workingCopy == nil, let address = serverAddress {
                facts.serverClockOffset = await ServerClock.offset(of: address)
            }
        }
        return facts
    }

    private func engine() async -> Result<EngineInspection, DriverError> {
        let transport = UnixSocketTransport(values.dockerHost)
        let outcome: Result<EngineInspection, DriverError>
        do throws(DriverError) {
            outcome = .success(try await DockerClient(ReadOnlyTransport(transport)).inspectEngine())
        } catch {
            outcome = .failure(error)
        }
        await transport.shutdown()
        return outcome
    }

    private func source() async -> Result<SourceSnapshot, CheckupError> {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reconcile-\(UUID().uuidString)")
        defer {
            // A folder that stays behind in the system's temporary folder does no harm.
            try? FileManager.default.removeItem(at: folder)
        }
        do {
            let source: any Source
            if let workingCopy {
                source = WorkingCopySource(directory: workingCopy)
            } else {
                try configuration.requireRepository()
                source = try GitSource(values.source.git(mirror: folder.path + "/mirror.git"), logger: logger)
            }
            return .success(try await source.fetch(accepted: nil))
        } catch {
            return .failure(CheckupError(message: Redaction.hidingUsers(in: "\(error)")))
        }
    }

    /// Where a repository over https says what time it is; nil for those that do not.
    private var serverAddress: String? {
        guard let text = values.source.repository, text.hasPrefix("https://") || text.hasPrefix("http://"),
            let start = text.firstRange(of: "://")?.upperBound
        else { return nil }
        let authority = text[start...].prefix { $0 != "/" }
        return text[..<start] + authority + "/"
    }
}
