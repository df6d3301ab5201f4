/// Somebody who signs commits and tags with git's own means.
package struct Signer: Sendable {
    /// What git is told with `-c`.
    let settings: [String]

    /// Nobody: commits and tags are not signed.
    package static let nobody = Signer(settings: [])

    var isNobody: Bool { settings.isEmpty }
    var arguments: [String] { settings.flatMap { ["-c", $0] } }
}

extension ScratchRepository {
    /// Commits these files on top of the branch, signed, and moves the branch.
    ///
    /// - Parameter parents: the first is what the branch was; more make a merge.
    @discardableResult
    package func commit(
        _ files: [String: Node], by signer: Signer, on branch: String = "main", parents: [String] = [],
        message: String = "change"
    ) async throws -> String {
        let tree = try await tree(files)
        let arguments =
            ["-C", path] + signer.arguments + ["commit-tree", tree, "-m", message] + parents.flatMap { ["-p", $0] }
            + (signer.isNobody ? [] : ["-S"])
        let id = try await TestCommand.run("git", arguments)
        try await git("update-ref", "refs/heads/\(branch)", id)
        return id
    }

    /// Makes an annotated tag, or moves it.
    package func tag(_ name: String, on target: String, by signer: Signer) async throws {
        try await TestCommand.run(
            "git",
            ["-C", path] + signer.arguments + [
                "tag", "-f", signer.isNobody ? "-a" : "-s", "-m", "release", name, target,
            ])
    }

    /// The bytes of an object as text, with the line break at its end.
    package func text(of id: String, _ kind: String = "commit") async throws -> String {
        // Without the mark, the last line break of the object could not be told from none.
        let marked = try await TestCommand.run("sh", ["-c", "git -C '\(path)' cat-file \(kind) \(id); printf ."])
        return String(marked.dropLast())
    }

    /// Writes an object as it is, without any check.
    package func write(_ text: String, _ kind: String = "commit") async throws -> String {
        try await git("hash-object", "-t", kind, "-w", "--stdin", "--literally", input: Array(text.utf8))
    }
}
