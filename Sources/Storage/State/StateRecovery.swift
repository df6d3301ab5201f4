package import Reconciler
package import Specs

#if canImport(Glibc)
    import Glibc
#endif

/// Opens the state of this host, and starts anew when its file is damaged.
///
/// What is lost with the file is history: desired comes from git again, incarnations from the labels of containers. A
/// file of a newer version or of another host is in order, and refused where it is.
package struct StateRecovery: Sendable {
    package var store: SQLiteStateStore
    /// The damaged file that was set aside; nil when all was well.
    package var setAside: SetAside?

    package struct SetAside: Hashable, Sendable {
        /// Where the damaged file is now, with its `-wal` and `-shm` beside it.
        package var path: String
        /// What was wrong with it.
        package var reason: String
    }

    /// - Parameters:
    ///   - path: the state file; only the holder of the lock of its directory may open it.
    ///   - host: the id of this host.
    ///   - now: becomes a part of the name of a damaged file.
    /// - Throws: `StateStoreError` with `newerFormat`, `foreignHost`, or `unavailable` when nothing can be read or
    ///   written there, a full disk included; nothing is set aside then.
    package static func open(
        _ path: String, host: String, now: Instant, bounds: JournalBounds = JournalBounds()
    ) throws(StateStoreError) -> StateRecovery {
        let damage: StateStoreError
        do throws(StateStoreError) {
            return StateRecovery(store: try SQLiteStateStore(path: path, host: host, bounds: bounds))
        } catch  where error.code == .corrupt {
            damage = error
        }
        let kept = try setAside(path, now: now)
        let store = try SQLiteStateStore(path: path, host: host, bounds: bounds)
        return StateRecovery(store: store, setAside: SetAside(path: kept, reason: damage.message))
    }

    /// Moves the file and its companions away, under a name that says when.
    private static func setAside(_ path: String, now: Instant) throws(StateStoreError) -> String {
        let stamp = now.description.filter { $0 != "-" && $0 != ":" }
        var target = "\(path).damaged-\(stamp)"
        var count = 1
        while access(target, F_OK) == 0 {
            count += 1
            target = "\(path).damaged-\(stamp)-\(count)"
        }
        // The file itself goes last: after a crash in between, what is left is still damaged and is set aside as well.
        for suffix in ["-shm", "-wal", ""] where access(path + suffix, F_OK) == 0 {
            guard rename(path + suffix, target + suffix) == 0 else {
                throw StateStoreError(
                    .unavailable,
                    "state file '\(path)' is damaged and cannot be moved to '\(target)': "
                        + String(cString: strerror(errno)))
            }
        }
        FolderSync.sync(folderOf: path)
        return target
    }
}
