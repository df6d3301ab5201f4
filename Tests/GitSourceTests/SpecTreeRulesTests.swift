import GitSource
import Reconciler
import Testing

@Suite("names below the specs folder")
struct SpecTreeRulesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var kind = SpecTreeRules.Kind.file
        var folder: [String] = []
        var decision: SpecTreeRules.Decision?
        var testDescription: String { "\(kind) \(folder + [name])" }

        static let all = [
            Case(name: "a.yaml", decision: .read), Case(name: "A.YML", decision: .read),
            Case(name: "a.json", decision: .read), Case(name: ".a.yaml", decision: .skip),
            Case(name: "a b.yaml", decision: nil), Case(name: "\u{e4}.yaml", decision: nil),
            Case(name: "a.yaml", folder: ["b c"], decision: nil), Case(name: "notes & co", decision: .skip),
            Case(name: "sub", kind: .folder, decision: .descend), Case(name: ".git", kind: .folder, decision: .skip),
            Case(name: "my notes", kind: .folder, decision: .descend),
            Case(name: "a.yaml", kind: .symlink, decision: nil), Case(name: "apps", kind: .symlink, decision: nil),
            Case(name: "README.md", kind: .symlink, decision: .skip),
            Case(name: "sub", kind: .submodule, decision: nil),
            Case(name: ".sub", kind: .submodule, decision: nil), Case(name: "fifo", kind: .other, decision: .skip),
            Case(name: "fifo.yaml", kind: .other, decision: nil),
        ]
    }

    @Test("each is read, entered, passed over or refused", arguments: Case.all)
    func decides(_ c: Case) {
        var rules = SpecTreeRules(limits: GitLimits())
        do throws(SourceError) {
            let decision = try rules.decide(c.name, kind: c.kind, mode: "120000", in: c.folder)
            #expect(decision == c.decision)
        } catch {
            #expect(c.decision == nil)
            #expect(error.code == .hostileTree)
            #expect(error.message.contains("120000"))
        }
    }

    @Test("names that differ in case only are refused")
    func collisions() throws {
        try SpecTreeRules.checkCollisions(["a.yaml", "b.yaml"], in: [])
        let error = #expect(throws: SourceError.self) {
            try SpecTreeRules.checkCollisions(["Web.yaml", "a", "web.yaml"], in: ["x"])
        }
        #expect(error?.code == .hostileTree)
    }

    @Test("each limit has its own message")
    func limits() {
        var limits = GitLimits()
        (limits.fileBytes, limits.files, limits.totalBytes, limits.depth, limits.entries) = (10, 2, 15, 1, 4)
        var messages: Set<String> = []
        func collect(_ work: (inout SpecTreeRules) throws(SourceError) -> Void) {
            var rules = SpecTreeRules(limits: limits)
            do throws(SourceError) {
                try work(&rules)
                Issue.record("a limit was not kept")
            } catch {
                #expect(error.code == .limitExceeded)
                messages.insert(error.message)
            }
        }
        collect { rules throws(SourceError) in try rules.admit("a", size: 11) }
        collect { rules throws(SourceError) in for _ in 0..<3 { try rules.admit("a", size: 1) } }
        collect { rules throws(SourceError) in for _ in 0..<2 { try rules.admit("a", size: 10) } }
        collect { rules throws(SourceError) in _ = try rules.decide("a", kind: .folder, mode: "40000", in: ["b"]) }
        collect { rules throws(SourceError) in
            for _ in 0..<5 { _ = try rules.decide("a", kind: .file, mode: "100644", in: []) }
        }
        #expect(messages.count == 5)
    }
}
