import ReconcileTesting
import Specs
import Testing

@testable import NameFilter

struct GrantQueueTests {
    private static func grant(_ number: UInt32, _ bridge: String = "br0", _ seconds: Int64 = 60) -> AddressGrant {
        AddressGrant(bridge: bridge, address: .v4(0x9765_0000 + number), ports: [], lifetime: .seconds(seconds))
    }

    @Test("many at once share a few transactions, and each is in when its call returns")
    func shared() async throws {
        let sets = MemoryAddressSets()
        sets.setDelay(.milliseconds(20))
        let queue = GrantQueue(sets)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let grant = Self.grant(UInt32(number))
                    try await queue.add([grant])
                    #expect(sets.addresses(of: "br0").contains(grant.address))
                }
            }
            try await group.waitForAll()
        }
        #expect(sets.transactions <= 20)
        #expect(sets.addresses(of: "br0").count == 200)
    }

    @Test("a bridge that is gone fails alone")
    func oneFails() async throws {
        let sets = MemoryAddressSets()
        sets.setDelay(.milliseconds(20))
        sets.setFailure(AddressSetsError(.absent, "no such set"), of: "gone")
        let queue = GrantQueue(sets)
        let outcomes = await withTaskGroup(of: (String, Bool).self) { group in
            for number in 0..<30 {
                let bridge = number % 3 == 0 ? "gone" : "br\(number % 3)"
                group.addTask {
                    do throws(AddressSetsError) {
                        try await queue.add([Self.grant(UInt32(number), bridge)])
                        return (bridge, true)
                    } catch {
                        return (bridge, false)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.allSatisfy { $0.1 == ($0.0 != "gone") })
    }

    @Test("what is added and then removed is out, what is removed and then added is in")
    func order() async throws {
        let sets = MemoryAddressSets()
        let queue = GrantQueue(sets)
        for _ in 0..<50 {
            try await queue.add([Self.grant(1)])
            try await queue.remove([Self.grant(1)])
            #expect(sets.addresses(of: "br0").isEmpty)
            try await queue.add([Self.grant(1)])
            #expect(sets.addresses(of: "br0").count == 1)
        }
    }

    @Test("the longest lifetime of one address counts")
    func longest() async throws {
        let sets = MemoryAddressSets()
        let queue = GrantQueue(sets)
        try await queue.add([Self.grant(1, "br0", 600), Self.grant(1, "br0", 60)])
        #expect(try #require(sets.lifetime(of: Self.grant(1).address, bridge: "br0")) > .seconds(500))
    }
}
