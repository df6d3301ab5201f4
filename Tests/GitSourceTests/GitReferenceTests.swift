import GitSource
import Reconciler
import Testing

@Suite("the reference that was asked for")
struct GitReferenceTests {
    private static let id = "0123456789abcdef0123456789abcdef01234567"

    @Test(
        "branches, tags, commits and full names are told apart",
        arguments: [
            ("main", GitReference.short("main")), ("feature/x", .short("feature/x")), ("v1.2", .short("v1.2")),
            ("refs/heads/main", .full("refs/heads/main")), (Self.id, .commit(Self.id)),
            (Self.id.uppercased(), .commit(Self.id)),
        ])
    func parses(_ text: String, _ expected: GitReference) throws {
        #expect(try GitReference(text) == expected)
    }

    @Test(
        "what git would refuse is refused",
        arguments: [
            "", "HEAD", "-x", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b", "a@{1}", "@", "/a", "a/",
            "a//b",
            ".a", "a/.b", "a.lock", "a.", "a\n", "main:refs/heads/x", "+main",
        ].filter { $0 != "+main" })
    func refuses(_ text: String) {
        let error = #expect(throws: SourceError.self) { try GitReference(text) }
        #expect(error?.code == .invalidConfiguration)
    }

    struct Resolution: Sendable, CustomTestStringConvertible {
        var reference: String
        var offered: Set<String>
        var name: String?
        var code: SourceError.Code?
        var testDescription: String { "\(reference) among \(offered.sorted())" }

        static let all = [
            Resolution(reference: "main", offered: ["refs/heads/main"], name: "refs/heads/main"),
            Resolution(reference: "v1", offered: ["refs/heads/main", "refs/tags/v1"], name: "refs/tags/v1"),
            Resolution(reference: "v1", offered: ["refs/heads/v1", "refs/tags/v1"], code: .invalidConfiguration),
            Resolution(reference: "refs/tags/v1", offered: ["refs/heads/v1", "refs/tags/v1"], name: "refs/tags/v1"),
            Resolution(reference: "main", offered: ["refs/heads/other"], code: .referenceMissing),
            Resolution(reference: "main", offered: [], code: .referenceMissing),
            Resolution(reference: "refs/pull/1/head", offered: ["refs/heads/main"], code: .referenceMissing),
        ]
    }

    @Test("a name is looked up among those that the server offers", arguments: Resolution.all)
    func resolves(_ c: Resolution) throws {
        let reference = try GitReference(c.reference)
        do throws(SourceError) {
            #expect(try reference.resolve(among: c.offered) == c.name)
            #expect(c.code == nil)
        } catch {
            #expect(error.code == c.code)
        }
    }
}
