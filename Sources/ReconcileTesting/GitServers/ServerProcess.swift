import Glibc
import Subprocess

/// A real server for one test: started, awaited, and ended with everything that it started.
enum ServerProcess {
    /// Runs the server while the body runs.
    ///
    /// - Parameters:
    ///   - port: where it is ready once a connection is accepted.
    static func with<Value: Sendable>(
        _ command: [String], port: UInt16, _ body: () async throws -> Value
    ) async throws -> Value {
        var options = PlatformOptions()
        options.processGroupID = 0
        let result = try await Subprocess.run(
            // By way of env, which finds names and passes on full paths; sshd insists on the latter.
            .name("env"), arguments: Arguments(command), environment: .custom(TestCommand.environment),
            platformOptions: options, input: .none, output: .discarded, error: .discarded
        ) { execution in
            let group = execution.processIdentifier.value
            // The group is ours alone, as its leader has not been waited for.
            defer { kill(-group, SIGKILL) }
            try await LoopbackPort.waitUntilReady(port)
            return try await body()
        }
        return result.closureResult
    }
}

/// TCP ports on 127.0.0.1.
package enum LoopbackPort {
    struct NotReady: Error {
        let port: UInt16
    }

    /// A port that was free a moment ago.
    package static func unused() throws -> UInt16 {
        let listener = try LoopbackListener()
        defer { listener.close() }
        return listener.port
    }

    /// Returns as soon as something accepts connections.
    ///
    /// - Throws: `NotReady` after ten seconds.
    static func waitUntilReady(_ port: UInt16) async throws {
        for _ in 0..<500 {
            if connects(port) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw NotReady(port: port)
    }

    private static func connects(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return withAddress(port) { connect(descriptor, $0, $1) } == 0
    }

    static func withAddress<Value>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
