import ArgumentParser
import FoundationEssentials
import ReconcileTesting

/// Keeps three real engines and three daemons in trouble for some minutes, and says what did not hold.
@main
struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile-soak",
        abstract: "Runs random faults against three real engines, each with a daemon, and checks invariants.",
        discussion: """
            Needs root. Engines, disks and folders are gone afterwards. The seed decides which faults come in which \
            order; what they meet depends on the machine's timing. Exits with 1 if an invariant did not hold.
            """)

    @Option(help: "How long there is trouble; rest and checks come on top.")
    var minutes: Double = 20

    @Option(help: "Decides the faults and the commits. (default: any)")
    var seed: UInt64?

    @Option(help: "How many hosts there are.")
    var hosts = 3

    @Option(help: "The built reconcile. (default: the one beside this program)")
    var program: String?

    func run() async throws {
        let seed = seed ?? UInt64.random(in: 1...999_999)
        let program = Program(path: program ?? BuiltProduct.reconcile)
        let log = SoakLog()
        log.say("seed \(seed), \(hosts) hosts, \(minutes) minutes")
        try await ScratchFolder.with { folder in
            let git = try await SoakGit(in: folder, seed: seed)
            try await SoakHost.with(hosts, program: program, git: git, log: log) { hosts in
                var soak = Soak(hosts: hosts, git: git, log: log, seed: seed)
                try await soak.run(for: .seconds(minutes * 60))
            }
        }
        log.summarize()
        if !log.violations.isEmpty { throw ExitCode(1) }
    }
}
