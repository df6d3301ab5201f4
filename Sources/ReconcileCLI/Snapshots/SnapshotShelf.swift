import Foundation
import Reconciler
import Specs

/// The snapshots that a dry-run is made against.
struct SnapshotShelf {
    /// Whose word counts.
    enum Trust {
        case keys([SnapshotKey])
        /// Whatever a file says; every plan says so.
        case anybody
    }

    /// One that may be used.
    struct Item {
        let path: String
        let snapshot: PublishedSnapshot
        let isVerified: Bool
    }

    let items: [Item]

    /// A snapshot from the future is one of a clock that is wrong, by more than clocks usually are.
    private static let mostAhead: Int64 = 300

    /// - Parameters:
    ///   - paths: files, and folders whose files `*.json` are meant.
    ///   - maxAge: older ones are refused; nil takes any.
    /// - Throws: `SnapshotProblem` for the first that may not be used: a plan of some hosts looks like the plan of all.
    init(_ paths: [String], _ trust: Trust, maxAge: Duration?, at now: Instant) throws(SnapshotProblem) {
        var items: [Item] = []
        for path in try Self.files(paths) {
            let item: Item
            do throws(SnapshotProblem) {
                item = try Self.item(path, trust, maxAge, now)
            } catch {
                throw SnapshotProblem("'\(path)' \(error)")
            }
            if let other = items.first(where: { $0.snapshot.host.name == item.snapshot.host.name }) {
                throw SnapshotProblem("'\(other.path)' and '\(path)' are both of host '\(item.snapshot.host.name)'")
            }
            items.append(item)
        }
        self.items = items.sorted { $0.snapshot.host.name < $1.snapshot.host.name }
    }

    private static func item(
        _ path: String, _ trust: Trust, _ maxAge: Duration?, _ now: Instant
    ) throws(SnapshotProblem) -> Item {
        let sealed = try SealedSnapshot(try bytes(of: path))
        let (keys, isVerified): ([SnapshotKey]?, Bool) =
            switch trust {
            case .keys(let keys): (keys, true)
            case .anybody: (nil, false)
            }
        let snapshot = try sealed.snapshot(trusting: keys)
        let age = now.secondsSince1970 - snapshot.takenAt.secondsSince1970
        if age < -mostAhead {
            throw SnapshotProblem(
                "was made at \(snapshot.takenAt), which is yet to come: one of the two clocks is wrong")
        }
        if let maxAge, .seconds(age) > maxAge {
            throw SnapshotProblem(
                "is too old: it was made at \(snapshot.takenAt), \(SnapshotAge.words(age)) ago, and --max-age is "
                    + SnapshotAge.words(maxAge.components.seconds))
        }
        return Item(path: path, snapshot: snapshot, isVerified: isVerified)
    }

    private static func bytes(of path: String) throws(SnapshotProblem) -> Data {
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer {
                // It was only read.
                try? handle.close()
            }
            let bytes = try handle.read(upToCount: SealedSnapshot.mostBytes + 1) ?? Data()
            guard bytes.count <= SealedSnapshot.mostBytes else {
                throw SnapshotProblem("has more than \(SealedSnapshot.mostBytes >> 20) MiB")
            }
            return bytes
        } catch let problem as SnapshotProblem {
            throw problem
        } catch {
            throw SnapshotProblem("cannot be read: \(error.fileReason)")
        }
    }

    private static func files(_ paths: [String]) throws(SnapshotProblem) -> [String] {
        var files: [String] = []
        for path in paths {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
                files.append(path)
                continue
            }
            do {
                let names = try FileManager.default.contentsOfDirectory(atPath: path)
                    .filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted()
                if names.isEmpty { throw SnapshotProblem("the folder '\(path)' has no snapshot: no file '*.json'") }
                files += names.map { path + (path.hasSuffix("/") ? "" : "/") + $0 }
            } catch let problem as SnapshotProblem {
                throw problem
            } catch {
                throw SnapshotProblem("the folder '\(path)' cannot be read: \(error.fileReason)")
            }
        }
        return files
    }
}

/// How old something is, in words.
enum SnapshotAge {
    /// `40 s`, `12 min`, `3 h`, `9 days`.
    static func words(_ seconds: Int64) -> String {
        switch max(0, seconds) {
        case let seconds where seconds < 120: "\(seconds) s"
        case let seconds where seconds < 2 * 3_600: "\(seconds / 60) min"
        case let seconds where seconds < 48 * 3_600: "\(seconds / 3_600) h"
        case let seconds: "\(seconds / 86_400) days"
        }
    }
}
