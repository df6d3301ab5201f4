import FoundationEssentials
import Glibc
import Reconciler

/// Reads a file that says whom to trust, after looking at who could have changed it.
struct TrustFile {
    /// The setting that names it, such as `source.verify.keyringFile`.
    let setting: String
    let path: String
    private static let maximumBytes = 8 << 20

    /// - Throws: `SourceError` with `invalidConfiguration`, naming the setting, the file and what would be right.
    func read(protecting repository: ProtectedRepository) throws(SourceError) -> [UInt8] {
        guard path.hasPrefix("/") else { throw wrong("must be named by its full path, beginning with '/'") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw wrong("cannot be opened: \(SystemError.text(errno))") }
        defer { close(descriptor) }
        // The descriptor is asked, not the path: what is checked is then what is read.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw wrong("is not a regular file")
        }
        try checkOwner(status)
        guard let place = realpath(path, nil) else { throw wrong("cannot be found: \(SystemError.text(errno))") }
        defer { free(place) }
        try checkFolders(above: String(cString: place), repository)
        guard status.st_size <= Self.maximumBytes,
            let bytes = Descriptor.readAll(descriptor, size: Int(status.st_size), limit: Self.maximumBytes)
        else { throw wrong("cannot be read, or has more than 8 MiB") }
        return bytes
    }

    func wrong(_ reason: String) -> SourceError {
        SourceError(.invalidConfiguration, "\(setting): the file '\(path)' \(reason)")
    }

    private func checkOwner(_ status: stat) throws(SourceError) {
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw wrong(
                "belongs to user \(status.st_uid): it must belong to root or to user \(geteuid()), that we run as")
        }
        guard status.st_mode & 0o022 == 0 else {
            let mode = String(status.st_mode & 0o7777, radix: 8)
            throw wrong("has mode 0\(mode), so that others may write it: chmod go-w '\(path)'")
        }
    }

    /// Whoever may write a folder may put another file in its place; a sticky folder lets nobody touch what is root's.
    private func checkFolders(above file: String, _ repository: ProtectedRepository) throws(SourceError) {
        var folder = file
        while let slash = folder.lastIndex(of: "/"), folder != "/" {
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
            var status = stat()
            guard stat(folder, &status) == 0 else {
                throw wrong("is in a folder that cannot be looked at: '\(folder)'")
            }
            let isSafe = status.st_mode & 0o022 == 0 || status.st_mode & S_ISVTX != 0
            guard isSafe, status.st_uid == 0 || status.st_uid == geteuid() else {
                throw wrong(
                    "is below '\(folder)', where others may write: put it where only root may, as in /etc/reconcile")
            }
            if repository.isWorkingCopy(folder) {
                throw wrong(
                    "is in '\(folder)', a copy of the repository that it is to protect: whoever may commit there could "
                        + "let themselves in. Keep it outside, as in /etc/reconcile")
            }
        }
    }
}

/// The repository that the keys protect, to find out whether they lie in a copy of it.
struct ProtectedRepository {
    private let url: String
    private let identity: String

    init(url: String) {
        self.url = url
        identity = Self.identity(of: url)
    }

    /// Whether the folder is the repository itself, or a clone of it, bare or with its files.
    func isWorkingCopy(_ folder: String) -> Bool {
        if identity == Self.identity(of: folder) || identity == Self.identity(of: folder + "/.git") { return true }
        return [folder + "/.git/config", folder + "/config"].contains { file in
            // No such file is no clone; one that root may not read is none that we could do anything about.
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return false }
            return text.split(separator: "\n").contains { line in
                let pair = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
                return pair.count == 2 && pair[0].lowercased() == "url"
                    && Self.identity(of: String(pair[1])) == identity
            }
        }
    }

    /// Host and path, whichever way they are reached: `git@host:a/b.git` is `https://host/a/b`.
    private static func identity(of url: String) -> String {
        var text = url
        var isNetwork = false
        if let scheme = text.firstRange(of: "://") {
            isNetwork = text[..<scheme.lowerBound] != "file"
            text = String(text[scheme.upperBound...])
        } else if !text.hasPrefix("/"), let colon = text.firstIndex(of: ":") {
            isNetwork = true
            text.replaceSubrange(colon...colon, with: "/")
        }
        if isNetwork {
            var parts = text.split(separator: "/").map(String.init)
            guard !parts.isEmpty else { return text }
            let host = parts.removeFirst().split(separator: "@").last.map(String.init) ?? ""
            // The port belongs to the way, not to the place.
            let name = host.split(separator: ":").first.map(String.init) ?? host
            text = ([name.lowercased()] + parts).joined(separator: "/")
        }
        while text.hasSuffix("/") && text.count > 1 { text.removeLast() }
        if text.hasSuffix("/.git") { text.removeLast(5) } else if text.hasSuffix(".git") { text.removeLast(4) }
        return text
    }
}
