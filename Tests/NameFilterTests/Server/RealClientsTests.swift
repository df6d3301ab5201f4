import Foundation
import Logging
import NameFilter
import ReconcileTesting
import Specs
import Testing

/// Resolvers that people have: libc's, and `dig`.
@Suite(
    .enabled(if: geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/dig"), "needs root and dig"))
struct RealClientsTests {
    private static let script: ScriptedNameServer.Script = { question in
        switch (question.name, question.type) {
        case ("pypi.org", NameMessage.a): question.answer([.a(question.name, 151, 101, 0, 223)])
        case ("www.example.com", NameMessage.a):
            question.answer([.cname(question.name, "cdn.example.net"), .a("cdn.example.net", 93, 184, 216, 34)])
        case ("many.example.com", NameMessage.a):
            question.isOverTCP
                ? question.answer((1...60).map { .a(question.name, 93, 184, 216, $0) })
                : question.answer([], isTruncated: true)
        default: question.answer([])
        }
    }

    private static func dig(_ bench: FilterBench, _ arguments: String...) async throws -> String {
        try await TestCommand.run(
            "dig", ["@127.0.0.1", "-p", String(bench.port), "+time=3", "+tries=1"] + arguments)
    }

    @Test("dig reads every kind of answer")
    func dig() async throws {
        try await FilterBench.with(NameRule("pypi.org", "*.example.com"), script: Self.script) { bench async throws in
            #expect(try await Self.dig(bench, "+short", "PyPI.org") == "151.101.0.223")
            #expect(try await Self.dig(bench, "+short", "+tcp", "pypi.org") == "151.101.0.223")
            #expect(try await Self.dig(bench, "+short", "+noedns", "pypi.org") == "151.101.0.223")
            let alias = try await Self.dig(bench, "+short", "www.example.com")
            #expect(alias == "cdn.example.net.\n93.184.216.34")
            #expect(
                try await Self.dig(bench, "+short", "+noedns", "many.example.com").split(separator: "\n").count == 60)
            #expect(try await Self.dig(bench, "+short", "HTTPS", "pypi.org") == "")
            #expect(try await Self.dig(bench, "pypi.org", "ANY", "+notcp").contains("status: REFUSED"))
            let refused = try await Self.dig(bench, "evil.net")
            #expect(refused.contains("status: NXDOMAIN"))
            #expect(refused.contains("EDE: 15 (Blocked)"), "\(refused)")
            #expect(try await Self.dig(bench, "+subnet=192.0.2.0/24", "+dnssec", "pypi.org").contains("151.101.0.223"))
            #expect(!refused.contains("malformed") && !alias.contains("malformed"))
        }
    }

    @Test("libc finds what is allowed, and gives up at once on what is not")
    func libc() async throws {
        let address = "127.53.\(UInt8.random(in: 1...254)).\(UInt8.random(in: 1...254))"
        let change: @Sendable (inout FilterConfiguration) -> Void = { configuration in
            configuration.bridges[0].addresses.append(.of(address))
            configuration.port = 53
        }
        try await FilterBench.with(NameRule("pypi.org", "*.example.com"), change: change, script: Self.script) { _ in
            try await ScratchFolder.with { folder in
                let file = folder.path + "/resolv.conf"
                try Data("nameserver \(address)\noptions timeout:5 attempts:2\n".utf8).write(
                    to: URL(fileURLWithPath: file))
                func getent(_ name: String) async throws -> String {
                    try await TestCommand.run(
                        "unshare",
                        [
                            "--mount", "sh", "-c",
                            "mount --bind \(file) /etc/resolv.conf && getent ahostsv4 \(name) || echo none",
                        ])
                }
                #expect(try await getent("pypi.org").contains("151.101.0.223"))
                #expect(try await getent("www.example.com").contains("93.184.216.34"))
                #expect(
                    Set(try await getent("many.example.com").split(separator: "\n").map { $0.prefix(16) }).count >= 60)
                let begun = ContinuousClock.now
                #expect(try await getent("evil.net") == "none")
                #expect(.now - begun < .seconds(3))
            }
        }
    }
}
