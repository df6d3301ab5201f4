import GitSource
import ReconcileTesting
import Testing

@Suite("known hosts")
struct KnownHostsTests {
    private static let key: [UInt8] = Array("a host key".utf8)
    private static let other: [UInt8] = Array("another key".utf8)
    private static let keyText = "YSBob3N0IGtleQ=="
    private static let otherText = "YW5vdGhlciBrZXk="

    struct Case: Sendable, CustomTestStringConvertible {
        var file: String
        var host = "example.org"
        var port: UInt16?
        var verdict: KnownHosts.Verdict
        var testDescription: String { "\(file) for \(host):\(port ?? 22)" }

        static let all = [
            Case(file: "example.org ssh-ed25519 \(keyText)", verdict: .trusted),
            Case(file: "example.org ssh-ed25519 \(keyText) with a comment", verdict: .trusted),
            Case(file: "EXAMPLE.org ssh-ed25519 \(keyText)", host: "Example.ORG", verdict: .trusted),
            Case(file: "a,example.org\tssh-ed25519\t\(keyText)", verdict: .trusted),
            Case(file: "example.org ssh-ed25519 \(otherText)", verdict: .changed),
            Case(file: "example.org ssh-rsa \(otherText)\nexample.org ssh-ed25519 \(keyText)", verdict: .trusted),
            Case(file: "other.org ssh-ed25519 \(keyText)", verdict: .unknown),
            Case(file: "", verdict: .unknown),
            Case(file: "# example.org ssh-ed25519 \(keyText)", verdict: .unknown),
            Case(file: "example.org ssh-ed25519", verdict: .unknown),
            Case(file: "example.org ssh-ed25519 not-base64!", verdict: .unknown),
            Case(file: "*.org ssh-ed25519 \(keyText)", verdict: .trusted),
            Case(file: "*.org,!example.org ssh-ed25519 \(keyText)", verdict: .unknown),
            Case(file: "exampl?.org ssh-ed25519 \(keyText)", verdict: .trusted),
            Case(file: "[example.org]:2222 ssh-ed25519 \(keyText)", port: 2222, verdict: .trusted),
            Case(file: "[example.org]:2222 ssh-ed25519 \(keyText)", verdict: .unknown),
            Case(file: "example.org ssh-ed25519 \(keyText)", port: 2222, verdict: .unknown),
            Case(file: "example.org ssh-ed25519 \(keyText)", port: 22, verdict: .trusted),
            Case(file: "@revoked example.org ssh-ed25519 \(keyText)", verdict: .revoked),
            Case(file: "@revoked * ssh-ed25519 \(keyText)\nexample.org ssh-ed25519 \(keyText)", verdict: .revoked),
            Case(file: "@revoked * ssh-ed25519 \(otherText)\nexample.org ssh-ed25519 \(keyText)", verdict: .trusted),
            Case(file: "@cert-authority * ssh-ed25519 \(keyText)", verdict: .unknown),
        ]
    }

    @Test("a key is judged as OpenSSH would", arguments: Case.all)
    func judges(_ c: Case) {
        #expect(KnownHosts(c.file).verdict(host: c.host, port: c.port, key: Self.key) == c.verdict)
    }

    @Test("names that ssh-keygen has hashed are found", arguments: [nil, 2222] as [UInt16?])
    func hashed(port: UInt16?) async throws {
        try await ScratchFolder.with { folder in
            try await TestCommand.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(folder.path)/key"])
            let publicKey = try await TestCommand.run("cat", ["\(folder.path)/key.pub"])
            let fields = publicKey.split(separator: " ")
            let name = port.map { "[example.org]:\($0)" } ?? "example.org"
            let file = try folder.write("known_hosts", "\(name) \(fields[0]) \(fields[1])\n")
            try await TestCommand.run("ssh-keygen", ["-q", "-H", "-f", file])
            let text = try await TestCommand.run("cat", [file])
            #expect(text.hasPrefix("|1|"))
            let known = KnownHosts(text)
            #expect(known.verdict(host: "example.org", port: port, key: Self.other) == .changed)
            #expect(known.verdict(host: "example.com", port: port, key: Self.other) == .unknown)
            #expect(known.plainLines(host: "example.org", port: port) == "\(name) \(fields[0]) \(fields[1])\n")
        }
    }

    @Test("a long pattern of stars costs no more than its length")
    func patternBomb() {
        let known = KnownHosts(String(repeating: "*a", count: 2_000) + " ssh-ed25519 \(Self.keyText)")
        #expect(known.verdict(host: String(repeating: "a", count: 250) + "b", port: nil, key: Self.key) == .unknown)
    }
}
