import Glibc

/// A small file of this host that decides whom we obey, or is a secret: it is read after looking at who else could have
/// written it, or put another one in its place.
///
/// Root and the user that we run as are trusted, and nobody else: with the file, and with every folder and every link that
/// leads to it.
package struct TrustedFile: Sendable {
    package enum Secrecy: Sendable {
        /// Others may read it.
        case open
        /// Nobody else may.
        case secret
    }

    /// Why it cannot be used, and what would be right; goes on after the name of the file.
    package struct Failure: Error, Hashable, Sendable {
        package var reason: String

        package init(reason: String) { self.reason = reason }
    }

    package let path: String
    private let secrecy: Secrecy
    private let largest: Int

    /// - Parameter largest: bytes that it may have.
    package init(_ path: String, _ secrecy: Secrecy, largest: Int) {
        self.path = path
        self.secrecy = secrecy
        self.largest = largest
    }

    /// Reads the file and looks at nothing else, for whoever only wants to know what stands in it.
    package func readUnchecked() throws(Failure) -> [UInt8] {
        let (descriptor, status) = try open()
        defer { close(descriptor) }
        return try bytes(of: descriptor, status)
    }

    /// - Returns: its bytes, and every folder that was passed on the way to it, links included.
    package func read() throws(Failure) -> (bytes: [UInt8], folders: [String]) {
        let (descriptor, status) = try open()
        defer { close(descriptor) }
        try checkOwner(status)
        var way = Way()
        try way.follow(path)
        // The folders were looked at after it was opened: it must be what they lead to.
        var found = stat()
        guard lstat(way.place, &found) == 0, found.st_ino == status.st_ino, found.st_dev == status.st_dev else {
            throw Failure(reason: "was replaced while it was read: it is read anew the next time")
        }
        return (try bytes(of: descriptor, status), way.folders)
    }

    private func open() throws(Failure) -> (Int32, stat) {
        // A pipe would let us wait for ever.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(reason: "cannot be opened: \(Way.errorText)") }
        // The descriptor is asked, not the path: what is checked is then what is read.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Failure(reason: "is not a regular file")
        }
        return (descriptor, status)
    }

    private func checkOwner(_ status: stat) throws(Failure) {
        guard Way.isTrusted(status.st_uid) else {
            throw Failure(
                reason:
                    "belongs to user \(status.st_uid): it must belong to root or to user \(geteuid()), that we run as")
        }
        let mode = "has mode 0\(String(status.st_mode & 0o7777, radix: 8)), so that others may"
        if secrecy == .secret && status.st_mode & 0o077 != 0 {
            throw Failure(reason: "\(mode) use it: chmod 600 '\(path)'")
        }
        if status.st_mode & 0o022 != 0 { throw Failure(reason: "\(mode) write it: chmod go-w '\(path)'") }
    }

    private func bytes(of descriptor: Int32, _ status: stat) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        // One byte more, to see whether it has more.
        while bytes.count <= largest {
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: min(64 << 10, largest + 1 - bytes.count)) {
                buffer, initialized in
                repeat {
                    count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                } while count < 0 && errno == EINTR
                initialized = max(count, 0)
            }
            guard count >= 0 else { throw Failure(reason: "cannot be read: \(Way.errorText)") }
            if count == 0 { return bytes }
            bytes += piece
        }
        throw Failure(reason: "has more than \(largest >> 10) KiB")
    }
}

/// The way to a file, folder by folder and link by link, as the kernel goes it.
private struct Way {
    /// As many as the kernel follows.
    private static let mostLinks = 40

    private(set) var folders: [String] = []
    /// What the way led to.
    private(set) var place = "/"
    private var links = 0

    static func isTrusted(_ user: uid_t) -> Bool { user == 0 || user == geteuid() }
    static var errorText: String { String(cString: strerror(errno)).lowercased() }

    mutating func follow(_ path: String) throws(TrustedFile.Failure) {
        var names: [Substring] = path.split(separator: "/").reversed()
        if !path.hasPrefix("/") {
            guard let current = getcwd(nil, 0) else { throw unreadable(".") }
            defer { free(current) }
            names += String(cString: current).split(separator: "/").reversed()
        }
        while let name = names.popLast() {
            if name == "." { continue }
            if name == ".." {
                place = place.lastIndex(of: "/").map { String(place[..<$0]) } ?? ""
                if place.isEmpty { place = "/" }
                continue
            }
            try check(place)
            let next = place == "/" ? "/\(name)" : "\(place)/\(name)"
            var status = stat()
            guard lstat(next, &status) == 0 else { throw unreadable(next) }
            guard status.st_mode & S_IFMT == S_IFLNK else {
                place = next
                continue
            }
            let target = try target(of: next, status)
            if target.hasPrefix("/") { place = "/" }
            names += target.split(separator: "/").reversed()
        }
    }

    /// Whoever may write a folder may put another file in its place; a sticky folder lets nobody touch what is root's.
    private mutating func check(_ folder: String) throws(TrustedFile.Failure) {
        if folders.contains(folder) { return }
        var status = stat()
        guard stat(folder, &status) == 0 else { throw unreadable(folder) }
        let isSafe = status.st_mode & 0o022 == 0 || status.st_mode & S_ISVTX != 0
        guard isSafe, Self.isTrusted(status.st_uid) else {
            throw TrustedFile.Failure(
                reason: "is below '\(folder)', where others may write: put it where only root may, as in /etc/reconcile"
            )
        }
        folders.append(folder)
    }

    private mutating func target(of link: String, _ status: stat) throws(TrustedFile.Failure) -> String {
        // In a sticky folder, a link may be anybody's.
        guard Self.isTrusted(status.st_uid) else {
            throw TrustedFile.Failure(
                reason: "is reached by '\(link)', a link of user \(status.st_uid): name the file itself")
        }
        links += 1
        guard links <= Self.mostLinks else { throw TrustedFile.Failure(reason: "is behind too many links") }
        let target = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer -> String? in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink(link, start, buffer.count)
            return count < 0 ? nil : String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        guard let target else { throw unreadable(link) }
        return target
    }

    private func unreadable(_ place: String) -> TrustedFile.Failure {
        TrustedFile.Failure(reason: "cannot be looked at by way of '\(place)': \(Self.errorText)")
    }
}
