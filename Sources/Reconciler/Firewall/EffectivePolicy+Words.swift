package import Specs

extension NetworkPolicy.Peer {
    /// `10.20.0.0/16 but 10.20.9.0/24 (private)`, `pypi.org, *.example.com`.
    package var words: String {
        if !dns.isEmpty { return dns.map(\.description).joined(separator: ", ") }
        guard let cidr else { return "members where \(selector?.words ?? "nothing")" }
        let holes = except.isEmpty ? "" : " but " + except.map(\.description).joined(separator: ", ")
        return "\(cidr)\(holes)\(allowPrivate ? " (private)" : "")"
    }
}

extension EffectivePolicy.Rule {
    /// `443/tcp, 53/udp`, `every port`.
    package var portWords: String { ports.isEmpty ? "every port" : ports.map(\.description).joined(separator: ", ") }

    /// `egress to pypi.org on 443/tcp`, `ingress from 10.0.0.0/8 on every port`.
    package var flowWords: String {
        "\(direction.rawValue) \(direction == .egress ? "to" : "from") \(peer.words) on \(portWords)"
    }
}

extension NetworkPolicy.RateLimit {
    package var words: [String] {
        [
            packetsPerSecond.map { "\($0) packets per second and member" },
            bytesPerSecond.map { "\($0.rounded) per second and member" },
            connectionsPerSecond.map { "\($0) new connections per second and member" },
        ].compactMap(\.self)
    }
}
