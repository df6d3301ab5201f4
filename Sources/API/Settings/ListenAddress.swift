import Glibc

/// An IP address and a port: `127.0.0.1:9480`, `[::1]:9480`, `0.0.0.0:9480`.
///
/// No host names but `localhost`: what a name means is for others to say, and whether others can reach it decides what
/// is demanded of them.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int
    package let isLoopback: Bool

    /// - Parameter text: port 0 asks the kernel for a free one, as tests do.
    package init(_ text: String) throws(APISettingsError) {
        let mistake = APISettingsError("'\(text)' must be IP:PORT, such as 127.0.0.1:9480 or [::1]:9480")
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw mistake
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if host == "localhost" {
            self.host = "127.0.0.1"
            isLoopback = true
        } else {
            guard let address = Self.loopback(host) else { throw mistake }
            self.host = host
            isLoopback = address
        }
        self.port = Int(port)
    }

    /// nil for what is no address.
    private static func loopback(_ text: String) -> Bool? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        return withUnsafeBytes(of: six) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether a `Host` header names this machine itself: another name for a loopback address is a page of somebody else
    /// that had its name point here.
    func isOwnName(_ header: String) -> Bool {
        var name = header.lowercased()
        if let end = name.lastIndex(of: "]") {
            name = String(name[...end])
        } else if let colon = name.lastIndex(of: ":") {
            name = String(name[..<colon])
        }
        return ["localhost", "127.0.0.1", "[::1]", host, "[\(host)]"].contains(name)
    }
}
