import Glibc
package import Reconciler
import Subprocess
import Synchronization

/// Looks at the machine that the engine runs on, where that is this one: how full its disk is, and whether Docker's
/// chains are in the firewall.
///
/// Only reads, and only knows what it can be sure of: everything else is left unknown, which holds nothing.
package struct LocalPreflight: Sendable {
    private let address: EngineAddress
    private let known = KnownEngine()
    private let chains = RecentChains()

    package init(_ address: EngineAddress) { self.address = address }

    /// The engine's process; asked for again when the socket is another one.
    func engine(behind socket: SocketIdentity?) -> EngineProcess? { known.process(at: address, behind: socket) }

    /// - Parameters:
    ///   - dataRoot: where the engine keeps images and containers, in its own words.
    ///   - age: how long ago the chains may have been looked at, which takes two processes: a hundred members that go one after
    ///     the other would start two hundred for each of their steps.
    package func facts(dataRoot: String?, chainsWithin age: Duration = .zero) async -> PreflightFacts {
        guard let engine = EngineProcess(listeningOn: address) else { return PreflightFacts() }
        var facts = dataRoot.flatMap { Self.space(at: engine.path(of: $0)) } ?? PreflightFacts()
        if engine.sharesOurNetwork { facts.firewallChains = await chains.look(within: age) }
        return facts
    }

    /// What is left of the engine's disk, and nothing else.
    func space(at dataRoot: String, of engine: EngineProcess?) -> PreflightFacts? {
        engine.flatMap { Self.space(at: $0.path(of: dataRoot)) }
    }

    private static func space(at path: String) -> PreflightFacts? {
        var status = statvfs()
        guard statvfs(path, &status) == 0, status.f_blocks > 0 else { return nil }
        let block = Int64(status.f_frsize)
        // What root may use as well, since the engine is root.
        return PreflightFacts(
            dataFree: Int64(status.f_bfree) * block, dataSize: Int64(status.f_blocks) * block,
            inodesFree: Int64(status.f_ffree), inodes: Int64(status.f_files))
    }
}

/// The process that was last found behind a socket.
private final class KnownEngine: Sendable {
    private struct Found {
        var socket: SocketIdentity
        var process: EngineProcess
    }

    private let found = Mutex<Found?>(nil)

    func process(at address: EngineAddress, behind socket: SocketIdentity?) -> EngineProcess? {
        guard let socket else { return EngineProcess(listeningOn: address) }
        return found.withLock { found in
            if let found, found.socket == socket, found.process.isAlive { return found.process }
            found = EngineProcess(listeningOn: address).map { Found(socket: socket, process: $0) }
            return found?.process
        }
    }
}

/// The last look at Docker's chains, which all share that ask meanwhile.
private final class RecentChains: Sendable {
    private struct Look {
        var begun: ContinuousClock.Instant
        var chains: Task<PreflightFacts.Chains, Never>
    }

    private let last = Mutex<Look?>(nil)

    func look(within age: Duration) async -> PreflightFacts.Chains {
        let look = last.withLock { last in
            let now = ContinuousClock.now
            if let last, now - last.begun < age { return last }
            let new = Look(begun: now, chains: Task { await DockerChains.look() })
            last = new
            return new
        }
        return await look.chains.value
    }
}

/// The chains without which Docker cannot start a container in a network.
enum DockerChains {
    /// Asks the same program that the engine asks, so that both see the same of the kernel's two firewalls.
    static func look() async -> PreflightFacts.Chains {
        var all = PreflightFacts.Chains.present
        for table in ["nat", "filter"] {
            switch await look(in: table) {
            case .present: continue
            case .missing: all = .missing
            case .unknown: return .unknown
            }
        }
        return all
    }

    private static func look(in table: String) async -> PreflightFacts.Chains {
        do {
            let result = try await Subprocess.run(
                .name("iptables"), arguments: ["-w", "1", "-t", table, "-S"],
                environment: .custom(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]),
                output: .string(limit: 4 << 20), error: .discarded)
            return verdict(isSuccess: result.terminationStatus.isSuccess, listing: result.standardOutput)
        } catch {
            // No such program, no right to run it, or more rules than anybody has: then nothing is known.
            return .unknown
        }
    }

    /// What a listing of a whole table says; without one nothing is known.
    ///
    /// The chain alone is not asked for: iptables 1.8.9 calls a missing one "incompatible", as it does real ones that it
    /// cannot read.
    static func verdict(isSuccess: Bool, listing: String) -> PreflightFacts.Chains {
        guard isSuccess else { return .unknown }
        return listing.split(separator: "\n").contains("-N DOCKER") ? .present : .missing
    }
}
