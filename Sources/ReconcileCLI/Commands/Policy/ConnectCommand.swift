import ArgumentParser
import Glibc
import Specs

/// The child process that connects from inside a container's network namespace.
struct ConnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect", abstract: "Try one connection as a child process; not for people.",
        shouldDisplay: false)

    @Argument var address: String
    @Argument var port: UInt16

    func run() throws { Terminal.print(try outcome(IPAddress.parse(address)).rawValue) }

    /// A refusal is an answer as well: packets pass.
    private func outcome(_ address: IPAddress) throws -> FlowAnswer.Probe {
        let family = if case .v4 = address { AF_INET } else { AF_INET6 }
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return .failed }
        defer { close(descriptor) }
        if start(descriptor, address) == 0 { return .open }
        guard errno == EINPROGRESS else { return Self.outcome(of: errno) }
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard Glibc.poll(&poll, 1, 2_000) == 1 else { return .silent }
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
        return error == 0 ? .open : Self.outcome(of: error)
    }

    private static func outcome(of error: Int32) -> FlowAnswer.Probe {
        switch error {
        case ECONNREFUSED: .refused
        case ENETUNREACH, EHOSTUNREACH: .unreachable
        default: .failed
        }
    }

    private func start(_ descriptor: Int32, _ address: IPAddress) -> Int32 {
        switch address {
        case .v4(let bits):
            var target = sockaddr_in()
            target.sin_family = sa_family_t(AF_INET)
            target.sin_port = port.bigEndian
            target.sin_addr.s_addr = bits.bigEndian
            return connect(descriptor, to: &target, MemoryLayout<sockaddr_in>.size)
        case .v6(let bits):
            var target = sockaddr_in6()
            target.sin6_family = sa_family_t(AF_INET6)
            target.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &target.sin6_addr) { bytes in
                withUnsafeBytes(of: bits.bigEndian) { bytes.copyMemory(from: $0) }
            }
            return connect(descriptor, to: &target, MemoryLayout<sockaddr_in6>.size)
        }
    }

    private func connect<Address>(_ descriptor: Int32, to target: inout Address, _ size: Int) -> Int32 {
        withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(size))
            }
        }
    }
}
