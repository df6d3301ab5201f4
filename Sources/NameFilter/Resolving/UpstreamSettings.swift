package import Specs

/// Where names are really looked up.
package struct UpstreamSettings: Hashable, Sendable {
    package enum Servers: Hashable, Sendable {
        case fixed([ServerAddress])
        /// The servers of a file in the format of resolv.conf(5), read again when it may have changed.
        case resolvConf(path: String)
    }

    package var servers = Servers.resolvConf(path: "/etc/resolv.conf")
    /// For one answer of one server. Clients wait for five seconds before they ask again.
    package var timeout = Duration.milliseconds(1_500)
    /// For all servers together.
    package var totalTimeout = Duration.milliseconds(4_500)
    /// Sends names in a random mixture of cases and wants them back so (0x20); some servers do not do that.
    package var mixesCase = false

    package init() {}
}

/// An upstream resolver.
package struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    package var port: UInt16

    package init(_ address: IPAddress, port: UInt16 = 53) {
        self.address = address
        self.port = port
    }

    package var description: String { address.width == 32 ? "\(address):\(port)" : "[\(address)]:\(port)" }

    /// The name servers of a file in the format of resolv.conf(5), the first three as in libc; lines that cannot be read
    /// are skipped, and so are addresses with a zone.
    package static func parse(resolvConf text: String) -> [ServerAddress] {
        let servers = text.split(whereSeparator: \.isNewline).compactMap { line -> ServerAddress? in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, words[0] == "nameserver" else { return nil }
            // What is no address is no server either; others of the file may be.
            return (try? IPAddress.parse(String(words[1]))).map { ServerAddress($0) }
        }
        return Array(servers.prefix(3))
    }
}
