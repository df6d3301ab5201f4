import Specs
import Testing

@Suite("Addresses and ranges")
struct AddressTests {
    @Test(
        "an address has one spelling",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
            ("::1", "::1"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("fe80::", "fe80::"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("1::8", "1::8"),
        ])
    func addresses(text: String, canonical: String) throws {
        #expect(try IPAddress.parse(text).description == canonical)
    }

    @Test(
        "what is no address",
        arguments: [
            ("1.2.3.999", "'1.2.3.999' has the number 999 (the numbers of an address are 0-255)"),
            ("1.2.3", "'1.2.3' is not an IPv4 address (it has four numbers, such as 192.0.2.1)"),
            ("010.0.0.1", "'010.0.0.1' has a number with a leading zero (write 10 for 010)"),
            ("1.2.3.4.5", "'1.2.3.4.5' is not an IPv4 address (it has four numbers, such as 192.0.2.1)"),
            ("example.com", "'example.com' is a name, not an address (names go under 'dns')"),
            ("fe80::1%eth0", "'fe80::1%eth0' names an interface (leave out '%' and what follows)"),
            ("[::1]", "'[::1]' has brackets (leave them out)"),
            (":::", "':::' is not an IPv6 address (such as 2001:db8::1)"),
            ("1::2::3", "'1::2::3' is not an IPv6 address (such as 2001:db8::1)"),
            ("1:2:3:4:5:6:7:8:9", "'1:2:3:4:5:6:7:8:9' is not an IPv6 address (such as 2001:db8::1)"),
            ("1:2:3:4:5:6:7", "'1:2:3:4:5:6:7' is not an IPv6 address (such as 2001:db8::1)"),
            ("12345::", "'12345::' is not an IPv6 address (such as 2001:db8::1)"),
            ("::1.2.3.999", "'::1.2.3.999' is not an IPv6 address (such as 2001:db8::1)"),
            ("1.2.3.4::", "'1.2.3.4::' is not an IPv6 address (such as 2001:db8::1)"),
            ("1:2:3:4:5:6:7::8", "'1:2:3:4:5:6:7::8' is not an IPv6 address (such as 2001:db8::1)"),
            ("", "the address is empty (such as '192.0.2.1')"),
        ])
    func noAddress(text: String, message: String) {
        // RFC 4291 lets `::` stand for one group, so eight groups with it are one too many.
        let said = error { _ = try IPAddress.parse(text) }
        #expect(said == message)
    }

    @Test("every address reads back as itself")
    func roundTrip() throws {
        var numbers = SeededNumbers(5952)
        for _ in 0..<4_000 {
            var bits: UInt128 = 0
            for _ in 0..<8 {
                let group: UInt16 = Bool.random(using: &numbers) ? 0 : .random(in: 0...0xFFFF, using: &numbers)
                bits = bits << 16 | UInt128(group)
            }
            let six = IPAddress.v6(bits)
            #expect(try IPAddress.parse(six.description) == six)
            let four = IPAddress.v4(UInt32(truncatingIfNeeded: bits))
            #expect(try IPAddress.parse(four.description) == four)
            let range = CIDR(networkOf: six, prefix: .random(in: 0...128, using: &numbers))
            #expect(try CIDR.parse(range.description) == range)
            #expect(range.contains(six) && range.contains(range))
            // `::ffff:a.b.c.d` is IPv4's, also where it is the last address of a wider range of IPv6.
            #expect(range.contains(range.last) != (range.last.unmapped != range.last && range.prefix < 96))
        }
    }

    @Test(
        "what is no range",
        arguments: [
            ("10.20.0.5/16", "'10.20.0.5/16' has bits set behind its prefix (the network is 10.20.0.0/16)"),
            ("fd00::1/8", "'fd00::1/8' has bits set behind its prefix (the network is fd00::/8)"),
            ("10.0.0.1", "'10.0.0.1' has no prefix length (one address is 10.0.0.1/32)"),
            ("::1", "'::1' has no prefix length (one address is ::1/128)"),
            ("10.0.0.0/33", "'10.0.0.0/33' has the prefix length '33' (write 0-32)"),
            ("10.0.0.0/08", "'10.0.0.0/08' has a prefix length with a leading zero (write 8)"),
            ("10.0.0.0/", "'10.0.0.0/' has the prefix length '' (write 0-32)"),
            ("10.0.0.0/255.0.0.0", "'10.0.0.0/255.0.0.0' has a mask (write 10.0.0.0/8)"),
            ("10.0.0.0/255.0.255.0", "'10.0.0.0/255.0.255.0' has a mask (write the number of its bits)"),
            ("pypi.org/24", "'pypi.org' is a name, not an address (names go under 'dns')"),
            ("10/8", "'10' is not an IPv4 address (it has four numbers, such as 192.0.2.1)"),
            ("1.2.3.999/32", "'1.2.3.999' has the number 999 (the numbers of an address are 0-255)"),
            ("1.2.3.4/8/8", "'1.2.3.4/8/8' is not a range of addresses (such as 10.20.0.0/16)"),
        ])
    func noRange(text: String, message: String) {
        let said = error { _ = try CIDR.parse(text) }
        #expect(said == message)
    }

    @Test(
        "one range holds another, or part of it",
        arguments: [
            ("10.0.0.0/8", "10.20.0.0/16", true, true), ("10.20.0.0/16", "10.0.0.0/8", false, true),
            ("10.0.0.0/8", "11.0.0.0/8", false, false), ("0.0.0.0/0", "1.2.3.4/32", true, true),
            ("0.0.0.0/0", "::/0", false, false), ("::/0", "::1/128", true, true),
            ("10.0.0.0/8", "::ffff:10.1.0.0/112", true, true), ("::ffff:0.0.0.0/96", "10.0.0.0/8", true, true),
            ("::/80", "::ffff:255.255.255.255/128", false, false), ("::/80", "::fffe:ffff:ffff/128", true, true),
            ("::/0", "::ffff:0.0.0.0/96", false, false),
        ])
    func holds(outer: String, inner: String, contains: Bool, overlaps: Bool) throws {
        let (a, b) = (try CIDR.parse(outer), try CIDR.parse(inner))
        #expect(a.contains(b) == contains)
        #expect(a.overlaps(b) == overlaps)
        #expect(b.overlaps(a) == overlaps)
    }
}

@Suite("Ranges that egress does not reach")
struct BlockedRangesTests {
    @Test(
        "the range that holds it says why",
        arguments: [
            ("169.254.169.254/32", "metadata"), ("169.254.0.0/16", "linkLocal"), ("169.254.169.0/24", "linkLocal"),
            ("10.20.0.0/16", "private"), ("100.64.0.0/10", "private"), ("fd00::/8", "private"), ("::1/128", "loopback"),
            ("127.0.0.0/8", "loopback"), ("::ffff:169.254.169.254/128", "metadata"),
            ("64:ff9b::a00:0/104", "translation"),
            ("2002:a00::/24", "translation"), ("224.0.0.0/4", "notUnicast"), ("168.63.129.16/32", "metadata"),
            ("fd00:ec2::254/128", "metadata"), ("8.8.8.0/24", nil), ("0.0.0.0/0", nil), ("2606:4700::/32", nil),
        ] as [(String, String?)])
    func containing(text: String, expected: String?) throws {
        #expect(BlockedRanges.containing(try CIDR.parse(text))?.class.rawValue == expected)
    }

    @Test("a range around blocked ones names all of them")
    func overlap() throws {
        let names = BlockedRanges.overlap(try CIDR.parse("192.0.0.0/8")).map(\.range.description)
        #expect(names == ["192.0.0.192/32", "192.168.0.0/16", "192.88.99.0/24", "192.0.0.0/24", "192.0.2.0/24"])
        #expect(BlockedRanges.overlap(try CIDR.parse("8.0.0.0/8")) == [])
        let address = try IPAddress.parse("::ffff:100.100.100.200")
        #expect(BlockedRanges.containing(address)?.name == "metadata service of Alibaba Cloud")
    }

    @Test("only private ranges can be opened")
    func yields() {
        #expect(BlockedRange.Class.allCases.filter(\.yieldsToAllowPrivate) == [.private])
        #expect(Set(BlockedRanges.all.map(\.range)).count == BlockedRanges.all.count)
    }
}
