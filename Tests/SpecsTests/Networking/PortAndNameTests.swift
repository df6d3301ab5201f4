import Specs
import Testing

@Suite("Ports")
struct PortRangeTests {
    @Test(
        "ports with their protocol",
        arguments: [
            ("443/tcp", "443/tcp"), ("53", "53/tcp"), ("53/udp", "53/udp"), ("9000-9010/tcp", "9000-9010/tcp"),
            ("1-65535/udp", "1-65535/udp"), ("80-80", "80/tcp"),
        ])
    func ports(text: String, canonical: String) throws {
        let range = try PortRange.parse(text)
        #expect(range.description == canonical)
        #expect(try PortRange.parse(canonical) == range)
    }

    @Test(
        "what is no port",
        arguments: [
            ("0", "'0' has the port 0 (ports are 1-65535)"),
            ("65536/tcp", "'65536/tcp' has the port 65536 (ports are 1-65535)"),
            ("9010-9000/tcp", "'9010-9000/tcp' ends before it begins (write 9000-9010/tcp)"),
            ("443/TCP", "'TCP' is not a protocol with ports (write tcp)"),
            ("443/icmp", "'icmp' is not a protocol with ports (write tcp or udp)"),
            ("https", "'https' is not a port (such as 443/tcp, 9000-9010/tcp or 53/udp)"),
            ("0443", "'0443' has a port with a leading zero (write 443)"),
            ("", "the port is empty (such as '443/tcp')"),
            ("1-2-3", "'1-2-3' is not a port (such as 443/tcp, 9000-9010/tcp or 53/udp)"),
            ("-1", "'-1' is not a port (such as 443/tcp, 9000-9010/tcp or 53/udp)"),
        ])
    func noPorts(text: String, message: String) {
        let said = error { _ = try PortRange.parse(text) }
        #expect(said == message)
    }

    @Test("ranges meet only within one protocol")
    func overlaps() throws {
        let range = try PortRange.parse("9000-9010/tcp")
        #expect(range.contains(9010, .tcp) && !range.contains(9011, .tcp) && !range.contains(9000, .udp))
        #expect(try range.overlaps(.parse("9010")) && !range.overlaps(.parse("9010/udp")))
    }
}

@Suite("Names in rules")
struct DNSPatternTests {
    @Test(
        "names are lower case and have no final dot",
        arguments: [
            ("pypi.org", "pypi.org"), ("PyPI.org.", "pypi.org"), ("*.Example.com", "*.example.com"),
            ("registry", "registry"),
            ("_sip._tcp.example.com", "_sip._tcp.example.com"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ])
    func names(text: String, canonical: String) throws {
        let pattern = try DNSPattern.parse(text)
        #expect(pattern.description == canonical)
        #expect(try DNSPattern.parse(canonical) == pattern)
    }

    @Test(
        "what is no name",
        arguments: [
            ("*", "'*' stands for every name (allow addresses instead, such as cidr 0.0.0.0/0)"),
            ("*.", "'*' stands for every name (allow addresses instead, such as cidr 0.0.0.0/0)"),
            (
                "a.*.com",
                "'a.*.com' has a star where none can be (only the whole first label can be one: *.example.com)"
            ),
            (
                "web*.example.com",
                "'web*.example.com' has a star where none can be (only the whole first label can be one: *.example.com)"
            ),
            ("10.0.0.1", "'10.0.0.1' is an address (addresses go under 'cidr')"),
            ("::1", "'::1' is an address (addresses go under 'cidr')"),
            ("10.0.0.0/8", "'10.0.0.0/8' is an address (addresses go under 'cidr')"),
            ("10.0.0.999", "'10.0.0.999' ends in a number, as addresses do (addresses go under 'cidr')"),
            ("https://pypi.org/simple", "'https://pypi.org/simple' is a URL (write its host, pypi.org)"),
            ("pypi.org:443", "'pypi.org:443' has a port (write pypi.org, and the port under 'ports')"),
            (
                "bücher.example",
                "'bücher.example' has letters that DNS does not have (write its ASCII form, which begins with xn--)"
            ),
            ("a..b", "'a..b' has an empty label"), ("", "the name is empty (such as 'pypi.org')"),
            ("-a.com", "'-a.com' has the label '-a' (labels are a-z, 0-9, '-' and '_', with no '-' at the ends)"),
            ("a b.com", "'a b.com' has the label 'a b' (labels are a-z, 0-9, '-' and '_', with no '-' at the ends)"),
        ])
    func noNames(text: String, message: String) {
        let said = error { _ = try DNSPattern.parse(text) }
        #expect(said == message)
    }

    @Test(
        "a wildcard stands for what is below it, at any depth",
        arguments: [
            ("*.example.com", "a.example.com", true), ("*.example.com", "A.B.Example.com.", true),
            ("*.example.com", "example.com", false), ("*.example.com", ".example.com", false),
            ("*.example.com", "badexample.com", false), ("pypi.org", "PYPI.org.", true),
            ("pypi.org", "a.pypi.org", false),
        ])
    func matches(pattern: String, host: String, expected: Bool) throws {
        #expect(try DNSPattern.parse(pattern).matches(host) == expected)
    }

    @Test("a wildcard takes in narrower ones")
    func contains() throws {
        let wide = try DNSPattern.parse("*.example.com")
        #expect(try wide.contains(.parse("*.a.example.com")) && wide.contains(.parse("a.example.com")))
        #expect(try !wide.contains(.parse("example.com")) && wide.contains(wide))
        #expect(try !DNSPattern.parse("example.com").contains(wide))
    }

    @Test("longer than DNS can carry")
    func long() {
        let label = String(repeating: "a", count: 63)
        #expect(throws: InvalidText.self) { try DNSPattern.parse("\(label)a.com") }
        #expect(throws: InvalidText.self) { try DNSPattern.parse([label, label, label, label].joined(separator: ".")) }
    }
}
