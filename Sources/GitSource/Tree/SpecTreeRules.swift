package import Reconciler

/// Decides about every name below the specs folder, and keeps count of what was let in.
///
/// It reads nothing itself, so that a commit and a working copy are judged by the same rules.
package struct SpecTreeRules: Sendable {
    package enum Kind: Hashable, Sendable {
        case file, folder, symlink, submodule
        /// A device, a socket, or a mode that git does not know.
        case other
    }

    package enum Decision: Hashable, Sendable {
        case skip, descend, read
    }

    private let limits: GitLimits
    private var entries = 0
    private var listed = 0
    private var files = 0
    private var bytes = 0

    package init(limits: GitLimits) {
        self.limits = limits
    }

    /// Counts the names of a folder as they are listed, so that far too many are refused before any file is read.
    package mutating func list(_ name: String, isFolder: Bool) throws(SourceError) {
        guard !isFolder, SpecNames.isRead(name), !SpecNames.isHidden(name) else { return }
        listed += 1
        guard listed <= limits.files else { throw tooManyFiles }
    }

    private var tooManyFiles: SourceError {
        SourceError(.limitExceeded, "there are more than \(limits.files) spec files")
    }

    /// What to do with one name.
    ///
    /// - Parameters:
    ///   - folder: the names of the folders above it, below the specs folder.
    ///   - mode: as git writes it, for the message.
    /// - Throws: `SourceError` with `hostileTree` or `limitExceeded`.
    package mutating func decide(
        _ name: String, kind: Kind, mode: String, in folder: [String]
    ) throws(SourceError) -> Decision {
        var path: String { (folder + [name]).joined(separator: "/") }
        entries += 1
        guard entries <= limits.entries else {
            throw SourceError(.limitExceeded, "the specs folder holds more than \(limits.entries) names")
        }
        switch kind {
        case .submodule: throw Self.refusal(path, mode, "is a submodule, and those are not followed")
        case .symlink where SpecNames.linkMayHideSpecs(name):
            throw Self.refusal(path, mode, "is a symbolic link, and those are not followed")
        case .other where SpecNames.isRead(name): throw Self.refusal(path, mode, "is not a regular file")
        case .symlink, .other: return .skip
        case .folder where SpecNames.isHidden(name): return .skip
        case .folder:
            guard folder.count < limits.depth else {
                throw SourceError(.limitExceeded, "'\(Self.shown(path))' is deeper than \(limits.depth) folders")
            }
            return .descend
        case .file where SpecNames.isHidden(name) || !SpecNames.isRead(name): return .skip
        case .file:
            guard (folder + [name]).allSatisfy(SpecNames.isPlain) else {
                throw Self.refusal(path, mode, "has a character other than A-Z a-z 0-9 . _ - in its name")
            }
            return .read
        }
    }

    /// Counts a file before it is read.
    package mutating func admit(_ path: String, size: Int) throws(SourceError) {
        guard size <= limits.fileBytes else {
            throw SourceError(
                .limitExceeded, "'\(path)' has \(size) bytes: a spec file may have \(limits.fileBytes)")
        }
        files += 1
        guard files <= limits.files else { throw tooManyFiles }
        bytes += size
        guard bytes <= limits.totalBytes else {
            throw SourceError(
                .limitExceeded, "the spec files have more than \(limits.totalBytes) bytes together, with '\(path)'")
        }
    }

    /// Refuses names of one folder that are one and the same where case does not count.
    package static func checkCollisions(_ names: [String], in folder: [String]) throws(SourceError) {
        var seen: [String: String] = [:]
        for name in names {
            guard let other = seen.updateValue(name, forKey: name.lowercased()) else { continue }
            let path = (folder + [name]).joined(separator: "/")
            throw SourceError(
                .hostileTree, "'\(shown(path))' and '\(shown(other))' differ in case only, or not at all")
        }
    }

    private static func refusal(_ path: String, _ mode: String, _ reason: String) -> SourceError {
        SourceError(.hostileTree, "'\(shown(path))' (mode \(mode)) \(reason)")
    }

    package static func shown(_ path: String) -> String { Redaction().apply(to: path) }
}
