import Foundation
import Glibc

/// A program that has our terminal, standard input and output while it runs.
///
/// In our own process group: a program in another one would be stopped as soon as it reads from the terminal.
struct ForegroundCommand: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let process: pid_t

    /// - Parameters:
    ///   - words: the program, looked for in `PATH`, and its arguments.
    ///   - variables: of its environment, besides ours.
    init(_ words: [String], variables: [String: String]) throws(Failure) {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What we have trapped is ignored here, and a program would inherit that.
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        var process = pid_t()
        let program = words.first ?? ""
        let error = Self.withTexts(words) { words in
            Self.withTexts(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawnp(&process, program, nil, &attributes, words, environment)
            }
        }
        guard error == 0 else {
            throw Failure(description: "'\(program)' cannot be run: \(String(cString: strerror(error)).lowercased())")
        }
        self.process = process
    }

    private static func withTexts<Value>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        return body(pointers)
    }

    func send(_ signal: Int32) { kill(process, signal) }

    /// Waits for its end, on a thread of its own: the program's few others have the claim to renew.
    ///
    /// - Returns: its exit code; 128 and the number of the signal that ended it.
    func ending() async -> Int32 {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [process] in
                var status: Int32 = 0
                while waitpid(process, &status, 0) < 0 && errno == EINTR {}
                let signal = status & 0x7F
                continuation.resume(returning: signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
            }
        }
    }
}
