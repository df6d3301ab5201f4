import Foundation
import ReconcileTesting
import Testing

@testable import Drivers

@Suite("What a host and its engine say about themselves")
struct InspectionTests {
    @Test(
        "the backend of iptables is what it says, and the legacy one where it says nothing",
        arguments: [
            ("iptables v1.8.9 (nf_tables)\n", "1.8.9", FirewallInspection.Backend.nft),
            ("iptables v1.8.10 (legacy)\n", "1.8.10", .legacy), ("iptables v1.6.1\n", "1.6.1", .legacy),
        ])
    func iptables(said: String, version: String, backend: FirewallInspection.Backend) {
        let found = FirewallInspection.version(said)
        #expect(found.0 == version && found.1 == backend)
    }

    @Test("what is no version is none")
    func nonsense() { #expect(FirewallInspection.version("command not found") == (nil, nil)) }

    @Test("rules are counted, chains and comments are not")
    func rules() {
        let listing = "# Generated\n*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\n-A DOCKER -j DROP\nCOMMIT\n"
        #expect(FirewallInspection.rules(in: listing) == 2)
    }

    @Test(
        "both filters with rules are a mix; one alone is none", arguments: [(1, 1, true), (0, 3, false), (3, 0, false)])
    func mixed(legacy: Int, nft: Int, isMixed: Bool) {
        var facts = FirewallInspection()
        (facts.legacyRules, facts.nftRules) = (legacy, nft)
        #expect(facts.isMixed == isMixed)
    }

    @Test("effective capabilities are read from the process")
    func capabilities() {
        #expect(HostInspection.capabilities(in: "Name:\tx\nCapPrm:\t00\nCapEff:\t0000000000081000\n") == 0x81000)
        #expect(HostInspection.capabilities(in: nil) == nil)
    }

    @Test("of the controllers of version 1, those that are on")
    func controllers() {
        let table = "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t1\nmemory\t0\t1\t0\npids\t8\t1\t1\n"
        #expect(HostInspection.controllers(in: table) == ["cpu", "pids"])
    }

    @Test(
        "a path is on the mount that is nearest above it, and on the last of two on one place",
        arguments: [
            ("/var/lib/reconcile", "nfs4"), ("/var/lib", "nfs4"), ("/var/library", "ext4"), ("/", "ext4"),
            ("/tmp/a b/c", "tmpfs"), ("/srv", "xfs"),
        ])
    func mounts(path: String, kind: String) {
        let table = """
            22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
            30 22 0:40 / /var/lib rw - nfs4 server:/x rw
            31 22 0:41 / /tmp/a\\040b rw shared:9 master:1 - tmpfs tmpfs rw
            32 22 8:2 / /srv rw - btrfs /dev/sdb rw
            33 32 8:3 / /srv rw - xfs /dev/sdc rw
            nonsense
            """
        #expect(FolderInspection.fileSystem(of: path, in: table) == kind)
    }

    @Test("a folder that is not there is judged by the one above it, and nothing is made")
    func missingFolder() throws {
        let base = FileManager.default.temporaryDirectory.appending(path: "inspection-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: base) }
        let facts = FolderInspection.look(at: base + "/a/b/c")
        #expect(!facts.exists && facts.isFolder && facts.isWritable)
        #expect(facts.free ?? 0 > 0 && facts.fileSystem != nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: base) == [])
    }

    @Test("the time of a web server is read, and nothing else is taken for one")
    func serverTime() {
        #expect(ServerClock.date("Sun, 06 Nov 1994 08:49:37 GMT") == Date(timeIntervalSince1970: 784_111_777))
        for text in ["", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"] {
            #expect(ServerClock.date(text) == nil)
        }
    }

    @Test("a web server's clock is compared with ours; one that says nothing is no witness")
    func serverClock() async throws {
        func offset(_ response: String?) async throws -> Duration? {
            try await CannedServer.with(response: response) { port in
                await ServerClock.offset(of: "http://127.0.0.1:\(port)/", deadline: .milliseconds(500))
            }
        }
        let head = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n"
        let past = try #require(try await offset(head + "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"))
        #expect(past < .seconds(-365 * 86_400))
        let future = try #require(try await offset(head + "Date: Sun, 06 Nov 2094 08:49:37 GMT\r\n\r\n"))
        #expect(future > .seconds(365 * 86_400))
        #expect(try await offset(head + "\r\n") == nil)
        #expect(try await offset(nil) == nil, "it accepts and stays silent")
    }

    @Test("the engine's clock is ahead or behind by what the question did not take")
    func engineTime() throws {
        func info(_ time: String) throws -> EngineInfo {
            try JSONDecoder().decode(EngineInfo.self, from: Data("{\"SystemTime\": \"\(time)\"}".utf8))
        }
        let asked = Date(timeIntervalSince1970: 1_000)
        let answered = Date(timeIntervalSince1970: 1_002)
        let offsets = try ["1970-01-01T00:16:41Z", "1970-01-01T00:17:02Z", "1970-01-01T00:16:30Z"].map {
            try info($0).offset(asked: asked, answered: answered)
        }
        #expect(offsets == [.zero, .seconds(20), .seconds(-10)])
        #expect(
            try info("2026-11-21T17:06:46.540460088Z").offset(asked: asked, answered: answered) != nil, "nanoseconds")
        #expect(try info("soon").offset(asked: asked, answered: answered) == nil)
    }

    @Test("security options are read in both of their spellings")
    func security() throws {
        let json = #"{"SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"]}"#
        let info = try JSONDecoder().decode(EngineInfo.self, from: Data(json.utf8))
        #expect(info.securityFeatures == ["seccomp", "rootless", "cgroupns"])
    }
}
