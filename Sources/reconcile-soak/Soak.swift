import ReconcileTesting
import Reconciler

/// Trouble for a while, then rest, then the question whether everything is as git says.
struct Soak {
    let hosts: [SoakHost]
    let git: SoakGit
    let log: SoakLog
    private var random: SplitMix64

    init(hosts: [SoakHost], git: SoakGit, log: SoakLog, seed: UInt64) {
        self.hosts = hosts
        self.git = git
        self.log = log
        random = SplitMix64(seed: seed &+ 1)
    }

    mutating func run(for duration: Duration) async throws {
        let watch = SoakWatch(hosts: hosts, git: git, log: log)
        watch.guardCalls()
        let sampling = Task { await watch.sample() }
        defer { sampling.cancel() }
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            try await GitHTTPServer.with(root: git.root, port: git.port) { _ in
                var random = random
                defer { self.random = random }
                try await trouble(until: end, &random)
            }
            // Without a server for a moment.
            if ContinuousClock.now < end { try await Task.sleep(for: .seconds(3)) }
        }
        log.say("no more trouble")
        try await GitHTTPServer.with(root: git.root, port: git.port) { _ in
            for host in hosts { host.proxy.heal() }
            let last = try await git.commitSomething()
            try await watch.checkRest(last)
        }
        sampling.cancel()
        await sampling.value
    }

    /// - Returns: when the time is up, or the git server is to stop.
    private func trouble(until end: ContinuousClock.Instant, _ random: inout SplitMix64) async throws {
        while ContinuousClock.now < end {
            let fault = SoakFault.random(using: &random)
            let host = hosts[Int.random(in: 0..<hosts.count, using: &random)]
            log.count("fault \(fault.rawValue)")
            if !fault.isOfGit { log.say("\(host.name): \(fault.rawValue)") } else { log.say(fault.rawValue) }
            let pause = Duration.milliseconds(Int.random(in: 500...3000, using: &random))
            switch fault {
            case .commit: try await git.commitSomething()
            case .badCommit: try await git.commitNonsense()
            case .emptyCommit: try await git.commitNothing()
            case .rewriteHistory: try await git.rewrite(for: pause)
            case .hideBranch: try await git.hideBranch(for: pause)
            case .stopGit: return
            case .secondController: try await tryASecond(on: host)
            default: try await host.suffer(fault, &random)
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 200...4000, using: &random)))
        }
    }

    private func tryASecond(on host: SoakHost) async throws {
        guard host.process?.isRunning == true, try await host.status() != nil else { return }
        let second = try await host.startSecond()
        // The first one may have ended by itself meanwhile, but nobody kills it now.
        if second.exitCode != 5 { log.violated("S8", "\(host.name): a second controller: \(second)") }
    }
}
