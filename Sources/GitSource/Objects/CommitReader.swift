import FoundationEssentials
import Reconciler

/// Reads the spec files of a commit from its objects; nothing is ever checked out.
struct CommitReader<Objects: ObjectReader> {
    private(set) var objects: Objects
    private var rules: SpecTreeRules
    /// What to read once every name is known to be in order.
    private var found: [(path: String, id: String)] = []

    init(_ objects: Objects, limits: GitLimits) {
        self.objects = objects
        rules = SpecTreeRules(limits: limits)
    }

    /// All spec files below the path, sorted by their paths.
    ///
    /// - Parameter root: the id of the commit's tree.
    mutating func read(_ root: String, path: SpecsPath) throws(Objects.Failure) -> [FetchedRevision.File] {
        try walk(try descend(from: root, to: path), [])
        guard found.contains(where: { SpecNames.isSpec($0.path) }) else {
            let place = path.names.isEmpty ? "in the repository" : "under '\(path.text)'"
            throw Objects.Failure(SourceError(.emptyTree, "there is no *.yaml or *.yml file \(place) at this commit"))
        }
        var files: [FetchedRevision.File] = []
        for entry in found.sorted(by: { $0.path < $1.path }) { files.append(try read(entry.id, path: entry.path)) }
        return files
    }

    private mutating func descend(from root: String, to path: SpecsPath) throws(Objects.Failure) -> String {
        var tree = root
        for (index, name) in path.names.enumerated() {
            let shown = path.names[...index].joined(separator: "/")
            guard let entry = try list(tree, in: [], isCounted: false).first(where: { $0.name == name })?.entry else {
                throw Objects.Failure(SourceError(.pathMissing, "there is no folder '\(shown)' at this commit"))
            }
            let mode = String(entry.mode, radix: 8)
            switch entry.kind {
            case .folder: tree = entry.id
            case .symlink, .submodule:
                let message = "'\(shown)' (mode \(mode)) is a symbolic link or submodule, and those are not followed"
                throw Objects.Failure(SourceError(.hostileTree, message))
            case .file, .other:
                throw Objects.Failure(SourceError(.pathMissing, "'\(shown)' (mode \(mode)) is a file: name its folder"))
            }
        }
        return tree
    }

    private mutating func walk(_ tree: String, _ folder: [String]) throws(Objects.Failure) {
        let entries = try list(tree, in: folder, isCounted: true)
        do throws(SourceError) {
            for (name, entry) in entries where SpecNames.isHostile(name) {
                let path = SpecTreeRules.shown((folder + [name]).joined(separator: "/"))
                throw SourceError(
                    .hostileTree, "'\(path)' (mode \(String(entry.mode, radix: 8))) is not an honest name")
            }
            try SpecTreeRules.checkCollisions(entries.map(\.name).filter { !SpecNames.isHidden($0) }, in: folder)
        } catch {
            throw Objects.Failure(error)
        }
        for (name, entry) in entries { try visit(name, entry, folder) }
    }

    private mutating func count(_ name: String, _ entry: TreeObject.Entry) throws(Objects.Failure) {
        do throws(SourceError) {
            try rules.list(name, isFolder: entry.kind == .folder)
        } catch {
            throw Objects.Failure(error)
        }
    }

    private mutating func visit(
        _ name: String, _ entry: TreeObject.Entry, _ folder: [String]
    ) throws(Objects.Failure) {
        let decision: SpecTreeRules.Decision
        do throws(SourceError) {
            decision = try rules.decide(name, kind: entry.kind, mode: String(entry.mode, radix: 8), in: folder)
        } catch {
            throw Objects.Failure(error)
        }
        switch decision {
        case .skip: return
        case .descend: try walk(entry.id, folder + [name])
        case .read: found.append(((folder + [name]).joined(separator: "/"), entry.id))
        }
    }

    private mutating func read(_ id: String, path: String) throws(Objects.Failure) -> FetchedRevision.File {
        // 300 MiB of zeros travel in 300 KiB: the size is known before anything is unpacked.
        let size = try objects.size(of: id, at: path)
        do throws(SourceError) {
            try rules.admit(path, size: size)
        } catch {
            throw Objects.Failure(error)
        }
        return FetchedRevision.File(path: path, content: try objects.content(of: id))
    }

    private mutating func list(
        _ tree: String, in folder: [String], isCounted: Bool
    ) throws(Objects.Failure) -> [(name: String, entry: TreeObject.Entry)] {
        guard let entries = TreeObject.entries(of: try objects.tree(tree)) else {
            let place = folder.isEmpty ? "the top" : "'\(SpecTreeRules.shown(folder.joined(separator: "/")))'"
            throw Objects.Failure(SourceError(.hostileTree, "the list of \(place) of the specs is not one of git's"))
        }
        var named: [(String, TreeObject.Entry)] = []
        for entry in entries {
            guard let name = String(validating: entry.name, as: UTF8.self) else {
                let text = String(decoding: entry.name, as: UTF8.self)
                let place = SpecTreeRules.shown((folder + [text]).joined(separator: "/"))
                throw Objects.Failure(SourceError(.hostileTree, "the name '\(place)' is not UTF-8"))
            }
            if isCounted { try count(name, entry) }
            named.append((name, entry))
        }
        return named
    }
}
