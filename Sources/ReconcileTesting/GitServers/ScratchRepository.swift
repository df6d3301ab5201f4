/// A bare repository for one test, filled with git's plumbing so that a test can also write what git would refuse.
package struct ScratchRepository: Sendable {
    /// What a name in a tree stands for.
    package indirect enum Node: Sendable, ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
        case file(String)
        case symlink(String)
        /// The id of a commit elsewhere.
        case submodule(String)
        case folder([String: Node])
        /// An object that exists already, with its mode.
        case object(mode: String, id: String)

        package init(stringLiteral value: String) { self = .file(value) }

        package init(dictionaryLiteral elements: (String, Node)...) {
            self = .folder(Dictionary(elements) { _, last in last })
        }
    }

    package let path: String
    package var url: String { "file://\(path)" }

    /// A repository that exists already.
    package init(path: String) { self.path = path }

    /// Makes an empty repository.
    package static func make(at path: String) async throws -> ScratchRepository {
        try await TestCommand.run("git", ["init", "--quiet", "--bare", "--initial-branch=main", path])
        return ScratchRepository(path: path)
    }

    @discardableResult
    package func git(_ arguments: String..., input: [UInt8] = []) async throws -> String {
        try await TestCommand.run("git", ["-C", path] + arguments, input: input)
    }

    /// Commits these files and nothing else on top of the branch, and moves the branch.
    ///
    /// - Parameters:
    ///   - parent: nil starts a history of its own, as a force push would bring.
    ///   - date: what the commit says of its author's and its committer's time; nil is now.
    /// - Returns: the id of the commit.
    @discardableResult
    package func commit(
        _ files: [String: Node], on branch: String = "main", parent: String?, message: String = "change",
        date: String? = nil
    ) async throws -> String {
        try await commit(tree: try await tree(files), on: branch, parent: parent, message: message, date: date)
    }

    @discardableResult
    package func commit(
        tree: String, on branch: String = "main", parent: String?, message: String = "change", date: String? = nil
    ) async throws -> String {
        let parents = parent.map { ["-p", $0] } ?? []
        let dates = date.map { ["GIT_AUTHOR_DATE=\($0)", "GIT_COMMITTER_DATE=\($0)"] } ?? []
        let id = try await TestCommand.run(
            "env", dates + ["git", "-C", path, "commit-tree", tree, "-m", message] + parents)
        try await git("update-ref", "refs/heads/\(branch)", id)
        return id
    }

    /// Writes a tree without any check of its names.
    package func tree(_ files: [String: Node]) async throws -> String {
        var entries: [(key: [UInt8], bytes: [UInt8])] = []
        for (name, node) in files {
            let (mode, id) = try await write(node)
            // git sorts folders as if their names ended in a slash.
            let key = Array(name.utf8) + (mode == "40000" ? [UInt8(ascii: "/")] : [])
            entries.append((key, Array("\(mode) \(name)".utf8) + [0] + Self.bytes(ofHex: id)))
        }
        entries.sort { $0.key.lexicographicallyPrecedes($1.key) }
        return try await git(
            "hash-object", "-t", "tree", "-w", "--stdin", "--literally", input: entries.flatMap(\.bytes))
    }

    private func write(_ node: Node) async throws -> (mode: String, id: String) {
        switch node {
        case .file(let text): ("100644", try await blob(text))
        case .symlink(let target): ("120000", try await blob(target))
        case .submodule(let id): ("160000", id)
        case .folder(let files): ("40000", try await tree(files))
        case .object(let mode, let id): (mode, id)
        }
    }

    private func blob(_ text: String) async throws -> String {
        try await git("hash-object", "-w", "--stdin", input: Array(text.utf8))
    }

    private static func bytes(ofHex text: String) -> [UInt8] {
        let digits = Array(text)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }
}
