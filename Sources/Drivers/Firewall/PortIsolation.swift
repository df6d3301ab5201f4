import Reconciler

/// Keeps the ports of a bridge apart below the packet filter, which sees what passes between them only where the kernel
/// hands bridged packets to it (`br_netfilter`).
///
/// An isolated port reaches the bridge itself and nothing else, whatever is loaded.
struct PortIsolation: Sendable {
    private let command: FirewallCommand

    init(_ command: FirewallCommand) { self.command = command }

    /// Ports that reach their neighbours although nobody should, by bridge. Empty where nothing can be seen.
    func openPorts(of bridges: Set<String>) async -> [String: [String]] {
        if bridges.isEmpty { return [:] }
        do throws(DriverError) {
            let text = try await command.succeed(["bridge", "-d", "link", "show"])
            return Self.openPorts(in: text).filter { bridges.contains($0.key) }
        } catch {
            // Without iproute2 there is only the packet filter; the doctor says so.
            return [:]
        }
    }

    /// Reads `5: veth1@if4: <…> mtu 1500 master rc-0123456789 state …`, and below it `… isolated off …`.
    static func openPorts(in listing: String) -> [String: [String]] {
        var open: [String: [String]] = [:]
        var port: (name: String, bridge: String)?
        for line in listing.split(separator: "\n") {
            let words = line.split(separator: " ")
            if !line.hasPrefix(" "), let master = words.firstIndex(of: "master"), words.count > master + 1 {
                let name = words.count > 1 ? words[1].prefix { $0 != "@" && $0 != ":" } : ""
                port = (String(name), String(words[master + 1]))
            }
            guard let known = port, let isolated = words.firstIndex(of: "isolated"), words.count > isolated + 1 else {
                continue
            }
            if words[isolated + 1] == "off" { open[known.bridge, default: []].append(known.name) }
            port = nil
        }
        return open
    }

    /// Isolates every port that the bridges have now.
    func close(_ bridges: Set<String>) async throws(DriverError) {
        for (_, ports) in await openPorts(of: bridges).sorted(by: { $0.key < $1.key }) {
            for port in ports {
                let output = try await command.run(["bridge", "link", "set", "dev", port, "isolated", "on"])
                // A container that ended in the meantime took its port along.
                guard output.isSuccess || output.complaint.contains("Cannot find device") else {
                    throw DriverError(refusal: output.complaint, at: ["bridge", "link", "set"])
                }
            }
        }
    }

    /// Has the bridge hand what passes between its ports to the packet filter, whatever the host's sysctl says.
    func filterBridged(_ bridge: String) async {
        // Without the module there is nothing to hand it to; the ports are isolated in any case.
        _ = try? await command.run([
            "ip", "link", "set", "dev", bridge, "type", "bridge", "nf_call_iptables", "1", "nf_call_ip6tables", "1",
        ])
    }
}
