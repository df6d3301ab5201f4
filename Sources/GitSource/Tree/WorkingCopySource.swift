import Glibc
package import Reconciler
import Specs

/// Specs from a plain folder, for `--specs DIR`: no history, no network, the same rules as for a commit.
package struct WorkingCopySource: Source {
    private let directory: String
    private let limits: GitLimits

    package init(directory: String, limits: GitLimits = GitLimits()) {
        self.directory = directory
        self.limits = limits
    }

    package func fetch(accepted: String?) async throws(SourceError) -> SourceSnapshot {
        let files = try await DedicatedThread.run { () throws(SourceError) in
            try FolderReader.read(directory, limits: limits)
        }
        guard !files.isEmpty else {
            throw SourceError(.emptyTree, "there is no *.yaml or *.yml file under '\(directory)'")
        }
        return SourceSnapshot(
            revision: Revision(id: Revision.workingCopyID, reference: directory), files: files,
            ancestry: accepted == Revision.workingCopyID ? .same : .none)
    }
}

/// Walks a folder on disk without following links.
private struct FolderReader {
    private let root: String
    private let limits: GitLimits
    private var rules: SpecTreeRules
    private var files: [SpecFile] = []

    static func read(_ root: String, limits: GitLimits) throws(SourceError) -> [SpecFile] {
        var reader = FolderReader(root: root, limits: limits, rules: SpecTreeRules(limits: limits))
        // The folder itself may be a link: the person who names it means where it leads.
        var status = stat()
        guard stat(root, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw SourceError(.pathMissing, "there is no folder '\(root)'")
        }
        try reader.walk([])
        return reader.files.sorted { $0.path < $1.path }
    }

    private mutating func walk(_ folder: [String]) throws(SourceError) {
        let names = try list(folder).filter { !SpecNames.isHidden($0) }.sorted()
        try SpecTreeRules.checkCollisions(names, in: folder)
        for name in names {
            let path = folder + [name]
            var status = stat()
            // What vanished since it was listed is not there.
            guard lstat(location(path), &status) == 0 else { continue }
            let mode = String(status.st_mode, radix: 8)
            switch try rules.decide(name, kind: Self.kind(status), mode: mode, in: folder) {
            case .skip: continue
            case .descend: try walk(path)
            case .read: files.append(try read(path))
            }
        }
    }

    private func list(_ folder: [String]) throws(SourceError) -> [String] {
        guard let stream = opendir(location(folder)) else {
            throw SourceError(.pathMissing, "cannot list '\(location(folder))': \(SystemError.text(errno))")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            guard let name else {
                throw SourceError(.hostileTree, "a name in '\(location(folder))' is not UTF-8")
            }
            names.append(name)
            guard names.count <= limits.entries else {
                throw SourceError(.limitExceeded, "the specs folder holds more than \(limits.entries) names")
            }
        }
        return names
    }

    private mutating func read(_ path: [String]) throws(SourceError) -> SpecFile {
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
        try rules.admit(name, size: Int(status.st_size))
        guard let bytes = Descriptor.readAll(descriptor, limit: limits.fileBytes) else {
            throw SourceError(.limitExceeded, "'\(name)' cannot be read, or grew beyond \(limits.fileBytes) bytes")
        }
        return SpecFile(path: name, bytes: bytes)
    }

    private func location(_ path: [String]) -> String {
        ([root] + path).joined(separator: "/")
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
