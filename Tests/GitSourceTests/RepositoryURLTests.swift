import GitSource
import Reconciler
import Testing

@Suite("the address of a repository")
struct RepositoryURLTests {
    struct Accepted: Sendable, CustomTestStringConvertible {
        var text: String
        var scheme: RepositoryURL.Scheme
        var user = "git"
        var host: String
        var port: UInt16?
        var testDescription: String { text }

        static let all = [
            Accepted(text: "https://example.org/specs.git", scheme: .https, host: "example.org"),
            Accepted(text: "HTTPS://Example.org:8443/a/b", scheme: .https, host: "example.org", port: 8443),
            Accepted(text: "ssh://git@example.org/a.git", scheme: .ssh, host: "example.org"),
            Accepted(
                text: "ssh://deploy@example.org:2222/a.git", scheme: .ssh, user: "deploy", host: "example.org",
                port: 2222),
            Accepted(text: "ssh://example.org/a.git", scheme: .ssh, host: "example.org"),
            Accepted(text: "git@example.org:team/specs.git", scheme: .ssh, host: "example.org"),
            Accepted(text: "example.org:specs.git", scheme: .ssh, host: "example.org"),
            Accepted(text: "ssh://git@[2001:db8::1]:22/a", scheme: .ssh, host: "2001:db8::1", port: 22),
        ]
    }

    @Test("https and ssh are taken in all their spellings", arguments: Accepted.all)
    func accepts(_ c: Accepted) throws {
        let url = try RepositoryURL(c.text, allowInsecure: false)
        #expect(url.scheme == c.scheme)
        #expect(url.user == c.user)
        #expect(url.host == c.host)
        #expect(url.port == c.port)
        #expect(url.text == c.text)
    }

    @Test(
        "everything else is refused",
        arguments: [
            "", "-oProxyCommand=x", "--upload-pack=x", "git://example.org/a", "ext::sh -c id", "ext::sh", "/srv/specs",
            "http://example.org/a", "file:///srv/specs", "ftp://example.org/a", "https://user:pass@example.org/a",
            "https://token@example.org/a", "ssh://git:pass@example.org/a", "git:pass@example.org:a",
            "https://example.org", "https://example.org/", "https:///a", "https://-x/a", "ssh://-oProxyCommand=x/a",
            "ssh://-x@example.org/a", "https://example.org:0/a", "https://example.org:65536/a",
            "https://example.org:22x/a", "https://exa mple.org/a", "https://example.org/a\nb",
            "https://example.org/\u{7f}",
            "git@example.org:-x", "git@example.org:a'b", "https://example.org/a?b", "https://example.org/a#b",
            "https://ex\u{e4}mple.org/a", "git@example.org:", "https://[::1/a",
        ])
    func refuses(_ text: String) {
        let error = #expect(throws: SourceError.self) { try RepositoryURL(text, allowInsecure: false) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains("pass@") == false)
        #expect(error?.message.contains("token@") == false)
    }

    @Test("http and file are taken when insecurity is allowed", arguments: ["http://localhost:1/a", "file:///srv/a"])
    func allowsInsecure(_ text: String) throws {
        _ = try RepositoryURL(text, allowInsecure: true)
    }

    @Test(
        "redaction hides users, passwords, tokens and control characters",
        arguments: [
            ("cannot reach 'https://me:secret@h/p': no", "cannot reach 'https://***@h/p': no"),
            ("https://tok@h/p", "https://***@h/p"),
            ("ssh://git:x@h/p and https://a:b@h", "ssh://***@h/p and https://***@h"),
            ("git:pw@h:p", "***@h:p"),
            ("git@h:p", "git@h:p"),
            ("the token s3cr3t is wrong", "the token *** is wrong"),
            ("a\u{1b}[31m\nb", "a [31m b"),
        ])
    func redacts(_ text: String, _ expected: String) {
        #expect(Redaction(secrets: ["s3cr3t"]).apply(to: text) == expected)
    }
}
