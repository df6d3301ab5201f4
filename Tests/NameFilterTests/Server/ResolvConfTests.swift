import NameFilter
import Testing

struct ResolvConfTests {
    struct Case: Sendable {
        var text: String
        var servers: [String]
    }

    @Test(
        "name servers are read as libc reads them",
        arguments: [
            Case(text: "", servers: []),
            Case(text: "nameserver 192.0.2.53\n", servers: ["192.0.2.53:53"]),
            Case(text: "# nameserver 192.0.2.1\nnameserver\t192.0.2.2 # here\r\n", servers: ["192.0.2.2:53"]),
            Case(text: "nameserver 2001:db8::53\nsearch a b\n", servers: ["[2001:db8::53]:53"]),
            Case(text: "nameserver fe80::1%eth0\nnameserver x\nnameserver 127.0.0.53", servers: ["127.0.0.53:53"]),
            Case(
                text: (1...5).map { "nameserver 192.0.2.\($0)" }.joined(separator: "\n"),
                servers: ["192.0.2.1:53", "192.0.2.2:53", "192.0.2.3:53"]),
        ])
    func parse(_ c: Case) {
        #expect(ServerAddress.parse(resolvConf: c.text).map(\.description) == c.servers)
    }
}
