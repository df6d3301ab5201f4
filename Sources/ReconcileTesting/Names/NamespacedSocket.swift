package import Drivers
import Foundation
import Synchronization

extension NetlinkSocket {
    /// One in the namespace of this name under /run/netns; needs root.
    ///
    /// A socket belongs to the namespace that its thread is in when it is made, so a thread of its own goes there.
    package static func inNamespace(_ name: String) throws(Refusal) -> NetlinkSocket {
        let end = DispatchSemaphore(value: 0)
        let outcome = MadeSocket()
        let thread = Thread {
            let descriptor = open("/run/netns/\(name)", O_RDONLY | O_CLOEXEC)
            if descriptor >= 0, enter(descriptor) { outcome.make() }
            close(descriptor)
            end.signal()
        }
        thread.start()
        end.wait()
        return try outcome.result.get()
    }
}

/// What a thread made for another.
private final class MadeSocket: Sendable {
    private let made = Mutex<Result<NetlinkSocket, NetlinkSocket.Refusal>>(.failure(.init(number: ENOENT)))

    var result: Result<NetlinkSocket, NetlinkSocket.Refusal> { made.withLock { $0 } }

    func make() {
        made.withLock { made in
            do throws(NetlinkSocket.Refusal) { made = .success(try NetlinkSocket()) } catch { made = .failure(error) }
        }
    }
}

/// Moves the calling thread into a namespace. The C library's module does not have `setns`, since it is for Linux alone.
private func enter(_ namespace: Int32) -> Bool {
    typealias Function = @convention(c) (Int32, Int32) -> Int32
    guard let symbol = dlsym(nil, "setns") else { return false }
    return unsafeBitCast(symbol, to: Function.self)(namespace, 0) == 0
}
