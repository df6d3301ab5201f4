import Foundation
import Logging
import NameFilter
import ReconcileTesting
import Specs
import Testing

/// The filter before the sets of a real kernel.
@Suite(
    .enabled(if: geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/sbin/nft"), "needs root and nft"))
struct KernelSetsTests {
    /// Two ways to the same sets.
    enum Way: CaseIterable, Sendable { case nft, netlink }

    /// Every name has an address of its own.
    private static let script: ScriptedNameServer.Script = { question in
        let number = UInt16(question.name.prefix { $0 != "." }.dropFirst()) ?? 0
        return question.answer([.a(question.name, 93, 184, UInt8(number >> 8), UInt8(number & 0xFF))])
    }

    private static func with(
        _ way: Way, size: Int = 65_536,
        _ body: (FilterServer, NamespacedAddressSets, UInt16) async throws -> Void
    ) async throws {
        try await ScriptedNameServer.with(script) { upstream in
            try await NamespacedAddressSets.with(bridges: ["br0"], size: size) { sets in
                let ways: [Way: any AddressSets] = [.nft: sets, .netlink: sets.overNetlink]
                let server = FilterServer(
                    sets: ways[way] ?? sets, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                await server.apply(.of(NameRule("*.example.com"), upstream: upstream.port))
                #expect(await eventually { await server.isListening })
                let listener = Listener(bridge: "br0", address: .of("127.0.0.1"), port: 0)
                try await body(server, sets, await server.port(of: listener) ?? 0)
                await server.stop()
            }
        }
    }

    private static func ask(_ number: Int, _ port: UInt16) async throws -> NameReply? {
        try await NameClient.ask(NameMessage.query("n\(number).example.com"), port: port)
    }

    @Test("when a reply arrives, the kernel has its address already", arguments: Way.allCases)
    func order(way: Way) async throws {
        try await Self.with(way) { _, sets, port async throws in
            for number in 0..<20 {
                let reply = try await Self.ask(number, port)
                #expect(reply?.addresses == ["93.184.0.\(number)"])
                #expect(try await sets.contains(.of("93.184.0.\(number)"), bridge: "br0"))
            }
            #expect(try await !sets.contains(.of("93.184.0.200"), bridge: "br0"))
        }
    }

    @Test("a hundred first answers at once share a few transactions", arguments: Way.allCases)
    func together(way: Way) async throws {
        try await Self.with(way) { server, sets, port async throws in
            let before = sets.transactions
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let reply = try? await Self.ask(number, port)
                        #expect(reply?.addresses == ["93.184.0.\(number)"])
                        let isIn = try? await sets.contains(.of("93.184.0.\(number)"), bridge: "br0")
                        #expect(isIn == true)
                    }
                }
            }
            if way == .nft { #expect(sets.transactions - before < 50) }
            #expect(server.engine.grants(of: "br0").count == 100)
        }
    }

    @Test("a full set is an error to the client and one that has a name", arguments: Way.allCases)
    func full(way: Way) async throws {
        try await Self.with(way, size: 4) { server, _, port async throws in
            for number in 0..<4 { #expect(try await Self.ask(number, port)?.code == 0) }
            #expect(try await Self.ask(5, port)?.code == 2)
            #expect(server.engine.figures.outcomes[.setFull] == 1)
            #expect(try await Self.ask(2, port)?.code == 0)
        }
    }

    @Test(
        "names that are not allowed any more leave the kernel's set, and emptied sets are filled again",
        arguments: Way.allCases)
    func changes(way: Way) async throws {
        try await Self.with(way) { server, sets, port async throws in
            let (first, second) = (IPAddress.of("93.184.0.1"), IPAddress.of("93.184.0.2"))
            for number in 1...2 { #expect(try await Self.ask(number, port)?.code == 0) }
            var configuration = server.engine.configuration
            configuration.bridges[0].rules = [NameRule("n2.example.com")]
            await server.apply(configuration)
            #expect(try await !sets.contains(first, bridge: "br0"))
            #expect(try await sets.contains(second, bridge: "br0"))

            try await sets.flush(bridge: "br0")
            let open = server.engine.grants(of: "br0")
            #expect(open.map(\.address) == [second])
            server.engine.forgetGrants(of: "br0")
            #expect(try await Self.ask(2, port)?.code == 0)
            #expect(try await sets.contains(second, bridge: "br0"))
        }
    }
}
