/// Ports of one transport protocol: `443/tcp`, `9000-9010/tcp`, `53/udp`.
package struct PortRange: Hashable, Comparable, Sendable {
    package enum Transport: String, CaseIterable, Hashable, Sendable {
        case tcp, udp
    }

    package let ports: ClosedRange<UInt16>
    package let transport: Transport

    package init(_ ports: ClosedRange<UInt16>, _ transport: Transport) {
        self.ports = ports
        self.transport = transport
    }

    package func contains(_ port: UInt16, _ transport: Transport) -> Bool {
        self.transport == transport && ports.contains(port)
    }

    package func overlaps(_ other: PortRange) -> Bool {
        transport == other.transport && ports.overlaps(other.ports)
    }

    package static func < (a: PortRange, b: PortRange) -> Bool {
        (a.ports.lowerBound, a.ports.upperBound, a.transport.rawValue)
            < (b.ports.lowerBound, b.ports.upperBound, b.transport.rawValue)
    }
}

extension PortRange: CustomStringConvertible {
    /// Always with the protocol: `443/tcp`, `9000-9010/tcp`.
    package var description: String {
        let (low, high) = (ports.lowerBound, ports.upperBound)
        return (low == high ? "\(low)" : "\(low)-\(high)") + "/\(transport.rawValue)"
    }

    /// Reads a port or two with a hyphen between, and a protocol behind a slash; without one it is tcp, as in Kubernetes.
    package static func parse(_ text: String) throws(InvalidText) -> PortRange {
        try InvalidText.check(text, "the port", example: "443/tcp")
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw malformed(text) }
        let transport = try parts.count == 2 ? parseTransport(parts[1]) : .tcp
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2 else { throw malformed(text) }
        let low = try parsePort(ends[0], of: text)
        let high = try ends.count == 2 ? parsePort(ends[1], of: text) : low
        guard low <= high else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) ends before it begins", hint: "write \(high)-\(low)/\(transport.rawValue)")
        }
        return PortRange(low...high, transport)
    }

    private static func parseTransport(_ text: Substring) throws(InvalidText) -> Transport {
        if let transport = Transport(rawValue: String(text)) { return transport }
        let lowered = Transport(rawValue: text.lowercased())
        throw InvalidText(
            "\(Diagnostic.quote(text)) is not a protocol with ports",
            hint: lowered.map { "write \($0.rawValue)" } ?? "write tcp or udp")
    }

    private static func parsePort(_ text: Substring, of whole: String) throws(InvalidText) -> UInt16 {
        guard let number = text.plainNumber(digits: 1...9) else { throw malformed(whole) }
        guard text.utf8.count == 1 || text.first != "0" else {
            throw InvalidText("\(Diagnostic.quote(whole)) has a port with a leading zero", hint: "write \(number)")
        }
        guard let port = UInt16(exactly: number), port > 0 else {
            throw InvalidText("\(Diagnostic.quote(whole)) has the port \(number)", hint: "ports are 1-65535")
        }
        return port
    }

    private static func malformed(_ text: String) -> InvalidText {
        InvalidText("\(Diagnostic.quote(text)) is not a port", hint: "such as 443/tcp, 9000-9010/tcp or 53/udp")
    }
}
