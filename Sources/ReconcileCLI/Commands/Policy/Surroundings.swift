import Drivers
import Foundation
import Glibc
import Reconciler
import Specs
import Subprocess

/// What is around a container: which addresses are the host's, which are its neighbours', and its own namespace.
struct Surroundings {
    private var hostAddresses: Set<IPAddress> = []
    private var siblings: [CIDR] = []
    /// Subnets behind bridges of other objects of ours.
    private var others: [(subnet: CIDR, bridge: String)] = []
    /// The first process of the container that was named; nil where it cannot be found.
    private var process: Int?

    /// Asks the engine; without one every address is elsewhere.
    static func look(settings: EffectiveSettings, object: DesiredObject, container: String) async -> Surroundings {
        var result = Surroundings()
        result.hostAddresses = LocalAddresses.all()
        let transport = UnixSocketTransport(settings.engine)
        let client = DockerClient(ReadOnlyTransport(transport))
        // A prediction without the engine knows less, and is one still.
        let networks = (try? await client.networks()) ?? []
        for network in networks.map({ ObservedNetwork($0, owner: settings.host.owner) }) {
            // What the engine prints and we cannot read is of no kind that our rules speak of.
            let subnets = network.subnets.compactMap { try? CIDR.parse($0) }
            if network.name == object.container.network {
                result.siblings += subnets
            } else if let bridge = network.bridge, network.mark?.owner == settings.host.owner {
                result.others += subnets.map { ($0, bridge) }
            }
        }
        // A name that is an object's has no process, and neither has one that is not on this host.
        result.process = (try? await client.container(container))?.flatMap(\.state.pid).map { Int($0) }
        await transport.shutdown()
        return result
    }

    func target(_ flow: FlowAddress) -> FlowTarget {
        FlowTarget(flow.address, port: flow.port, flow.transport, place: place(of: flow.address))
    }

    private func place(of address: IPAddress) -> FlowTarget.Place {
        if hostAddresses.contains(address) { return .host }
        if siblings.contains(where: { $0.contains(address) }) { return .sibling }
        let other = others.first { $0.subnet.contains(address) }
        return other.map { .member(bridge: $0.bridge) } ?? .elsewhere
    }

    /// Connects from inside the container's network namespace.
    func probe(_ flow: FlowAddress) async throws -> FlowAnswer.Probe {
        guard let process, process > 0 else {
            throw PolicyProblem("--probe needs a running container: name one with --from")
        }
        let arguments = [
            "--target", "\(process)", "--net", "--", "/proc/self/exe", "policy", "connect", "\(flow.address)",
            "\(flow.port)",
        ]
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let result = try await Subprocess.run(
            .name("nsenter"), arguments: Arguments(arguments.map { $0 == "/proc/self/exe" ? program : $0 }),
            output: .string(limit: 1 << 12), error: .string(limit: 1 << 12))
        let word = result.standardOutput.split(separator: "\n").last.map(String.init) ?? ""
        guard let answer = FlowAnswer.Probe(rawValue: word) else {
            throw PolicyProblem("the container's network namespace cannot be entered: \(result.standardError)")
        }
        return answer
    }
}

/// The addresses of this machine.
enum LocalAddresses {
    static func all() -> Set<IPAddress> {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var addresses: Set<IPAddress> = []
        var next = first
        while let entry = next {
            if let address = entry.pointee.ifa_addr, let text = text(of: address),
                // What the C library prints can be parsed, but for a zone, which was cut off.
                let parsed = try? IPAddress.parse(text)
            {
                addresses.insert(parsed.unmapped)
            }
            next = entry.pointee.ifa_next
        }
        return addresses
    }

    /// Without a zone; nil for what is no address of the Internet Protocol.
    private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
        let family = Int32(address.pointee.sa_family)
        guard family == AF_INET || family == AF_INET6 else { return nil }
        let length = socklen_t(
            family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
        var buffer = [CChar](repeating: 0, count: 1_025)
        guard getnameinfo(address, length, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(text.prefix { $0 != "%" })
    }
}
