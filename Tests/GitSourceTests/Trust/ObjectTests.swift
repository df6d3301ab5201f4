import FoundationEssentials
import Reconciler
import Specs
import Testing

@testable import GitSource

@Suite("git's objects and signatures, byte by byte")
struct ObjectTests {
    private static let id = String(repeating: "1", count: 40)
    private static let person = "A <a@b> 1 +0000"

    private static let commit = """
        tree \(id)
        parent \(id)
        author \(person)
        committer \(person)
        gpgsig -----BEGIN SSH SIGNATURE-----
         AAAA
         -----END SSH SIGNATURE-----

        Subject
         goes on

        gpgsig in the message stays
        """

    @Test("what is signed is the commit without its signature")
    func payload() {
        let commit = CommitObject(Array(Self.commit.utf8))
        let signature = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----"
        #expect(commit?.signature.map { String(decoding: $0, as: UTF8.self) } == signature)
        let lines = Self.commit.split(separator: "\n", omittingEmptySubsequences: false)
        let payload = (lines[..<4] + lines[7...]).joined(separator: "\n")
        #expect(commit.map { String(decoding: $0.payload, as: UTF8.self) } == payload)
        #expect(commit?.parents == [Self.id])
        #expect(commit?.facts.subject == "Subject  goes on")
        #expect(commit?.facts.author == "A <a@b>")
    }

    @Test(
        "what could be read in two ways is no commit",
        arguments: [
            "", "\n", "parent \(id)\ntree \(id)\nauthor \(person)\ncommitter \(person)\n\nx",
            "tree \(id)\ntree \(id)\nauthor \(person)\ncommitter \(person)\n\nx",
            "tree \(id)\nauthor \(person)\nparent \(id)\ncommitter \(person)\n\nx",
            "tree \(id.dropLast())\nauthor \(person)\ncommitter \(person)\n\nx",
            "tree \(id.dropLast())G\nauthor \(person)\ncommitter \(person)\n\nx",
            "tree \(id)\nauthor \(person)\n\nx",
            " tree \(id)\nauthor \(person)\ncommitter \(person)\n\nx",
            "tree \(id)\n\(id)\nauthor \(person)\ncommitter \(person)\n",
        ])
    func notCommits(text: String) {
        let commit = CommitObject(Array(text.utf8))
        #expect(commit == nil || text.contains("\n\(Self.id)\n"), "\(text)")
    }

    @Test(
        "what an old or odd git wrote is a commit all the same",
        arguments: [
            ("A <a@b> 1 +0000", 1), ("nobody", 0), ("A <a@b> x +0000", 0), ("A <a@b> -5 +0000", 0), ("", 0),
            ("A <a@b> 9223372036854775807 +0000", 253_402_300_799), ("A > b> 7", 7),
        ])
    func oddPeople(committer: String, time: Int64) {
        let text = Array("tree \(Self.id)\nauthor G\u{FC}n <a@b> 1 +0000\ncommitter \(committer)\n\nx".utf8)
        #expect(CommitObject(text)?.time.secondsSince1970 == time)
        let latin =
            Array("tree \(Self.id)\nauthor G".utf8) + [0xFC] + Array("n <a@b> 1 +0\ncommitter \(committer)\n\nx".utf8)
        #expect(CommitObject(latin)?.facts.author == "G\u{FFFD}n <a@b>")
        #expect(CommitObject(latin)?.payload == latin)
    }

    @Test("trees that are cut short or odd are no trees")
    func trees() {
        let entry = Array("100644 a.yaml\u{0}".utf8) + [UInt8](repeating: 7, count: 20)
        #expect(TreeObject.entries(of: [])?.isEmpty == true)
        #expect(TreeObject.entries(of: entry + entry)?.count == 2)
        #expect(TreeObject.entries(of: entry)?.first?.id == String(repeating: "07", count: 20))
        for count in 1..<entry.count { #expect(TreeObject.entries(of: Array(entry[..<count])) == nil, "\(count)") }
        for text in ["1006449 a\u{0}", "x a\u{0}", "100644 \u{0}", "77777777 a\u{0}", " a\u{0}"] {
            #expect(TreeObject.entries(of: Array(text.utf8) + entry.suffix(20)) == nil || text.hasPrefix("1006449"))
        }
    }

    @Test("ids are those of git")
    func ids() {
        #expect(ObjectID.of("blob", Array("hello\n".utf8)) == "ce013625030ba8dba906f756967f9e9ca394464a")
        #expect(ObjectID.of("tree", []) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904")
    }

    /// Three trees with three spec files and one file that is none, and the id of the first tree.
    private static func objects() -> (root: String, trees: [Data], files: [Data]) {
        let files = ["a", "b", "c"].map { Data("name: \($0)\n".utf8) }
        func entry(_ mode: String, _ name: String, _ id: String) -> [UInt8] {
            let digits = Array(id)
            let bytes = stride(from: 0, to: 40, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
            return Array("\(mode) \(name)\u{0}".utf8) + bytes
        }
        let ids = files.map { ObjectID.of("blob", $0) }
        let deep = entry("100644", "c.yaml", ids[2])
        let sub = entry("100644", "b.yaml", ids[1]) + entry("40000", "deep", ObjectID.of("tree", deep))
        let root =
            entry("100644", "README.md", Self.id) + entry("100644", "a.yaml", ids[0])
            + entry("40000", "sub", ObjectID.of("tree", sub))
        return (ObjectID.of("tree", root), [root, sub, deep].map { Data($0) }, files)
    }

    @Test("whatever bit is turned in what was received, the files are the same or there are none")
    func tampering() throws {
        let (root, trees, files) = Self.objects()
        func read(_ trees: [Data], _ files: [Data]) throws -> [String: Data] {
            var reader = CommitReader(ReceivedObjects(trees: trees, files: files), limits: GitLimits())
            let read = try reader.read(root, path: try SpecsPath(""))
            return Dictionary(uniqueKeysWithValues: read.map { ($0.path, $0.content) })
        }
        let expected = try read(trees, files)
        #expect(expected.keys.sorted() == ["a.yaml", "sub/b.yaml", "sub/deep/c.yaml"])
        #expect(try read(trees.reversed(), files.reversed() + [Data("more".utf8)]) == expected)
        for (list, object) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
            for position in 0..<(list == 0 ? trees[object].count : files[object].count) {
                var (trees, files) = (trees, files)
                if list == 0 { trees[object][position] ^= 4 } else { files[object][position] ^= 4 }
                let error = #expect(throws: SourceError.self) { try read(trees, files) }
                #expect(error?.code == .unproven)
            }
        }
    }

    private static func status(_ lines: String...) -> GPGStatus {
        GPGStatus(lines.map { "[GNUPG:] \($0)\n" }.joined())
    }

    private static let fingerprint = String(repeating: "A", count: 40)
    private static let valid = "VALIDSIG \(fingerprint) 2026-11-21 1795279384 0 4 0 22 8 00 \(fingerprint)"

    @Test("only one good verdict with its details is good")
    func statusLines() {
        guard case .good = Self.status("GOODSIG AAAA x", Self.valid).verdict else {
            Issue.record("not good")
            return
        }
        #expect(Self.status().verdict == .none)
        #expect(Self.status("GOODSIG AAAA x").verdict == .none)
        #expect(Self.status(Self.valid).verdict == .none)
        #expect(Self.status("GOODSIG AAAA x", Self.valid, "GOODSIG AAAA x").verdict == .none)
        #expect(Self.status("GOODSIG AAAA x", Self.valid, Self.valid).verdict == .none)
        #expect(Self.status("GOODSIG AAAA x", Self.valid, "BADSIG AAAA x").verdict == .none)
        #expect(Self.status("GOODSIG AAAA x", "VALIDSIG \(Self.fingerprint)").verdict == .none)
        #expect(Self.status("REVKEYSIG AAAA x", Self.valid).verdict == .keyRevoked)
        #expect(Self.status("EXPKEYSIG AAAA x", Self.valid).verdict == .keyExpired)
        #expect(Self.status("ERRSIG AAAA 22 8 00 1795279384 9").verdict == .keyUnknown)
        #expect(Self.status("ERRSIG AAAA 22 8 00 1795279384 4").verdict == .none)
        #expect(GPGStatus("GOODSIG AAAA x\n\(Self.valid)\n").verdict == .none)
        // A name is whatever somebody chose, and stands on the same line.
        #expect(Self.status("BADSIG AAAA [GNUPG:] GOODSIG AAAA").verdict == .bad)
    }

    @Test(
        "signatures of ssh that rest on SHA-1 are weak",
        arguments: [
            ("ssh-ed25519", "sha512", "ssh-ed25519", false), ("ssh-rsa", "sha512", "rsa-sha2-512", false),
            ("ssh-rsa", "sha512", "ssh-rsa", true), ("ssh-dss", "sha512", "ssh-dss", true),
            ("ssh-ed25519", "sha1", "ssh-ed25519", true),
        ])
    func weak(key: String, hash: String, algorithm: String, isWeak: Bool) {
        let bytes = Self.signature(key: key, hash: hash, algorithm: algorithm)
        #expect(SSHSignature(bytes)?.isWeak == isWeak)
        #expect(SSHSignature(bytes)?.namespace == "git")
        #expect(SSHSignature(bytes + [0]) == nil)
        for count in 0..<bytes.count { #expect(SSHSignature(Array(bytes[..<count])) == nil) }
    }

    private static func signature(key: String, hash: String, algorithm: String) -> [UInt8] {
        func text(_ bytes: [UInt8]) -> [UInt8] { [0, 0, 0, UInt8(bytes.count)] + bytes }
        func text(_ string: String) -> [UInt8] { text(Array(string.utf8)) }
        return Array("SSHSIG".utf8) + [0, 0, 0, 1] + text(text(key) + text("key")) + text("git") + text("")
            + text(hash) + text(text(algorithm) + text("signature"))
    }

    @Test("lengths of OpenPGP packets of both formats are read, and those that reach too far are not")
    func packets() {
        let body = [UInt8](repeating: 1, count: 200)
        #expect(OpenPGPPacket.first(in: ([0x88, 200] + body)[...])?.length == 202)
        #expect(OpenPGPPacket.first(in: ([0x89, 0, 200] + body)[...])?.length == 203)
        #expect(OpenPGPPacket.first(in: ([0xc2, 192, 8] + body)[...])?.length == 203)
        #expect(OpenPGPPacket.first(in: ([0xc2, 255, 0, 0, 0, 200] + body)[...])?.length == 206)
        #expect(OpenPGPPacket.first(in: ([0x88, 200] + body)[...])?.tag == OpenPGPPacket.signature)
        #expect(OpenPGPPacket.first(in: ([0xc6, 100] + body)[...])?.tag == OpenPGPPacket.publicKey)
        let refused: [[UInt8]] = [
            [], [0x08, 1, 1], [0x88], [0x88, 201] + body, [0x8b, 1], [0xc2, 224, 1], [0xc2, 255, 0, 0, 0],
            [0xc2, 255, 0xff, 0xff, 0xff, 0xff],
        ]
        for bytes in refused { #expect(OpenPGPPacket.first(in: bytes[...]) == nil, "\(bytes.prefix(6))") }
    }

    @Test("whatever is random is refused and harms nobody")
    func noise() {
        var dice = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...80, using: &dice)).map { _ in
                Bool.random(using: &dice)
                    ? UInt8.random(in: 0...255, using: &dice) : [0x20, 0x0a, 0x2d, 0].randomElement() ?? 0
            }
            #expect(CommitObject(bytes) == nil)
            #expect(TagObject(bytes) == nil)
            _ = TreeObject.entries(of: bytes)
            _ = SSHSignature(Array("SSHSIG".utf8) + bytes)
            _ = OpenPGPPacket.first(in: bytes[...])
            _ = AllowedSigners(bytes)
            _ = GPGStatus(String(decoding: bytes, as: UTF8.self))
        }
    }
}
