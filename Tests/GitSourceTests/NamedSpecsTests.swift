import FoundationEssentials
import GitSource
import ReconcileTesting
import Specs
import Testing

@Suite("specs that a person names")
struct NamedSpecsTests {
    @Test("folders by the rules of a commit, files as they are, each once, with the paths that were given")
    func reads() async throws {
        try await ScratchFolder.with { folder in
            try folder.write("specs/b.yaml", "b")
            try folder.write("specs/sub/a.yml", "a")
            try folder.write("specs/README.md", "no")
            let odd = try folder.write("odd name.txt", "odd")
            let specs = folder.path + "/specs"
            let named = NamedSpecs.read([specs + "/", odd, specs + "/sub", specs + "/b.yaml", specs + "/./b.yaml"])
            #expect(named.problems == [])
            #expect(named.files.map(\.path) == [specs + "/b.yaml", specs + "/sub/a.yml", odd])
            #expect(named.files.map(\.bytes) == [Array("b".utf8), Array("a".utf8), Array("odd".utf8)])
        }
    }

    @Test("JSON of a folder is for specs to name, by its path from that folder; JSON that is named is a spec")
    func attachments() async throws {
        try await ScratchFolder.with { folder in
            let profile = """
                apiVersion: reconcile.dev/v1
                kind: SecurityProfile
                metadata: {name: sandbox}
                spec: {seccomp: {file: profiles/p.json}}
                """
            try folder.write("specs/a.yaml", profile)
            let json = try folder.write("specs/profiles/p.json", "{\"defaultAction\": \"SCMP_ACT_ALOW\"}")
            try folder.write("other/p.json", "{}")
            let named = NamedSpecs.read([folder.path + "/specs"])
            #expect(named.files.map(\.isSpec) == [true, false])
            let found = SpecLoader.load(named.files).diagnostics.filter { $0.severity == .error }
            #expect(found.map(\.position) == [SourcePosition(file: json, line: 1, column: 19)])
            #expect(NamedSpecs.read([json]).files.map(\.isSpec) == [true])
            #expect(NamedSpecs.read([folder.path + "/other"]).problems.map(\.code) == [.unreadable])
        }
    }

    @Test("a file that is named may be a link; within a folder links are refused")
    func links() async throws {
        try await ScratchFolder.with { folder in
            let file = try folder.write("specs/a.yaml", "a")
            let link = folder.path + "/link.yaml"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
            #expect(NamedSpecs.read([link]).files.map(\.path) == [link])
            #expect(NamedSpecs.read([file, link]).files.map(\.path) == [file])
            let refused = NamedSpecs.read([folder.path])
            #expect(refused.files == [])
            #expect(refused.problems.map(\.code) == [.unreadable])
            #expect(refused.problems.first?.message.contains("is a symbolic link") == true)
        }
    }

    @Test("each path that cannot be read is one finding at that path")
    func problems() async throws {
        try await ScratchFolder.with { folder in
            let big = try folder.write("big/a.yaml", String(repeating: "x", count: 100))
            try folder.write("empty/README.md", "no")
            let none = folder.path + "/none"
            var limits = GitLimits()
            limits.fileBytes = 99
            let paths = [none, folder.path + "/empty", big, folder.path + "/big"]
            let named = NamedSpecs.read(paths, limits: limits)
            #expect(named.problems.map(\.position.file) == paths)
            #expect(named.problems.map(\.code) == [.unreadable, .unreadable, .limitExceeded, .limitExceeded])
            #expect(named.problems.first?.message == "there is no file or folder '\(none)'")
            #expect(named.files == [])
        }
    }
}
