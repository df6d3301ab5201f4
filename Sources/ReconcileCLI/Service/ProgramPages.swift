import Foundation
import Glibc
import ServiceLifecycle

/// Gives back, now and then, the pages of the program's own file that a host at rest does not need.
///
/// Most of what a daemon holds in memory is code and tables that ran once: to start, to read specs, to converge. The
/// kernel has them in its page cache anyway, and brings back what is used at the next touch; only clean pages of the file
/// are given back, never what this process has written.
struct ProgramPages: Service {
    func run() async throws {
        await cancelWhenGracefulShutdown {
            // The first time is after the start and what it brings.
            var pause = Duration.seconds(60)
            while true {
                do { try await Task.sleep(for: pause) } catch { return }
                Self.giveBack()
                pause = .seconds(300)
            }
        }
    }

    /// - Returns: how many bytes of the address space were looked through; 0 where the kernel does not say what is there.
    @discardableResult
    static func giveBack() -> Int {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            let text = try? String(contentsOfFile: "/proc/self/smaps", encoding: .utf8)
        else { return 0 }
        var bytes = 0
        for mapping in Self.cleanMappings(of: program, in: text) {
            guard let start = UnsafeMutableRawPointer(bitPattern: mapping.lowerBound) else { continue }
            if madvise(start, mapping.count, MADV_DONTNEED) == 0 { bytes += mapping.count }
        }
        return bytes
    }

    /// Where the file is mapped and nothing of it was changed: not to be written, and without a page of our own.
    ///
    /// - Parameter text: as `/proc/PID/smaps` has it.
    static func cleanMappings(of file: String, in text: String) -> [Range<UInt>] {
        var found: [Range<UInt>] = []
        var candidate: Range<UInt>?
        var ownKilobytes = 0
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if let range = range(words.first) {
                // By bytes: Foundation searches texts in other ways, which take ten times as long.
                let isReadOnly =
                    words.count > 5 && !words[1].utf8.contains(UInt8(ascii: "w"))
                    && words[1].utf8.last == UInt8(ascii: "p")
                candidate = isReadOnly && words[5...].joined(separator: " ") == file ? range : nil
                ownKilobytes = 0
            } else if words.count > 1, words[0] == "Anonymous:" {
                ownKilobytes += Int(words[1]) ?? 1
            } else if words.count > 1, words[0] == "Swap:", let range = candidate {
                // What was swapped out is ours as well, and no longer counted as anonymous. This line comes later.
                ownKilobytes += Int(words[1]) ?? 1
                if ownKilobytes == 0 { found.append(range) }
            }
        }
        return found
    }

    /// `55d0-55e0`
    private static func range(_ word: Substring?) -> Range<UInt>? {
        guard let ends = word?.split(separator: "-"), ends.count == 2, let start = UInt(ends[0], radix: 16),
            let end = UInt(ends[1], radix: 16), start < end
        else { return nil }
        return start..<end
    }
}
