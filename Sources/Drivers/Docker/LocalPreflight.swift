import Glibc
package import Reconciler
import Subprocess

/// Looks at the machine that the engine runs on, where that is this one: how full its disk is, and whether Docker's
/// chains are in the firewall.
///
/// Only reads, and only knows what it can be sure of: everything else is left unknown, which holds nothing.
package struct LocalPreflight: Sendable {
    private let socketPath: String

    package init(_ address: EngineAddress) { socketPath = address.socketPath }

    /// - Parameter dataRoot: where the engine keeps images and containers, in its own words.
    package func facts(dataRoot: String?) async -> PreflightFacts {
        guard let engine = EngineProcess(listeningAt: socketPath) else { return PreflightFacts() }
        var facts = dataRoot.flatMap { Self.space(at: engine.path(of: $0)) } ?? PreflightFacts()
        if engine.sharesOurNetwork { facts.firewallChains = await DockerChains.look() }
        return facts
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

/// The process behind the engine's socket, as the kernel tells whoever connects.
///
/// Where systemd made the socket, that is systemd: of the same machine, which is all that is asked here.
private struct EngineProcess {
    private let id: pid_t

    /// `struct ucred` of unix(7), which Glibc declares for programs in C alone.
    private struct Credentials {
        var pid: pid_t = 0
        var user: uid_t = 0
        var group: gid_t = 0
    }

    /// nil where nobody listens, and where the process is none of this machine as far as we can see.
    init?(listeningAt path: String) {
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard Self.connect(descriptor, path) else { return nil }
        var peer = Credentials()
        var size = socklen_t(MemoryLayout<Credentials>.size)
        // The number is 0 for a process of another pid namespace.
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0, peer.pid > 0 else { return nil }
        id = peer.pid
    }

    private static func connect(_ descriptor: Int32, _ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// A path as the process sees it, mount namespaces included.
    func path(of path: String) -> String { "/proc/\(id)/root\(path)" }

    var sharesOurNetwork: Bool {
        guard let ours = Self.link("/proc/self/ns/net") else { return false }
        return Self.link("/proc/\(id)/ns/net") == ours
    }

    private static func link(_ path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            let count = buffer.baseAddress.map { readlink(path, $0, buffer.count) } ?? 0
            guard count > 0 else { return nil }
            return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
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
                .name("iptables"), arguments: ["-w", "1", "-t", table, "-S", "DOCKER"],
                environment: .custom(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]),
                output: .discarded, error: .string(limit: 4096))
            return verdict(isSuccess: result.terminationStatus.isSuccess, error: result.standardError)
        } catch {
            // No such program, or no right to run it: then nothing is known.
            return .unknown
        }
    }

    /// What the program's answer says; a refusal for any other reason than a missing chain says nothing.
    static func verdict(isSuccess: Bool, error: String) -> PreflightFacts.Chains {
        if isSuccess { return .present }
        return error.contains("No chain/target/match by that name") ? .missing : .unknown
    }
}
