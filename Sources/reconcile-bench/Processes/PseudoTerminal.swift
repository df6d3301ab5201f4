import Foundation
import Glibc
import Synchronization

/// A terminal of 80 columns and 24 rows that nobody looks at: what is drawn on it is read and counted.
final class PseudoTerminal: Sendable {
    /// TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), which are no constants for this compiler.
    private static let (setLock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))

    /// What a program opens.
    let path: String
    private let master: CInt
    private let count = Mutex(0)

    init() throws(BenchError) {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (number, locked) = (CInt(), CInt())
        guard master >= 0, ioctl(master, Self.setLock, &locked) == 0, ioctl(master, Self.getNumber, &number) == 0
        else { throw BenchError("there is no pseudo-terminal (errno \(errno))") }
        path = "/dev/pts/\(number)"
        var size = winsize()
        (size.ws_row, size.ws_col) = (24, 80)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
        let reader = Thread { [self] in
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let read = read(master, &buffer, buffer.count)
                // Nobody has it open yet, or any more, or it was closed here.
                if read < 0, errno == EIO {
                    usleep(10_000)
                    continue
                }
                guard read > 0 else { return }
                count.withLock { $0 += read }
            }
        }
        reader.start()
    }

    /// How many bytes were drawn so far.
    var bytes: Int { count.withLock { $0 } }

    func close() { _ = Glibc.close(master) }
}
