import Glibc
import Logging
import Synchronization

/// What files of the host say, which may change while the daemon runs: they are read anew when they were written.
///
/// Files that have become wrong are not used: what they said before holds, and the log says what is wrong with them.
final class WatchedFile<Value: Sendable>: Sendable {
    private struct Contents {
        var value: Value
        /// The files that it was read from; empty where they are gone.
        var versions: [FileVersion?]
        /// The files that were found wrong, so that their fault is told once.
        var refused: [FileVersion?]?
        var looked: ContinuousClock.Instant
    }

    /// How long a change may take to be seen.
    private static var pause: Duration { .seconds(1) }

    private let paths: [String]
    private let event: String
    private let whenGone: Value?
    private let logger: Logger
    private let read: @Sendable () throws(APISettingsError) -> Value
    private let contents: Mutex<Contents>

    /// - Parameters:
    ///   - paths: of files that belong together.
    ///   - event: the first part of the events in the log, such as `api.tokens`.
    ///   - whenGone: what holds where a file is gone; nil goes on with what it said.
    ///   - read: makes the value of the files.
    /// - Throws: `APISettingsError` when they cannot be read or say what cannot be.
    init(
        _ paths: [String], event: String, whenGone: Value?, logger: Logger,
        read: @escaping @Sendable () throws(APISettingsError) -> Value
    ) throws(APISettingsError) {
        self.paths = paths
        self.event = event
        self.whenGone = whenGone
        self.logger = logger
        self.read = read
        // Before they are read: what is written meanwhile is then seen at the next look.
        let versions = paths.map { FileVersion($0) }
        contents = Mutex(Contents(value: try read(), versions: versions, looked: .now))
    }

    /// What holds now.
    var value: Value {
        contents.withLock { contents in
            guard contents.looked.duration(to: .now) >= Self.pause else { return contents.value }
            contents.looked = .now
            let versions = paths.map { FileVersion($0) }
            if versions == contents.versions { return contents.value }
            if let whenGone, versions.contains(nil) {
                log("gone", "'\(paths.joined(separator: "', '"))' is gone")
                (contents.value, contents.versions, contents.refused) = (whenGone, versions, nil)
                return whenGone
            }
            do throws(APISettingsError) {
                contents.value = try read()
                (contents.versions, contents.refused) = (versions, nil)
                logger.notice("read anew", metadata: ["event": "\(event)-changed"])
            } catch {
                // It is tried again at every look: what was in the way may pass without a change of the file.
                if contents.refused != versions { log("invalid", "\(error)") }
                contents.refused = versions
            }
            return contents.value
        }
    }

    private func log(_ what: String, _ message: String) {
        logger.error("file of the API", metadata: ["event": "\(event)-\(what)", "message": "\(message)"])
    }
}

/// What tells one state of a file from another, whatever links lead to it.
private struct FileVersion: Equatable {
    var (device, inode, size): (UInt64, UInt64, Int64)
    var (written, changed): (Duration, Duration)

    /// nil where there is no file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        (device, inode, size) = (UInt64(status.st_dev), UInt64(status.st_ino), Int64(status.st_size))
        written = .seconds(status.st_mtim.tv_sec) + .nanoseconds(status.st_mtim.tv_nsec)
        changed = .seconds(status.st_ctim.tv_sec) + .nanoseconds(status.st_ctim.tv_nsec)
    }
}
