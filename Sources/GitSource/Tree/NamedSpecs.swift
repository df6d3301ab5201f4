import Glibc
import Reconciler
package import Specs

/// Spec files and folders that a person names, all of them together one revision.
///
/// Folders are read by the rules of a commit. A file that is named itself is read whatever its name is, through links
/// and from pipes, because somebody means just that one; each file is read once, however often it is named.
package struct NamedSpecs: Sendable {
    /// In the order of the arguments; paths begin as they were given.
    package private(set) var files: [SpecFile] = []
    /// What could not be read; the files then are not all there is.
    package private(set) var problems: [Diagnostic] = []
    private var seen: Set<String> = []

    /// What `-` is called in findings.
    package static let standardInput = "<stdin>"

    /// Reads the bytes and nothing else; no child process, no network.
    ///
    /// - Parameter paths: files and folders; `-` is standard input.
    package static func read(_ paths: [String], limits: GitLimits = GitLimits()) -> NamedSpecs {
        var specs = NamedSpecs()
        for path in paths {
            do throws(SourceError) {
                try specs.add(path, limits)
            } catch {
                let code: Diagnostic.Code = error.code == .limitExceeded ? .limitExceeded : .unreadable
                let shown = path == "-" ? standardInput : SpecTreeRules.shown(path)
                let place = SourcePosition(file: shown, line: 1, column: 1)
                specs.problems.append(Diagnostic(code, at: place, error.message))
            }
        }
        return specs
    }

    private mutating func add(_ path: String, _ limits: GitLimits) throws(SourceError) {
        if path == "-" { return try add(descriptor: STDIN_FILENO, as: Self.standardInput, Self.standardInput, limits) }
        let shown = Self.plain(path)
        guard let real = Self.realPath(path) else {
            let (shown, problem) = (SpecTreeRules.shown(path), errno)
            throw SourceError(
                .pathMissing,
                problem == ENOENT
                    ? "there is no file or folder '\(shown)'" : "cannot read '\(shown)': \(SystemError.text(problem))")
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            return try add(folder: path, as: shown, real, limits)
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SourceError(.pathMissing, "cannot open '\(SpecTreeRules.shown(path))': \(SystemError.text(errno))")
        }
        defer { close(descriptor) }
        try add(descriptor: descriptor, as: shown, real, limits)
    }

    private mutating func add(
        folder: String, as shown: String, _ real: String, _ limits: GitLimits
    ) throws(SourceError) {
        let found = try FolderReader.read(folder, limits: limits)
        guard found.contains(where: \.isSpec) else {
            throw SourceError(.emptyTree, "there is no *.yaml or *.yml file under '\(SpecTreeRules.shown(folder))'")
        }
        let prefix = shown == "." ? "" : shown.hasSuffix("/") ? shown : shown + "/"
        for file in found where seen.insert(real + "/" + file.path).inserted {
            files.append(SpecFile(path: prefix + file.path, bytes: file.bytes, folder: prefix))
        }
    }

    private mutating func add(
        descriptor: Int32, as shown: String, _ real: String, _ limits: GitLimits
    ) throws(SourceError) {
        guard seen.insert(real).inserted else { return }
        var bytes: [UInt8] = []
        while true {
            switch Descriptor.readSome(descriptor, into: &bytes, limit: limits.fileBytes) {
            case .more: continue
            case .end: return files.append(SpecFile(path: shown, bytes: bytes, isSpec: true))
            case .failed:
                throw SourceError(.pathMissing, "cannot read '\(shown)': \(SystemError.text(errno))")
            case .tooMuch:
                throw SourceError(
                    .limitExceeded, "'\(shown)' has more than the \(limits.fileBytes) bytes that a spec file may have")
            }
        }
    }

    /// Without `./` in front and `/` behind, so that places read like those of other tools.
    private static func plain(_ path: String) -> String {
        var rest = Substring(path)
        while rest.hasPrefix("./") { rest = rest.dropFirst(2).drop { $0 == "/" } }
        while rest.count > 1, rest.hasSuffix("/") { rest.removeLast() }
        return rest.isEmpty ? "." : SpecTreeRules.shown(String(rest))
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
