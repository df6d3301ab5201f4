import Glibc
import Synchronization

/// The host's time zone database (Debian's `tzdata`): a folder with one TZif file per zone.
///
/// Everything read is kept, so that a zone costs one file once; a new release of the database needs a new value.
package final class TimeZoneDatabase: Sendable {
    package static let systemDirectory = "/usr/share/zoneinfo"

    /// Where the files are.
    package let directory: String
    private let state = Mutex(State())

    private struct State {
        var zones: [String: TimeZoneRules] = [:]
        var names: [String]?
    }

    package init(directory: String = TimeZoneDatabase.systemDirectory) { self.directory = directory }

    /// The rules of the zone with this name. `UTC` is known without any file.
    ///
    /// Throws for a name that the database does not have, with the nearest one it has as a hint; names are taken as they
    /// are written, so `asia/tokyo` is none.
    package func zone(_ name: String) throws(InvalidText) -> TimeZoneRules {
        if let known = state.withLock({ $0.zones[name] }) { return known }
        try InvalidText.check(name, "the time zone", example: "Asia/Tokyo")
        let rules = name == TimeZoneRules.utc.name ? .utc : try load(name)
        state.withLock { $0.zones[name] = rules }
        return rules
    }

    /// The names of all zones and of the links to them, sorted; empty without a database.
    package func names() -> [String] {
        if let names = state.withLock({ $0.names }) { return names }
        let names = Self.index(File.read("\(directory)/tzdata.zi", atMost: 1 << 20) ?? [])
        state.withLock { $0.names = names }
        return names
    }

    private func load(_ name: String) throws(InvalidText) -> TimeZoneRules {
        guard Self.isName(name) else { throw unknown(name) }
        // Some folders hold files that are no zones of their own (`localtime`, `posix/`, `right/`); the index knows.
        let names = names()
        guard names.isEmpty || names.containsSorted(name), let bytes = read(name) else { throw unknown(name) }
        do throws(TZifReader.Damage) {
            return try TZifReader.read(bytes, name: name)
        } catch {
            throw InvalidText(
                "the file of the time zone \(Diagnostic.quote(name)) is damaged: \(error.reason)",
                hint: "install the package 'tzdata' again")
        }
    }

    private func read(_ name: String) -> [UInt8]? {
        File.read("\(directory)/\(name)", atMost: TZifReader.largestFile + 1)
    }

    private func unknown(_ name: String) -> InvalidText {
        let problem = "\(Diagnostic.quote(name)) is not a time zone"
        let names = names()
        if names.isEmpty, read("Etc/UTC") == nil {
            return InvalidText(
                "the time zone \(Diagnostic.quote(name)) cannot be looked up: \(directory) holds no time zones",
                hint: "install the package 'tzdata'")
        }
        if let near = TimeZoneNames.nearest(name, among: names) {
            return InvalidText(problem, hint: "did you mean '\(near)'?")
        }
        return InvalidText(problem, hint: TimeZoneNames.explanation(name))
    }

    /// Parts of letters, digits, `_`, `+` and `-` with single slashes between: nothing that leads out of the folder.
    static func isName(_ name: String) -> Bool {
        guard name.utf8.count <= 64 else { return false }
        return name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            part.first.map(Grammar.isAlphanumeric) == true
                && part.allSatisfy { Grammar.isAlphanumeric($0) || "_+-".utf8.contains($0) }
        }
    }

    /// The second word of zone lines (`Z NAME …`) and the third of links (`L TARGET NAME`).
    private static func index(_ bytes: [UInt8]) -> [String] {
        var names: Set<String> = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
            switch (line.first, words.count) {
            case (UInt8(ascii: "Z"), 2...): names.insert(String(decoding: words[1], as: UTF8.self))
            case (UInt8(ascii: "L"), 3...): names.insert(String(decoding: words[2], as: UTF8.self))
            default: break
            }
        }
        return names.sorted()
    }
}

extension [String] {
    /// For sorted arrays.
    fileprivate func containsSorted(_ name: String) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < name { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == name
    }
}

private enum File {
    /// The bytes of a regular file; nil if there is none, or if it has more bytes than `limit`.
    static func read(_ path: String, atMost limit: Int) -> [UInt8]? {
        // Opening a pipe that nobody writes to would otherwise wait.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
            return nil
        }
        let size = Int(status.st_size)
        var isComplete = true
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { break }
                count += got
            }
            isComplete = count == size
        }
        return isComplete ? bytes : nil
    }
}
