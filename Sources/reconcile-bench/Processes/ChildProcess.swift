import Foundation
import Glibc

/// How a process that has ended went.
struct Run: Sendable {
    /// From before the spawn to after the exit.
    var wall: Duration
    /// User and system time, of the process and of the children that it waited for.
    var cpu: Duration
    /// The largest resident set, bytes.
    var peakMemory: Int
}

/// A process that was started and not yet waited for.
struct ChildProcess {
    let id: pid_t
    private let begun: ContinuousClock.Instant
    private let command: String
    private let errorFile: String

    /// Starts an executable by its full path; its output is dropped, its errors are kept in a file until the end.
    ///
    /// - Parameter terminal: the path of one that it reads from and writes to; nil reads nothing.
    init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], terminal: String? = nil,
        errorFile: String
    ) throws(BenchError) {
        command = ([executable] + arguments).joined(separator: " ")
        self.errorFile = errorFile
        let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, terminal ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, terminal ?? "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, errorFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var words = ([executable] + arguments).map { strdup($0) } + [nil]
        var settings = merged.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + settings { free(text) } }
        var id = pid_t()
        begun = ContinuousClock.now
        let result = posix_spawn(&id, executable, &actions, nil, &words, &settings)
        guard result == 0 else { throw BenchError("'\(executable)' cannot be started (errno \(result))") }
        self.id = id
    }

    /// Waits for the end.
    ///
    /// - Throws: with what the process complained about unless it exits with 0.
    func wait() throws(BenchError) -> Run {
        var status = CInt()
        var usage = rusage()
        while wait4(id, &status, 0, &usage) < 0 {
            guard errno == EINTR else { throw BenchError("'\(command)' cannot be waited for (errno \(errno))") }
        }
        let wall = ContinuousClock.now - begun
        guard status == 0 else {
            let complaint = FileManager.default.contents(atPath: errorFile).map { String(decoding: $0, as: UTF8.self) }
            throw BenchError("'\(command)' ended with wait status \(status): \(complaint?.suffix(2000) ?? "")")
        }
        return Run(
            wall: wall, cpu: usage.ru_utime.duration + usage.ru_stime.duration, peakMemory: usage.ru_maxrss << 10)
    }

    /// Asks it to end and waits for that.
    func stop() throws(BenchError) -> Run {
        kill(id, SIGTERM)
        return try wait()
    }
}

extension timeval {
    fileprivate var duration: Duration { .seconds(tv_sec) + .microseconds(tv_usec) }
}
