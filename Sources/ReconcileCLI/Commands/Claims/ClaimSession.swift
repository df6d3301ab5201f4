import API
import Drivers
import Foundation
import Glibc
import Reconciler
import Specs
import Synchronization
import UnixSignals

/// A claim that lasts as long as a command in its container: it is renewed meanwhile, and released at the end.
struct ClaimSession: Sendable {
    /// Between two tries to release or to renew.
    private static let pause = Duration.seconds(1)
    /// As docker has it.
    private static let cannotRun: Int32 = 126

    let client: DaemonClient
    let engine: EngineAddress
    let command: [String]
    /// What the command has in its environment, by way of the environment of docker: a command line is everybody's.
    let variables: [String: String]

    /// - Parameter makeClaim: cancelled when a signal comes before there is an answer.
    /// - Returns: the exit code.
    func run(_ makeClaim: @escaping @Sendable () async throws(ClientFailure) -> ClaimDocument) async throws -> Int32 {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        let turn = Turn()
        return try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask {
                for await signal in signals where turn.state.withLock({ $0.hear(signal.number) }) {
                    return 128 + signal.number
                }
                return nil
            }
            group.addTask {
                let claim = try await makeClaim()
                return try await hold(claim, turn)
            }
            defer { group.cancelAll() }
            while let code = try await group.next() { if let code { return code } }
            return 0
        }
    }

    private final class Turn: Sendable {
        let state = Mutex(State.claiming)
    }

    /// What a signal is for.
    private enum State {
        /// Nobody has anything yet: the wait is over.
        case claiming
        case running(ForegroundCommand)
        /// It was told to end; the next signal ends it for good. nil is one that was never started.
        case ending(ForegroundCommand?, signal: Int32)

        /// - Returns: nil when a signal came before.
        mutating func start(_ words: [String], _ variables: [String: String]) throws -> ForegroundCommand? {
            guard case .claiming = self else { return nil }
            let command = try ForegroundCommand(words, variables: variables)
            self = .running(command)
            return command
        }

        /// - Returns: whether there is nothing to wait for.
        mutating func hear(_ signal: Int32) -> Bool {
            switch self {
            case .claiming: self = .ending(nil, signal: signal)
            case .running(let command):
                command.send(signal)
                self = .ending(command, signal: signal)
                return false
            case .ending(let command, _):
                command?.send(SIGKILL)
                return false
            }
            return true
        }

        var signal: Int32? { if case .ending(_, let signal) = self { signal } else { nil } }
    }

    /// Everything from here on happens also in a task that is cancelled: what was claimed is given back.
    private func hold(_ claim: ClaimDocument, _ turn: Turn) async throws -> Int32 {
        let result: Result<Int32, any Error>
        do {
            guard let container = claim.container else { throw UsageError("the claim has no container") }
            let child = try turn.state.withLock { try $0.start(words(container.id), variables) }
            let renewing = Task { await keep(claim) }
            defer { renewing.cancel() }
            result = .success(await child?.ending() ?? 0)
        } catch {
            result = .failure(error)
        }
        await Task {
            await complainIfLost(claim)
            await release(claim)
        }.value
        if let signal = turn.state.withLock({ $0.signal }) { return 128 + signal }
        if case .failure(let error as ForegroundCommand.Failure) = result {
            Terminal.complain("error: \(error)")
            return Self.cannotRun
        }
        return try result.get()
    }

    /// With a terminal where there is one, as `docker exec -it` has it.
    private func words(_ container: String) -> [String] {
        let hasTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        return ["docker", "--host", "unix://\(engine.socketPath)", "exec", "--interactive"]
            + (hasTerminal ? ["--tty"] : []) + variables.keys.sorted().flatMap { ["--env", $0] } + [container] + command
    }

    /// Renews three times in each ttl, so that two of three may fail.
    private func keep(_ claim: ClaimDocument) async {
        // The daemon has written it, in a spelling that is always read.
        let ttl = (try? Duration.parse(claim.ttl)) ?? .seconds(60)
        while !Task.isCancelled {
            do { try await Task.sleep(for: max(ttl / 3, .milliseconds(300))) } catch { return }
            do throws(ClientFailure) {
                _ = try await client.renew(claim.id)
            } catch {
                if !Task.isCancelled { Terminal.complain("warning: \(claim.id) was not renewed: \(error)") }
            }
        }
    }

    private func complainIfLost(_ claim: ClaimDocument) async {
        // Only a note: what the daemon does not tell any more is no matter.
        guard let now = try? await client.claim(claim.id), now.container != claim.container || now.phase != .bound
        else {
            return
        }
        Terminal.complain("note: \(claim.id) is \(now.phase.rawValue): \(now.reason ?? "it has another container")")
    }

    private func release(_ claim: ClaimDocument) async {
        for attempt in 1...3 {
            do throws(ClientFailure) {
                _ = try await client.release(claim.id)
                return
            } catch {
                if attempt == 3 {
                    Terminal.complain("warning: \(claim.id) was not released: \(error); it ends at \(claim.expires)")
                }
            }
            // A cancelled sleep only shortens the pause.
            try? await Task.sleep(for: Self.pause)
        }
    }
}

extension UnixSignal {
    fileprivate var number: Int32 {
        switch self {
        case .sigint: SIGINT
        case .sighup: SIGHUP
        default: SIGTERM
        }
    }
}
