import GitSource
import ReconcileTesting
import Reconciler
import Specs
import Testing

@Suite("fetching from a repository")
struct FetchTests {
    @Test("a clone brings the spec files of the branch, sorted, and nothing else")
    func clone() async throws {
        try await World.with { world in
            let id = try await world.repository.commit(
                [
                    "b.yaml": "b", "a.yml": "a", "README.md": "no", ".hidden.yaml": "no", ".github": ["x.yaml": "no"],
                    "sub": ["c.yaml": "c", "deep": ["d.YAML": "d"], "p.json": "p"],
                ], parent: nil)
            let snapshot = try await world.fetch()
            #expect(snapshot.revision == Revision(id: id, reference: "main"))
            #expect(snapshot.files.map(\.path) == ["a.yml", "b.yaml", "sub/c.yaml", "sub/deep/d.YAML", "sub/p.json"])
            #expect(snapshot.texts["sub/c.yaml"] == "c")
            #expect(snapshot.ancestry == .none)
        }
    }

    @Test("the commit says who made it, when, and why")
    func commitFacts() async throws {
        try await World.with { world in
            let tree = try await world.repository.tree(["a.yaml": "1"])
            try await world.write(author: "Ada <ada@example.org> 1795267500 +0900", "Grow\n\nMore of it.", tree)
            let facts = try await world.fetch().commit
            #expect(
                facts
                    == CommitFacts(
                        author: "Ada <ada@example.org>", time: Instant(secondsSince1970: 1_795_267_500),
                        subject: "Grow"))
        }
    }

    @Test(
        "whatever an author writes is harmless to show",
        arguments: [
            ("esc \u{1B}[31mred\u{202E} x", "esc  [31mred  x"), ("tab\tand\u{7F}", "tab and "), ("", ""),
            ("see https://me:secret@example.org/x", "see https://***@example.org/x"),
            (String(repeating: "é", count: 500), String(repeating: "é", count: 199) + "…"),
            (String(repeating: "x", count: 100_000), String(repeating: "x", count: 199) + "…"),
        ])
    func hostileFacts(subject: String, shown: String) async throws {
        try await World.with { world in
            let tree = try await world.repository.tree(["a.yaml": "1"])
            try await world.write(author: "\(subject.prefix(300)) <a@b> 999999999999999 +0000", subject, tree)
            let facts = try await world.fetch().commit
            #expect(facts?.subject == shown)
            #expect((facts?.author.count ?? 999) <= 200)
            #expect(facts?.author.unicodeScalars.contains("\u{1B}") == false)
            #expect(facts?.time.description.hasPrefix("9999-12-31") == true)
        }
    }

    @Test("a commit in no known encoding still has a subject")
    func oddEncoding() async throws {
        try await World.with { world in
            let tree = try await world.repository.tree(["a.yaml": "1"])
            let text = "tree \(tree)\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\n"
            try await world.write(Array(text.utf8) + [0x47, 0xFC, 0x6E])
            #expect(try await world.fetch().commit?.subject == "G\u{FFFD}n")
        }
    }

    @Test("a new commit descends from the accepted one, and no change is the same")
    func newCommit() async throws {
        try await World.with { world in
            let first = try await world.repository.commit(["a.yaml": "1"], parent: nil)
            #expect(try await world.fetch().revision.id == first)
            #expect(try await world.fetch(accepted: first).ancestry == .same)
            let second = try await world.repository.commit(["a.yaml": "2"], parent: first)
            let third = try await world.repository.commit(["a.yaml": "3"], parent: second)
            let snapshot = try await world.fetch(accepted: first)
            #expect(snapshot.revision.id == third)
            #expect(snapshot.ancestry == .descendant)
            #expect(snapshot.texts == ["a.yaml": "3"])
        }
    }

    @Test("a force push is told, with the old mirror and with a new one")
    func forcePush() async throws {
        try await World.with { world in
            let first = try await world.repository.commit(["a.yaml": "1"], parent: nil)
            _ = try await world.fetch()
            let other = try await world.repository.commit(["a.yaml": "2"], parent: nil)
            let snapshot = try await world.fetch(accepted: first)
            #expect(snapshot.revision.id == other)
            #expect(snapshot.ancestry == .rewritten)
            #expect(try await world.fetch(accepted: first) { $0.mirrorDirectory += "-new" }.ancestry == .rewritten)
            #expect(try await world.fetch(accepted: "working-copy").ancestry == .rewritten)
        }
    }

    @Test("an older commit on the branch counts as rewritten")
    func reset() async throws {
        try await World.with { world in
            let first = try await world.repository.commit(["a.yaml": "1"], parent: nil)
            let second = try await world.repository.commit(["a.yaml": "2"], parent: first)
            _ = try await world.fetch()
            try await world.repository.git("update-ref", "refs/heads/main", first)
            #expect(try await world.fetch(accepted: second).ancestry == .rewritten)
        }
    }

    @Test("what is not there is an error, never an empty success")
    func missing() async throws {
        try await World.with { world in
            try await world.refusal(.referenceMissing)
            let id = try await world.repository.commit(["docs": ["a.txt": "a"], "b.yaml": "b"], parent: nil)
            try await world.repository.git("update-ref", "refs/heads/other", id)
            _ = try await world.fetch()
            try await world.refusal(.pathMissing) { $0.path = "nowhere" }
            try await world.refusal(.pathMissing) { $0.path = "b.yaml" }
            try await world.refusal(.emptyTree) { $0.path = "docs" }
            try await world.repository.git("update-ref", "-d", "refs/heads/main")
            let message = try await world.refusal(.referenceMissing)
            #expect(message.contains("'other'"))
            try await world.repository.git("update-ref", "-d", "refs/heads/other")
            try await world.refusal(.referenceMissing)
            try await TestCommand.run("rm", ["-r", world.repository.path])
            try await world.refusal(.repositoryNotFound)
        }
    }

    @Test("a path narrows the view, and file paths are relative to it")
    func path() async throws {
        try await World.with { world in
            try await world.repository.commit(["x": ["y": ["a.yaml": "a"]], "b.yaml": "b"], parent: nil)
            #expect(try await world.fetch { $0.path = "x/y" }.texts == ["a.yaml": "a"])
            #expect(try await world.fetch { $0.path = "/x/" }.texts == ["y/a.yaml": "a"])
        }
    }

    @Test("tags of both kinds, commit ids and full names are followed")
    func references() async throws {
        try await World.with { world in
            let first = try await world.repository.commit(["a.yaml": "1"], parent: nil)
            try await world.repository.git("tag", "light", first)
            try await world.repository.git("tag", "-a", "-m", "m", "annotated", first)
            try await world.repository.git("tag", "-a", "-m", "m", "nested", "annotated")
            let second = try await world.repository.commit(["a.yaml": "2"], parent: first)
            for name in ["light", "annotated", "nested", "refs/tags/annotated", first] {
                let snapshot = try await world.fetch { $0.reference = name }
                #expect(snapshot.revision == Revision(id: first, reference: name))
            }
            #expect(try await world.fetch { $0.reference = "refs/heads/main" }.revision.id == second)
            try await world.refusal(.referenceMissing) { $0.reference = String(repeating: "0", count: 40) }
            try await world.repository.git("tag", "main", first)
            try await world.refusal(.invalidConfiguration)
            let tree = try await world.repository.git("rev-parse", "\(first)^{tree}")
            try await world.repository.git("tag", "tree", tree)
            try await world.refusal(.referenceMissing) { $0.reference = "tree" }
        }
    }

    @Test("another address makes another mirror")
    func addressChange() async throws {
        try await World.with { world in
            let first = try await world.repository.commit(["a.yaml": "1"], parent: nil)
            _ = try await world.fetch()
            let other = try await ScratchRepository.make(at: world.folder.path + "/served/other.git")
            try await other.commit(["b.yaml": "b"], parent: nil)
            let snapshot = try await world.fetch(accepted: first) { $0.url = other.url }
            #expect(snapshot.texts == ["b.yaml": "b"])
            await #expect(throws: (any Error).self) { try await world.mirrorRepository.git("cat-file", "-e", first) }
        }
    }

    @Test("two fetches at once take turns")
    func concurrent() async throws {
        try await World.with { world in
            let id = try await world.repository.commit(["a.yaml": "1"], parent: nil)
            async let first = world.fetch()
            async let second = world.fetch()
            let ids = try await [first.revision.id, second.revision.id]
            #expect(ids == [id, id])
        }
    }
}

extension World {
    fileprivate func write(author: String, _ message: String, _ tree: String) async throws {
        try await write(Array("tree \(tree)\nauthor \(author)\ncommitter \(author)\n\n\(message)".utf8))
    }

    /// Writes a commit as it is, without any check, and moves the branch to it.
    fileprivate func write(_ commit: [UInt8]) async throws {
        let id = try await repository.git(
            "hash-object", "-t", "commit", "-w", "--stdin", "--literally", input: commit)
        try await repository.git("update-ref", "refs/heads/main", id)
    }
}
