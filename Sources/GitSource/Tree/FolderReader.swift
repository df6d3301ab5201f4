import Glibc
import Reconciler
import Specs

/// Walks a folder on disk without following links, by the rules of a commit: first all names, then what is in the files.
struct FolderReader {
    private struct Entry {
        var name: String
        /// As the list of the folder says it; nil where the file system does not.
        var kind: SpecTreeRules.Kind?
    }

    private let root: String
    private let limits: GitLimits
    private var rules: SpecTreeRules
    /// Of the files to read, each the names from the specs folder on.
    private var paths: [[String]] = []

    /// All spec files below the folder, by their paths within it.
    static func read(_ root: String, limits: GitLimits) throws(SourceError) -> [SpecFile] {
        var reader = FolderReader(root: root, limits: limits, rules: SpecTreeRules(limits: limits))
        // The folder itself may be a link: the person who names it means where it leads.
        var status = stat()
        guard stat(root, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw SourceError(.pathMissing, "there is no folder '\(root)'")
        }
        try reader.walk([])
        return try reader.readAll().sorted { $0.path < $1.path }
    }

    /// So many files are read side by side; more would be in memory before they are counted.
    private static let batch = 64

    private mutating func readAll() throws(SourceError) -> [SpecFile] {
        var files: [SpecFile] = []
        for start in stride(from: 0, to: paths.count, by: Self.batch) {
            let (reader, part) = (self, Array(paths[start..<min(start + Self.batch, paths.count)]))
            let results = part.concurrentMap { path in
                Result { () throws(SourceError) in try reader.read(path) }
            }
            for result in results {
                let (file, size) = try result.get()
                try rules.admit(file.path, size: size)
                files.append(file)
            }
        }
        return files
    }

    private mutating func walk(_ folder: [String]) throws(SourceError) {
        let entries = try list(folder).sorted { $0.name < $1.name }
        try SpecTreeRules.checkCollisions(entries.map(\.name), in: folder)
        for entry in entries {
            let path = folder + [entry.name]
            // The list is believed where it is harmless: a file is looked at again when it is open.
            let isPlain = entry.kind == .file || entry.kind == .folder
            guard let (kind, mode) = isPlain ? entry.kind.map({ ($0, "") }) : look(at: path) else { continue }
            switch try rules.decide(entry.name, kind: kind, mode: mode, in: folder) {
            case .skip: continue
            case .descend: try walk(path)
            case .read: paths.append(path)
            }
        }
    }

    /// What the name is, and its mode; nil when it vanished since it was listed.
    private func look(at path: [String]) -> (SpecTreeRules.Kind, mode: String)? {
        var status = stat()
        guard lstat(location(path), &status) == 0 else { return nil }
        return (Self.kind(status), String(status.st_mode, radix: 8))
    }

    /// The names that are not hidden.
    private mutating func list(_ folder: [String]) throws(SourceError) -> [Entry] {
        guard let stream = opendir(location(folder)) else {
            throw SourceError(.pathMissing, "cannot list '\(location(folder))': \(SystemError.text(errno))")
        }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while let found = readdir(stream) {
            let name = withUnsafePointer(to: &found.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            guard let name else {
                throw SourceError(.hostileTree, "a name in '\(location(folder))' is not UTF-8")
            }
            if SpecNames.isHidden(name) { continue }
            let entry = Entry(name: name, kind: Self.kind(of: found.pointee.d_type))
            try rules.list(name, isFolder: entry.kind == .folder)
            entries.append(entry)
            guard entries.count <= limits.entries else {
                throw SourceError(.limitExceeded, "the specs folder holds more than \(limits.entries) names")
            }
        }
        return entries
    }

    /// The file and its size; one that is too large has no bytes.
    private func read(_ path: [String]) throws(SourceError) -> (SpecFile, size: Int) {
        let name = path.joined(separator: "/")
        // The name may have become a link since it was looked at.
        let descriptor = open(location(path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw SourceError(.pathMissing, "cannot open '\(name)': \(SystemError.text(errno))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Self.kind(status) == .file else {
            throw SourceError(.hostileTree, "'\(name)' is not a regular file")
        }
        let size = Int(status.st_size)
        guard size <= limits.fileBytes else { return (SpecFile(path: name, bytes: []), size) }
        guard let bytes = Descriptor.readAll(descriptor, size: size, limit: limits.fileBytes) else {
            throw SourceError(.limitExceeded, "'\(name)' cannot be read, or grew beyond \(limits.fileBytes) bytes")
        }
        return (SpecFile(path: name, bytes: bytes), size)
    }

    private func location(_ path: [String]) -> String {
        ([root] + path).joined(separator: "/")
    }

    private static func kind(of type: UInt8) -> SpecTreeRules.Kind? {
        switch Int(type) {
        case Int(DT_REG): .file
        case Int(DT_DIR): .folder
        case Int(DT_UNKNOWN): nil
        default: .other
        }
    }

    private static func kind(_ status: stat) -> SpecTreeRules.Kind {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFLNK: .symlink
        default: .other
        }
    }
}
