import FoundationEssentials
import Reconciler
import Specs
import Testing

@testable import Drivers

/// Folders of members on the host, without an engine.
struct MemberFoldersTests {
    private func with(_ body: (ClaimPlace, MemberFolders) throws -> Void) throws {
        let place = try ClaimPlace()
        defer { place.remove() }
        try body(place, place.members)
    }

    private func binding(_ claim: Claim) -> ClaimBinding {
        let mark = OwnershipMark.Member(slot: 0, incarnation: 1, recreateHash: "")
        let container = ObservedContainer(
            id: "1", name: "a-0-1", mark: OwnershipMark(owner: "me", object: claim.pool, member: mark), member: mark,
            imageID: "", status: .running)
        return ClaimBinding(claim: claim, container: ContainerReference(container))
    }

    @Test("both folders are made, the one on the disk for root alone")
    func makes() throws {
        try with { place, members in
            for wasThere in [false, true] {
                let made = try members.make("a-0-1", root: place.root)
                #expect(made.folder == place.folder("a-0-1") && made.wasThere == wasThere)
            }
            #expect(place.mode(place.state.path + "/members") == 0o700)
            #expect(place.mode(place.state.path + "/members/a-0-1") == 0o700)
            #expect(place.mode(place.root + "/members") == 0o700)
            #expect(place.mode(place.folder("a-0-1")) == 0o755)
        }
    }

    @Test("a place that is not in memory is refused")
    func notInMemory() throws {
        let place = try ClaimPlace()
        defer { place.remove() }
        // The control group and device file systems are no places for it either.
        for root in ["/proc/reconcile", "/sys/reconcile"] {
            #expect(ClaimRoot.trouble(with: root)?.contains("tmpfs") == true)
            #expect(throws: DriverError.self) { try place.members.make("a-0-1", root: root) }
        }
        #expect(ClaimRoot.trouble(with: place.root) == nil)
    }

    @Test("names that lead elsewhere are refused", arguments: ["", ".", "..", "a/b", "/a", "a\0b"])
    func names(name: String) throws {
        try with { place, members in
            #expect(throws: DriverError.self) { try members.make(name, root: place.root) }
            let taking = try members.take(name, for: .sample(1, container: name))
            #expect(taking == .missing)
            #expect(!ClaimContent.isPlain(name))
        }
    }

    @Test("of many claims at once one has the member")
    func onlyOne() async throws {
        let place = try ClaimPlace()
        defer { place.remove() }
        _ = try place.members.make("a-0-1", root: place.root)
        let members = place.members
        let outcomes = try await withThrowingTaskGroup { group in
            for number in 1...32 as ClosedRange<UInt64> {
                group.addTask { try members.take("a-0-1", for: .sample(number, container: "a-0-1")) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .ours }.count == 1)
        let holder = try #require(try members.claims().first)
        #expect(outcomes.allSatisfy { $0 == .ours || $0 == .theirs(holder.id) })
        #expect(try members.take("a-0-1", for: holder) == .ours)
        await members.disk.finish()
    }

    @Test("a claim file that is empty, as after a loss of power, is nobody's and stays so")
    func emptyFile() throws {
        try with { place, members in
            _ = try members.make("a-0-1", root: place.root)
            try place.state.write("", to: "members/a-0-1/claim.json")
            #expect(try members.take("a-0-1", for: .sample(1, container: "a-0-1")) == .theirs(nil))
            #expect(try members.claims().isEmpty)
        }
    }

    @Test("a member finds its variables, its files, and last its claim, and can write none of them")
    func shows() throws {
        try with { place, members in
            let (folder, _) = try members.make("a-0-1", root: place.root)
            var binding = binding(.sample(1, container: "a-0-1"))
            binding.environment = ["A": "it's", "B": "1\n2", "not.shell": "x"]
            binding.files = [ClaimRequest.File(name: "key", bytes: Array("secret".utf8))]
            for _ in 0..<2 { try members.show(binding, to: "a-0-1") }
            #expect(place.text(folder + "/env") == "A='it'\\''s'\nB='1\n2'\n")
            #expect(place.text(folder + "/env.json") == #"{"A":"it's","B":"1\n2","not.shell":"x"}"#)
            #expect(place.text(folder + "/files/key") == "secret")
            #expect(
                place.text(folder + "/claim.json")
                    == #"{"expires":"1970-01-12T13:47:40Z","holder":"alice","id":"c-0000000000000001","#
                    + #""labels":{"tenant_id":"t1"},"pool":"agents"}"#)
            for name in ["env", "env.json", "files/key", "claim.json"] {
                #expect(place.mode("\(folder)/\(name)") == 0o444)
            }
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                    == ["claim.json", "env", "env.json", "files"])
        }
    }

    @Test("content that cannot be is refused, and nothing is shown of it", arguments: Refused.all)
    func refuses(_ c: Refused) throws {
        try with { place, members in
            let (folder, _) = try members.make("a-0-1", root: place.root)
            var binding = binding(.sample(1, container: "a-0-1"))
            (binding.environment, binding.files) = (c.environment, c.files)
            #expect(throws: DriverError.self) { try members.show(binding, to: "a-0-1") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    struct Refused: Sendable {
        var environment: [String: String] = [:]
        var files: [ClaimRequest.File] = []

        static let all = [
            Refused(environment: ["A=B": "x"]), Refused(environment: ["": "x"]), Refused(environment: ["A\nB": "x"]),
            Refused(environment: ["A": "x\0"]), Refused(files: [.init(name: "../x", bytes: [])]),
            Refused(files: [.init(name: "..", bytes: [])]),
            Refused(files: [.init(name: "a", bytes: []), .init(name: "a", bytes: [])]),
            Refused(files: [.init(name: "a", bytes: [UInt8](repeating: 0, count: ClaimRequest.largestContent + 1))]),
        ]
    }

    @Test("links that a container has put in place of our files lead nowhere")
    func links() throws {
        try with { place, members in
            let (folder, _) = try members.make("a-0-1", root: place.root)
            let target = place.state.path + "/target"
            try place.state.write("old", to: "target")
            try FileManager.default.createDirectory(
                atPath: place.state.path + "/files", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: folder + "/env", withDestinationPath: target)
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/files", withDestinationPath: place.state.path + "/files")
            var binding = binding(.sample(1, container: "a-0-1"))
            binding.files = [ClaimRequest.File(name: "x", bytes: [1])]
            #expect(throws: DriverError.self) { try members.show(binding, to: "a-0-1") }
            #expect(place.text(target) == "old")
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.state.path + "/files").isEmpty)
            try members.remove("a-0-1")
            #expect(place.text(target) == "old")
        }
    }

    @Test("another member takes over what came with a claim, and only with that claim")
    func inherits() throws {
        try with { place, members in
            for name in ["a-0-1", "a-1-1"] { _ = try members.make(name, root: place.root) }
            let files = [ClaimRequest.File(name: "key", bytes: [1, 2])]
            var first = binding(.sample(1, container: "a-0-1", environment: ["A": "1"], files: files))
            (first.environment, first.files) = (["A": "1"], files)
            try members.show(first, to: "a-0-1")

            var heir = binding(first.claim)
            heir.heir = "a-0-1"
            var other = heir
            other.claim.id = ClaimID(number: 2)
            #expect(throws: DriverError.self) { try members.show(other, to: "a-1-1") }
            try members.show(heir, to: "a-1-1")
            #expect(place.text(place.folder("a-1-1") + "/env") == "A='1'\n")
            #expect(place.text(place.folder("a-1-1") + "/files/key") == "\u{1}\u{2}")
            // Once it has everything, the lost one may go.
            try members.remove("a-0-1")
            try members.show(heir, to: "a-1-1")
            #expect(place.text(place.folder("a-1-1") + "/env") == "A='1'\n")
        }
    }

    @Test("what came with a claim and is gone is said to be gone")
    func nothingToTakeOver() throws {
        try with { place, members in
            _ = try members.make("a-1-1", root: place.root)
            var heir = binding(.sample(1, container: "a-0-1", environment: ["A": "1"]))
            heir.heir = "a-0-1"
            #expect { try members.show(heir, to: "a-1-1") } throws: { ($0 as? DriverError)?.code == .notFound }
            var plain = binding(.sample(1, container: "a-0-1"))
            plain.heir = "a-0-1"
            try members.show(plain, to: "a-1-1")
        }
    }

    @Test("a renewal is written down for its own claim alone")
    func rewrites() throws {
        try with { place, members in
            let (folder, _) = try members.make("a-0-1", root: place.root)
            var claim = Claim.sample(1, container: "a-0-1")
            #expect(try !members.rewrite("a-0-1", for: claim))
            #expect(try members.take("a-0-1", for: claim) == .ours)
            claim.expires = Instant(secondsSince1970: 1_000_120)
            #expect(try members.rewrite("a-0-1", for: claim))
            #expect(try members.claims() == [claim])
            #expect(place.text(folder + "/claim.json")?.contains("13:48:40") == true)
            #expect(try !members.rewrite("a-0-1", for: .sample(2, container: "a-0-1")))
        }
    }

    @Test("a folder that the machine has lost with its power is made anew")
    func revives() throws {
        try with { place, members in
            let (folder, _) = try members.make("a-0-1", root: place.root)
            try FileManager.default.removeItem(atPath: place.root)
            #expect(members.identity("a-0-1") == nil)
            try members.revive("a-0-1")
            #expect(members.identity("a-0-1") == FolderIdentity(of: folder))
            try members.revive("b-0-1")
            #expect(members.identity("b-0-1") == nil)
        }
    }

    @Test("only folders that nobody needs are swept, and only of ours")
    func sweeps() throws {
        try with { place, members in
            for name in ["a-0-1", "a-1-1", "a-2-1"] { _ = try members.make(name, root: place.root) }
            let foreign = place.folder("other-0-1")
            try FileManager.default.createDirectory(atPath: foreign, withIntermediateDirectories: true)
            #expect(try members.sweep(keeping: ["a-0-1"], idle: .seconds(3600)).isEmpty)
            #expect(try members.sweep(keeping: ["a-0-1"], idle: .zero) == ["a-1-1", "a-2-1"])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: place.root + "/members").sorted()
                    == ["a-0-1", "other-0-1"])
        }
    }
}
