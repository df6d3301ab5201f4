import Drivers
import FoundationEssentials
import Glibc
import ReconcileTesting
import Reconciler

/// One sort of trouble.
enum SoakFault: String, CaseIterable, Sendable {
    // The controller.
    case killDaemon, stopDaemon, secondController
    // The engine and the host.
    case killEngine, restartEngine, freezeEngine, reboot, losePower, fillDisk, flushFirewall
    // People.
    case killContainer, removeContainer, renameContainer, pauseContainer, updateContainer
    // Answers, on hosts with a proxy.
    case loseRequest, loseReply, refuse, late, hang, cutList, partialList, staleList, cutEvents
    // Git.
    case commit, badCommit, emptyCommit, rewriteHistory, hideBranch, stopGit, breakMirror

    /// How often it comes, relative to the others.
    var weight: Int {
        switch self {
        case .commit: 12
        case .killDaemon, .loseReply, .killContainer, .removeContainer: 3
        case .losePower, .secondController, .emptyCommit, .reboot: 1
        default: 2
        }
    }

    static func random(using random: inout SplitMix64) -> SoakFault {
        var number = Int.random(in: 0..<allCases.map(\.weight).reduce(0, +), using: &random)
        for fault in allCases {
            number -= fault.weight
            if number < 0 { return fault }
        }
        return .commit
    }

    var isOfGit: Bool {
        switch self {
        case .commit, .badCommit, .emptyCommit, .rewriteHistory, .hideBranch, .stopGit: true
        default: false
        }
    }
}

extension SoakHost {
    /// Makes the trouble, and ends what of it would otherwise last for ever.
    func suffer(_ fault: SoakFault, _ random: inout SplitMix64) async throws {
        let pause = Duration.milliseconds(Int.random(in: 300...4000, using: &random))
        touch()
        defer { touch() }
        switch fault {
        case .killDaemon: process?.kill()
        case .stopDaemon:
            process?.signal(SIGSTOP)
            try await Task.sleep(for: pause)
            process?.signal(SIGCONT)
        case .killEngine:
            try await engine.kill()
            try await Task.sleep(for: pause)
            try await engine.restart()
        case .restartEngine: try await engine.restart()
        case .freezeEngine:
            try await engine.freeze()
            try await Task.sleep(for: pause)
            try await engine.thaw()
        case .reboot: try await engine.reboot()
        case .losePower: try await engine.losePower()
        case .fillDisk:
            try await engine.fillDisk()
            try await Task.sleep(for: pause)
            try await engine.freeDisk()
        case .flushFirewall:
            try await engine.flushFirewall()
            try await Task.sleep(for: pause)
            try await engine.restart()
        case .breakMirror:
            let mirror = stateDirectory + "/mirror.git"
            try await TestCommand.run(
                "sh", ["-c", "find '\(mirror)' -name '*.pack' -exec chmod u+w {} + -exec truncate -s 60 {} + || true"])
        case .killContainer, .removeContainer, .renameContainer, .pauseContainer, .updateContainer:
            try await meddle(fault, &random)
        case .loseRequest, .loseReply, .refuse, .late, .hang, .cutList, .partialList, .staleList, .cutEvents:
            if !isDirect { spoil(fault, &random) }
        case .secondController, .commit, .badCommit, .emptyCommit, .rewriteHistory, .hideBranch, .stopGit: break
        }
    }

    private func meddle(_ fault: SoakFault, _ random: inout SplitMix64) async throws {
        guard let victim = await members()?.randomElement(using: &random) else { return }
        let path = "/containers/\(victim.id)"
        // It may be gone by now, or the engine may be busy with it: then nothing happens.
        switch fault {
        case .killContainer: try? await hand.send(.post, path + "/kill")
        case .removeContainer: try? await hand.remove(victim.id)
        case .renameContainer:
            try? await hand.send(
                .post, path + "/rename",
                query: [("name", "\(SoakGit.name)-mine\(UInt8.random(in: 0...(.max), using: &random))")])
        case .pauseContainer: try? await hand.send(.post, path + "/pause")
        default: try? await hand.send(.post, path + "/update", body: #"{"PidsLimit": 77}"#)
        }
    }

    private func spoil(_ fault: SoakFault, _ random: inout SplitMix64) {
        let times = Int.random(in: 1...4, using: &random)
        let list = "GET /containers/json"
        let isWrite: @Sendable (ProxiedCall) -> Bool = { $0.changeNumber != nil }
        func inject(_ moment: ProxyFault.Moment, _ effect: ProxyFault.Effect) {
            var fault = ProxyFault(moment, effect, when: isWrite)
            fault.times = times
            proxy.inject(fault)
        }
        switch fault {
        case .loseRequest: inject(.beforeForwarding, .hangUp)
        case .loseReply: inject(.beforeReplying, .hangUp)
        case .refuse:
            inject(
                Bool.random(using: &random) ? .beforeForwarding : .beforeReplying,
                .answer(status: 500, message: "made up"))
        case .late: inject(.beforeReplying, .delay(.milliseconds(Int.random(in: 200...3000, using: &random))))
        case .hang:
            proxy.inject(ProxyFault(.beforeForwarding, .hang) { $0.changeNumber != nil })
        case .cutList: proxy.inject(ProxyFault(.beforeReplying, .cut(afterBytes: 300), on: list, times: times))
        case .partialList:
            proxy.inject(ProxyFault(.beforeReplying, .leaveOut("/\(SoakGit.name)-web-1-"), on: list, times: times))
        case .staleList: proxy.inject(ProxyFault(.beforeReplying, .stale, on: list, times: times + 1))
        default: proxy.hangUp { $0.path == "/events" }
        }
    }
}
