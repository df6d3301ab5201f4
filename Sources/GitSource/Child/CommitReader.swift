import CGit2
import FoundationEssentials
import Reconciler

/// Reads the spec files of a commit from the object database; nothing is ever checked out.
struct CommitReader {
    /// A tree of the largest number of entries with long names is still smaller.
    private static let maximumTreeBytes = 16 << 20

    private struct Entry {
        var name: String
        var mode: UInt32
        var oid: git_oid

        var kind: SpecTreeRules.Kind {
            switch mode {
            case 0o040000: .folder
            case 0o100644, 0o100755, 0o100664: .file
            case 0o120000: .symlink
            case 0o160000: .submodule
            default: .other
            }
        }
    }

    private let repository: MirrorRepository
    private var rules: SpecTreeRules
    /// What to read once every name is known to be in order.
    private var found: [(path: String, oid: git_oid)] = []

    init(repository: MirrorRepository, limits: GitLimits) {
        self.repository = repository
        rules = SpecTreeRules(limits: limits)
    }

    /// All spec files below the path, sorted by their paths.
    mutating func read(_ commit: String, path: SpecsPath) throws(FetchFailure) -> [FetchedRevision.File] {
        let root = try repository.tree(of: commit)
        try walk(try descend(from: root, to: path), [])
        guard found.contains(where: { SpecNames.isSpec($0.path) }) else {
            let place = path.names.isEmpty ? "in the repository" : "under '\(path.text)'"
            throw FetchFailure(SourceError(.emptyTree, "there is no *.yaml or *.yml file \(place) at this commit"))
        }
        var files: [FetchedRevision.File] = []
        for entry in found.sorted(by: { $0.path < $1.path }) { files.append(try read(entry.oid, path: entry.path)) }
        return files
    }

    private mutating func descend(from root: git_oid, to path: SpecsPath) throws(FetchFailure) -> git_oid {
        var tree = root
        for (index, name) in path.names.enumerated() {
            let shown = path.names[...index].joined(separator: "/")
            guard let entry = try list(tree, in: [], isCounted: false).first(where: { $0.name == name }) else {
                throw FetchFailure(SourceError(.pathMissing, "there is no folder '\(shown)' at this commit"))
            }
            let mode = String(entry.mode, radix: 8)
            switch entry.kind {
            case .folder: tree = entry.oid
            case .symlink, .submodule:
                let message = "'\(shown)' (mode \(mode)) is a symbolic link or submodule, and those are not followed"
                throw FetchFailure(SourceError(.hostileTree, message))
            case .file, .other:
                throw FetchFailure(SourceError(.pathMissing, "'\(shown)' (mode \(mode)) is a file: name its folder"))
            }
        }
        return tree
    }

    private mutating func walk(_ tree: git_oid, _ folder: [String]) throws(FetchFailure) {
        let entries = try list(tree, in: folder, isCounted: true)
        do throws(SourceError) {
            for entry in entries where SpecNames.isHostile(entry.name) {
                let path = SpecTreeRules.shown((folder + [entry.name]).joined(separator: "/"))
                throw SourceError(
                    .hostileTree, "'\(path)' (mode \(String(entry.mode, radix: 8))) is not an honest name")
            }
            try SpecTreeRules.checkCollisions(entries.map(\.name).filter { !SpecNames.isHidden($0) }, in: folder)
        } catch {
            throw FetchFailure(error)
        }
        for entry in entries { try visit(entry, folder) }
    }

    private mutating func count(_ entry: Entry) throws(FetchFailure) {
        do throws(SourceError) {
            try rules.list(entry.name, isFolder: entry.kind == .folder)
        } catch {
            throw FetchFailure(error)
        }
    }

    private mutating func visit(_ entry: Entry, _ folder: [String]) throws(FetchFailure) {
        let decision: SpecTreeRules.Decision
        do throws(SourceError) {
            decision = try rules.decide(
                entry.name, kind: entry.kind, mode: String(entry.mode, radix: 8), in: folder)
        } catch {
            throw FetchFailure(error)
        }
        switch decision {
        case .skip: return
        case .descend: try walk(entry.oid, folder + [entry.name])
        case .read: found.append(((folder + [entry.name]).joined(separator: "/"), entry.oid))
        }
    }

    private mutating func read(_ oid: git_oid, path: String) throws(FetchFailure) -> FetchedRevision.File {
        var oid = oid
        // 300 MiB of zeros travel in 300 KiB: the size is known before anything is unpacked.
        let header = try repository.header(&oid)
        do throws(SourceError) {
            guard header.kind == GIT_OBJECT_BLOB else { throw SourceError(.hostileTree, "'\(path)' is not a file") }
            try rules.admit(path, size: header.size)
        } catch {
            throw FetchFailure(error)
        }
        var object: OpaquePointer?
        try repository.check(git_odb_read(&object, repository.objects, &oid), during: .reading)
        defer { git_odb_object_free(object) }
        let content = git_odb_object_data(object).map { Data(bytes: $0, count: git_odb_object_size(object)) }
        return FetchedRevision.File(path: path, content: content ?? Data())
    }

    private mutating func list(
        _ tree: git_oid, in folder: [String], isCounted: Bool
    ) throws(FetchFailure) -> [Entry] {
        var oid = tree
        guard try repository.header(&oid).size <= Self.maximumTreeBytes else {
            throw FetchFailure(SourceError(.limitExceeded, "a folder of the commit has a list of more than 16 MiB"))
        }
        var object: OpaquePointer?
        try repository.check(git_tree_lookup(&object, repository.handle, &oid), during: .reading)
        defer { git_tree_free(object) }
        var entries: [Entry] = []
        for index in 0..<git_tree_entrycount(object) {
            guard let entry = git_tree_entry_byindex(object, index), let text = git_tree_entry_name(entry),
                let id = git_tree_entry_id(entry)
            else { continue }
            guard let name = String(validatingCString: text) else {
                let place = SpecTreeRules.shown((folder + [String(cString: text)]).joined(separator: "/"))
                throw FetchFailure(SourceError(.hostileTree, "the name '\(place)' is not UTF-8"))
            }
            let mode = git_tree_entry_filemode_raw(entry)
            let found = Entry(name: name, mode: UInt32(mode.rawValue), oid: id.pointee)
            if isCounted { try count(found) }
            entries.append(found)
        }
        return entries
    }
}
