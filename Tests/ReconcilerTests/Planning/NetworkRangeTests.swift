import Reconciler
import Testing

struct NetworkRangeTests {
    @Test(
        "a subnet is read from CIDR notation",
        arguments: [("10.0.0.0/8", "10.0.0.0/8"), ("0.0.0.0/0", "0.0.0.0/0"), ("192.168.1.255/32", "192.168.1.255/32")])
    func reads(text: String, expected: String) { #expect(IPv4Subnet(text)?.description == expected) }

    @Test(
        "anything else is refused",
        arguments: [
            "", "10.0.0.0", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0.0/8", "256.0.0.0/8",
            "10.0.0.1/8", "a.b.c.d/8", "10.0.0.0/8/8", "fd00::/64", "10..0.0/8",
        ])
    func refuses(text: String) { #expect(IPv4Subnet(text) == nil) }

    @Test(
        "two subnets overlap when one holds the other",
        arguments: [
            ("10.0.0.0/8", "10.1.0.0/16", true), ("10.1.0.0/16", "10.0.0.0/8", true),
            ("10.0.0.0/9", "10.128.0.0/9", false),
            ("0.0.0.0/0", "1.2.3.4/32", true), ("10.0.0.0/24", "10.0.0.0/24", true),
            ("10.0.0.0/24", "10.0.1.0/24", false),
        ])
    func overlaps(a: String, b: String, expected: Bool) throws {
        #expect(try #require(IPv4Subnet(a)).overlaps(try #require(IPv4Subnet(b))) == expected)
    }

    @Test("the default range is 10.224.0.0/14, cut into 256 subnets")
    func defaultRange() {
        #expect(NetworkRange.default.range.description == "10.224.0.0/14")
        #expect(NetworkRange.default.count == 256)
    }

    @Test("the preferred place comes first, then the ones after it, then around")
    func wrapsAround() throws {
        let range = NetworkRange(range: try #require(IPv4Subnet("10.0.0.0/22")), subnetPrefix: 24)
        #expect(range.count == 4)
        var taken: [IPv4Subnet] = []
        var order: [String] = []
        while let free = range.freeSubnet(preferring: 6, taken: taken) {
            order.append(free.description)
            taken.append(free)
        }
        #expect(order == ["10.0.2.0/24", "10.0.3.0/24", "10.0.0.0/24", "10.0.1.0/24"])
    }

    @Test("a range that is smaller than its subnets holds none")
    func tooSmall() throws {
        let range = NetworkRange(range: try #require(IPv4Subnet("10.0.0.0/24")), subnetPrefix: 22)
        #expect(range.freeSubnet(preferring: 0, taken: []) == nil)
    }

    @Test("the whole address space can be cut up")
    func wholeSpace() throws {
        let range = NetworkRange(range: try #require(IPv4Subnet("0.0.0.0/0")), subnetPrefix: 8)
        #expect(range.freeSubnet(preferring: 255, taken: [])?.description == "255.0.0.0/8")
    }
}
