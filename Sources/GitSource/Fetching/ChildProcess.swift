import CGit2
import Glibc

/// A program run to its end or to its deadline, from the thread that called it.
///
/// The thread stays with the child on purpose: the kernel ends a child with the *thread* that started it
/// (`PR_SET_PDEATHSIG`), and whoever holds the mirror's lock must know that nobody else works in it any more.
struct ChildProcess {
    enum Ending {
        case exited(code: Int32, output: [UInt8], errorText: String)
        case signalled(Int32)
        case timedOut
        case cancelled
        case tooMuchOutput
        case notStarted(Int32)
    }

    private static let errorLimit = 64 << 10
    /// What a killed child may take to be gone.
    private static let longestEnd = Duration.seconds(5)
    /// How soon a cancelled task is noticed.
    private static let slice = Duration.milliseconds(50)

    var executable: String
    var arguments: [String]
    /// At most a few hundred KiB; given through memory, never through the disk.
    var input: [UInt8]
    /// Files in memory that it finds open, from `firstFile` on.
    var files: [[UInt8]] = []
    var outputLimit: Int

    /// The descriptor of the first of the files, in the child.
    static let firstFile: Int32 = 3
    /// Ours begin here, so that none is in the way of the child's.
    private static let firstOwnFile: Int32 = 64

    /// Starts the program with an empty environment in a process group of its own, and waits for it.
    ///
    /// Past the deadline, or when cancelled, the whole group is killed before this returns.
    func run(until deadline: ContinuousClock.Instant, isCancelled: () -> Bool) -> Ending {
        guard let standardInput = memoryFile(input) else { return .notStarted(errno) }
        defer { close(standardInput) }
        var opened: [Int32] = []
        defer { opened.forEach { close($0) } }
        for file in files {
            guard let descriptor = memoryFile(file) else { return .notStarted(errno) }
            opened.append(descriptor)
        }
        guard let output = Pipe() else { return .notStarted(errno) }
        defer { output.closeBoth() }
        guard let error = Pipe() else { return .notStarted(errno) }
        defer { error.closeBoth() }
        var process = pid_t()
        let failure = spawn(&process, standardInput, output.writing, error.writing, opened)
        guard failure == 0 else { return .notStarted(failure) }
        output.closeWriting()
        error.closeWriting()

        var reader = Reader(output: output.reading, error: error.reading, outputLimit: outputLimit)
        let interruption = reader.read(until: deadline, isCancelled: isCancelled)
        let status = interruption == nil ? waitForEnd(of: process, until: deadline, isCancelled: isCancelled) : nil
        guard let status else {
            // Not waited for yet, so the number still belongs to this child. One that became another user may be out of our
            // reach: it loses its pipes when we return, and whoever looks at the source does not wait for it for ever.
            kill(-process, SIGKILL)
            _ = waitForEnd(of: process, until: .now + Self.longestEnd, isCancelled: { false })
            return interruption ?? (isCancelled() ? .cancelled : .timedOut)
        }
        if status & 0x7f != 0 { return .signalled(status & 0x7f) }
        return .exited(
            code: (status >> 8) & 0xff, output: reader.outputBytes,
            errorText: String(decoding: reader.errorBytes, as: UTF8.self))
    }

    /// An anonymous file in memory: unlike a pipe it takes any size before there is a reader, and raises no SIGPIPE.
    private func memoryFile(_ content: [UInt8]) -> Int32? {
        let made = reconcile_memory_file()
        guard made >= 0 else { return nil }
        let descriptor = fcntl(made, F_DUPFD_CLOEXEC, Self.firstOwnFile)
        close(made)
        guard descriptor >= 0 else { return nil }
        // Sealed: what is in it may be a key that decides, and nobody else may change it on its way, whoever the reader runs as.
        guard Descriptor.writeAll(descriptor, content), lseek(descriptor, 0, SEEK_SET) == 0,
            reconcile_seal_memory_file(descriptor) == 0
        else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private func spawn(
        _ process: inout pid_t, _ input: Int32, _ output: Int32, _ error: Int32, _ files: [Int32]
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        for (number, file) in zip(Self.firstFile..., files) {
            posix_spawn_file_actions_adddup2(&actions, file, number)
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, Self.firstFile + Int32(files.count))

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        var allSignals = sigset_t()
        sigfillset(&allSignals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setsigdefault(&attributes, &allSignals)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var argumentPointers = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { argumentPointers.forEach { free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        return posix_spawn(&process, executable, &actions, &attributes, &argumentPointers, &environment)
    }

    /// The status of a child that has closed its output; nil when it is still there at the deadline.
    private func waitForEnd(
        of process: pid_t, until deadline: ContinuousClock.Instant, isCancelled: () -> Bool
    ) -> Int32? {
        while true {
            var status: Int32 = 0
            let result = waitpid(process, &status, WNOHANG)
            if result == process { return status }
            if result < 0 && errno != EINTR { return nil }
            if ContinuousClock.now >= deadline || isCancelled() { return nil }
            // Between the end of its output and its end there is next to nothing.
            usleep(2_000)
        }
    }

    /// Collects both outputs, whichever speaks.
    private struct Reader {
        let output: Int32
        let error: Int32
        let outputLimit: Int
        var outputBytes: [UInt8] = []
        var errorBytes: [UInt8] = []

        init(output: Int32, error: Int32, outputLimit: Int) {
            self.output = output
            self.error = error
            self.outputLimit = outputLimit
        }

        /// - Returns: why reading stopped early, or nil at the end of both.
        mutating func read(until deadline: ContinuousClock.Instant, isCancelled: () -> Bool) -> Ending? {
            var open = [output, error]
            while !open.isEmpty {
                if isCancelled() { return .cancelled }
                let left = ContinuousClock.now.duration(to: deadline)
                guard left > .zero else { return .timedOut }
                for descriptor in ready(open, within: min(left, ChildProcess.slice)) {
                    switch readSome(descriptor) {
                    case .more: continue
                    case .end, .failed: open.removeAll { $0 == descriptor }
                    case .tooMuch: return .tooMuchOutput
                    }
                }
            }
            return nil
        }

        private func ready(_ open: [Int32], within time: Duration) -> [Int32] {
            var list = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let milliseconds = Int32(time.components.attoseconds / 1_000_000_000_000_000) + 1
            guard poll(&list, nfds_t(list.count), milliseconds) > 0 else { return [] }
            return list.filter { $0.revents != 0 }.map(\.fd)
        }

        private mutating func readSome(_ descriptor: Int32) -> Descriptor.Progress {
            if descriptor == output { return Descriptor.readSome(output, into: &outputBytes, limit: outputLimit) }
            let progress = Descriptor.readSome(error, into: &errorBytes, limit: ChildProcess.errorLimit)
            // What is said beyond the limit is dropped, but must be read for the child to go on.
            return progress == .tooMuch ? .more : progress
        }
    }
}

/// Both ends of a pipe, each closed once.
private final class Pipe {
    let reading: Int32
    private(set) var writing: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
        reading = ends[0]
        writing = ends[1]
    }

    func closeWriting() {
        if writing >= 0 { close(writing) }
        writing = -1
    }

    func closeBoth() {
        close(reading)
        closeWriting()
    }
}
