import FoundationEssentials
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// Connections that last longer than the answer of the name filter that they were begun by.
@Suite(
    "Connections to names",
    .enabled(
        if: NetworkLab.isPossible && FileManager.default.isExecutableFile(atPath: "/usr/sbin/ipset"),
        "network namespaces need root and nft, and the sets ipset"), .serialized)
struct StandingConnectionTests {
    private static let port = 443
    private static let named = PolicyFixture(egress: .deny, names: [("example.com", "\(port)/tcp")])

    /// One that is kept open by a process of the first container, which says what it is told and hears what comes back.
    private struct Connection {
        let lab: NetworkLab
        let folder: String

        /// - Returns: the answer; `silence` where none came within a second.
        func answer(to word: String) async throws -> String {
            try await lab.run(
                """
                echo \(word) >\(folder)/say
                until [ -s \(folder)/\(word) ]; do sleep 0.02; done; cat \(folder)/\(word)
                """, at: .one
            ).trimmingPrefix("\n").split(separator: "\n").joined()
        }
    }

    /// A server that says everything again, and a connection to it.
    private static func connect(_ lab: NetworkLab, in folder: String) async throws -> Connection {
        try await lab.run(
            "(timeout 60 busybox nc -ll -p \(port) -e cat) >/dev/null 2>&1 </dev/null &"
                + " until (exec 3<>/dev/tcp/127.0.0.1/\(port)) 2>/dev/null; do sleep 0.02; done", at: .internet)
        try await lab.run(
            """
            mkfifo \(folder)/say
            (timeout 60 bash -c 'exec 3<>/dev/tcp/\(NetworkLab.internet)/\(port) 4<>\(folder)/say
            while read -r word <&4; do
                echo $word >&3; read -r -t 1 answer <&3 || answer=silence; echo $answer >\(folder)/$word
            done') >/dev/null 2>&1 </dev/null &
            """, at: .one)
        return Connection(lab: lab, folder: folder)
    }

    private static func open(_ lab: NetworkLab, _ backend: FirewallDriver.Choice, for seconds: Int) async throws {
        let set = NFTNames.names(NetworkLab.bridge, rule: 0, isV6: false)
        switch backend {
        case .iptables: try await lab.run("ipset -exist add \(set) \(NetworkLab.internet) timeout \(seconds)")
        default:
            let element = "'{ \(NetworkLab.internet) timeout \(seconds)s }'"
            try await lab.run("nft add element inet reconcile \(set) \(element)")
        }
    }

    @Test(
        "one that stands goes on when its name's time is over, no other is begun, and it ends with its rule",
        arguments: FirewallDriver.Choice.backends)
    func stands(backend: FirewallDriver.Choice) async throws {
        try await ScratchFolder.with { folder in
            try await NetworkLab.run { lab in
                let driver = FirewallDriver(lab.firewall, choice: backend)
                _ = try await driver.apply(try Self.named.intent())
                try await Self.open(lab, backend, for: 3)
                let connection = try await Self.connect(lab, in: folder.path)
                #expect(try await connection.answer(to: "first") == "first")
                #expect(
                    try await eventually(within: .seconds(10)) {
                        try await !lab.reaches(NetworkLab.internet, Self.port)
                    })
                #expect(try await connection.answer(to: "second") == "second")
                _ = try await driver.apply(try Self.named.intent())
                #expect(try await connection.answer(to: "third") == "third", "applied again")
                // Another name on the same port.
                let other = PolicyFixture(egress: .deny, names: [("example.org", "\(Self.port)/tcp")])
                _ = try await driver.apply(try other.intent())
                #expect(try await connection.answer(to: "fourth") == "silence")
            }
        }
    }
}
