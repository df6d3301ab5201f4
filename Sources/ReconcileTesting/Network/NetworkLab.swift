package import Drivers
import Foundation
import Subprocess

/// A host with two bridges, three containers and an internet, made of network namespaces: no packet leaves the machine.
///
///     one (10.224.0.2) --+                        host: forwards,                     +-- 192.175.48.10, 443 others
///     two (10.224.0.3) --+-- rc-00000000aa --     172.31.0.1 is an    -- wan0 -- internet -- 169.254.169.254
///     other (10.224.4.2) --- rc-00000000bb --     address of its own                  +-- 10.9.9.9
///
/// The internet's addresses are of AS112 (RFC 7534, RFC 7535), which answer nobody in earnest. Needs root.
package struct NetworkLab: Sendable {
    package static let bridge = "rc-00000000aa"
    package static let otherBridge = "rc-00000000bb"
    package static let internet = "192.175.48.10"
    package static let internetV6 = "2620:4f:8000::10"

    /// Where a packet may come from.
    package enum Place: String, CaseIterable, Sendable { case host, internet, one, two, other }

    private let name: String

    package static let isPossible = getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/sbin/nft")

    private init(name: String) { self.name = name }

    /// Builds the lab, hands it over, and takes it down however that ends.
    package static func run<Result>(_ body: (NetworkLab) async throws -> Result) async throws -> Result {
        let lab = NetworkLab(name: "rclab\(UInt32.random(in: 0...(.max)))")
        do {
            for place in Place.allCases { try await sh("ip netns add \(lab.namespace(place))") }
            try await lab.build()
            let result = try await body(lab)
            await lab.tearDown()
            return result
        } catch {
            await lab.tearDown()
            throw error
        }
    }

    private func tearDown() async {
        // One that was never made, or that is gone, does no harm.
        for place in Place.allCases { _ = try? await Self.sh("ip netns del \(namespace(place))") }
    }

    private func namespace(_ place: Place) -> String { "\(name)-\(place.rawValue)" }

    private func build() async throws {
        var script = "set -e\nH=\(namespace(.host))\nN=\(namespace(.internet))\n"
        script += """
            for n in $H $N; do ip netns exec $n sysctl -qw net.ipv6.conf.default.dad_transmits=0; ip -n $n link set lo up; done
            ip link add wan0 netns $H type veth peer name eth0 netns $N
            ip -n $H addr add 192.175.48.1/24 dev wan0
            ip -n $H addr add 2620:4f:8000::1/64 dev wan0 nodad
            ip -n $H addr add 172.31.0.1/32 dev lo
            ip -n $H link set wan0 up
            for a in \(Self.internet)/24 169.254.169.254/32 10.9.9.9/32 192.175.48.11/24; do ip -n $N addr add $a dev eth0; done
            ip -n $N addr add \(Self.internetV6)/64 dev eth0 nodad
            ip -n $N link set eth0 up
            ip -n $N route add default via 192.175.48.1
            ip -n $N -6 route add default via 2620:4f:8000::1
            ip -n $H route add 169.254.169.254/32 dev wan0
            ip -n $H route add 10.9.9.9/32 dev wan0
            ip netns exec $H sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
            ip netns exec $N sysctl -qw net.ipv4.icmp_ratelimit=0

            """
        script += bridge(Self.bridge, 0, "aa", [.one, .two])
        script += bridge(Self.otherBridge, 4, "bb", [.other])
        try await Self.sh(script)
        // The kernel notices links with a delay, and forwards nothing over IPv6 before it has.
        let all = Place.allCases.map(namespace).joined(separator: " ")
        try await Self.sh(
            "for n in \(all); do timeout 5 bash -c \"while ip -n $n -6 addr show tentative | grep -q inet6; "
                + "do sleep 0.02; done\"; done")
    }

    private func bridge(_ bridge: String, _ subnet: Int, _ v6: String, _ members: [Place]) -> String {
        var script = """
            ip -n $H link add \(bridge) type bridge
            ip -n $H addr add 10.224.\(subnet).1/22 dev \(bridge)
            ip -n $H addr add fd00:\(v6)::1/64 dev \(bridge) nodad
            ip -n $H link set \(bridge) up

            """
        for (index, member) in members.enumerated() {
            let (space, number) = (namespace(member), index + 2)
            script += """
                ip -n \(space) link set lo up
                ip link add v-\(member.rawValue) netns $H type veth peer name eth0 netns \(space)
                ip -n $H link set v-\(member.rawValue) master \(bridge) up
                ip -n \(space) addr add 10.224.\(subnet).\(number)/22 dev eth0
                ip -n \(space) addr add fd00:\(v6)::\(number)/64 dev eth0 nodad
                ip -n \(space) link set eth0 up
                ip -n \(space) route add default via 10.224.\(subnet).1
                ip -n \(space) -6 route add default via fd00:\(v6)::1

                """
        }
        return script
    }

    // MARK: Acting in it

    /// Runs the programs of the packet filter on the host of the lab.
    package var firewall: FirewallCommand { FirewallCommand(prefix: enter(.host)) }

    /// A socket to the packet filter of the host of the lab.
    package func openNetlink() throws -> NetlinkSocket { try .inNamespace(namespace(.host)) }

    /// What stands in front of a command that runs at a place.
    package func enter(_ place: Place) -> [String] { ["nsenter", "--net=/run/netns/\(namespace(place))", "--"] }

    @discardableResult
    package func run(_ script: String, at place: Place = .host) async throws -> String {
        try await Self.sh(script, in: enter(place))
    }

    /// Whether a packet to an address gets an answer: nobody listens, and a refusal is an answer.
    package func reaches(_ address: String, _ port: Int, from place: Place = .one) async throws -> Bool {
        let script = "timeout 0.5 bash -c 'exec 3<>/dev/tcp/\(address)/\(port)' 2>&1 && echo open || true"
        let answer = try await run(script, at: place)
        return answer.contains("open") || answer.contains("refused")
    }

    package struct Failure: Error, CustomStringConvertible { package var description: String }

    @discardableResult
    private static func sh(_ script: String, in prefix: [String] = []) async throws -> String {
        let words = prefix + ["bash", "-c", script]
        let result = try await Subprocess.run(
            .name(words[0]), arguments: Arguments(Array(words.dropFirst())), input: .none,
            output: .string(limit: 16 << 20), error: .string(limit: 1 << 16))
        guard result.terminationStatus.isSuccess else {
            throw Failure(description: "'\(script.prefix(200))': \(result.standardError)")
        }
        return result.standardOutput
    }
}

extension NetworkLab {
    /// Sends datagrams of one byte from the first container to the internet, by one of its addresses.
    ///
    /// - Returns: how many arrived.
    package func flood(_ count: Int, perSecond rate: Int, port: Int, from source: String? = nil) async throws -> Int {
        let counter =
            "add table inet seen; add counter inet seen got; "
            + "add chain inet seen c { type filter hook prerouting priority 0; }; "
            + "add rule inet seen c udp dport \(port) counter name got drop"
        try await run("nft delete table inet seen 2>/dev/null; nft '\(counter)'", at: .internet)
        if let source { try await run("ip route replace \(Self.internet)/32 via 10.224.0.1 src \(source)", at: .one) }
        // In hundredths of a second, each waited for on a pipe that nobody writes to.
        let burst = max(1, rate / 100)
        let script = """
            exec 4<> <(:); exec 3>/dev/udp/\(Self.internet)/\(port)
            for ((i = 1; i <= \(count); i++)); do
                printf x >&3 2>/dev/null
                ((i % \(burst))) || read -r -t 0.0097 -u 4
            done; true
            """
        try await run(script, at: .one)
        if source != nil { try await run("ip route del \(Self.internet)/32", at: .one) }
        let text = try await run("nft list counter inet seen got", at: .internet)
        let words = text.split { $0 == " " || $0 == "\n" || $0 == "\t" }
        guard let packets = words.firstIndex(of: "packets"), let number = Int(words[packets + 1]) else {
            throw Failure(description: "no counter: \(text)")
        }
        return number
    }
}
