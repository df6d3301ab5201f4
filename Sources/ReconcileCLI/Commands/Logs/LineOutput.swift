import ArgumentParser
import Drivers
import Foundation
import Glibc
import Synchronization

/// Writes lines of members where their containers wrote them: standard output and standard error. With JSON, all of them go
/// to standard output.
final class LineOutput: Sendable {
    private let renderer: Mutex<MemberLineRenderer>
    private let isJSON: Bool

    init(_ renderer: MemberLineRenderer) {
        isJSON = renderer.isJSON
        self.renderer = Mutex(renderer)
    }

    func expect(_ members: [LoggedMember]) { renderer.withLock { $0.expect(members) } }

    /// From several threads, one line at a time.
    func write(_ member: LoggedMember, _ line: OutputLine) {
        renderer.withLock { renderer in
            let bytes = renderer.bytes(member, line)
            Self.write(bytes, to: line.stream == .output || isJSON ? STDOUT_FILENO : STDERR_FILENO)
        }
    }

    /// Ends the program where nobody reads any more, as `| head` does when it has enough, and where nothing can be written.
    static func write(_ bytes: Data, to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                if errno == EPIPE { exit(EXIT_SUCCESS) }
                Terminal.complain("error: the output cannot be written: \(String(cString: strerror(errno)))")
                exit(ExitStatus.error.rawValue)
            }
            rest = rest.dropFirst(count)
        }
    }
}
