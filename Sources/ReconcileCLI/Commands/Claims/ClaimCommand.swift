import API
import ArgumentParser
import Drivers
import Foundation
import Glibc
import Reconciler
import Specs

/// Claims a ready container of a pool.
struct ClaimCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "claim",
        abstract: "Claim a ready container of a WarmPool.",
        discussion: """
            With --exec, which comes last, the command runs in the container as 'docker exec' would run it, with a terminal \
            if there is one. The claim is renewed meanwhile and released at the end, also on SIGINT, SIGTERM and SIGHUP; \
            without it the claim lasts until 'reconcile release' or its ttl.

            EXAMPLES
              reconcile claim agents --label conversation_id=42 --ttl 1h
              reconcile claim agents --env TOKEN --file task.json=./task.json --exec python3 -

            EXIT CODES
              0 claimed; 1 it was refused or no daemon answered; with --exec that
              of the command, 126 when docker cannot be run, 128 and the number of a
              signal that ended it; 64 a command line that cannot be understood
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(help: "The pool, such as agents or WarmPool/agents.", completion: .names(of: .warmPool))
    var pool: String

    @Option(help: ArgumentHelp("Who has it. (default: USER@HOST)", valueName: "name"))
    var holder: String?

    @Option(help: ArgumentHelp("A label, such as conversation_id=42; repeatable.", valueName: "key=value"))
    var label: [String] = []

    @Option(
        help: ArgumentHelp("How long it lasts without renewal. (default: the pool's)", valueName: "duration"),
        transform: Duration.parse(argument:))
    var ttl: Duration?

    @Option(help: ArgumentHelp("How long to wait when no member is ready; 0s not at all.", valueName: "duration"))
    var wait = "10s"

    @Option(
        help: ArgumentHelp("A variable, or the name of one of this shell; repeatable.", valueName: "name[=value]"))
    var env: [String] = []

    @Option(help: ArgumentHelp("A file for /run/reconcile/files; repeatable.", valueName: "name=path"))
    var file: [String] = []

    @Option(help: ArgumentHelp("CPUs below those of the pool, such as 500m.", valueName: "cpus"))
    var cpus: String?

    @Option(help: ArgumentHelp("Memory below that of the pool, such as 512Mi.", valueName: "bytes"))
    var memory: String?

    @Option(help: ArgumentHelp("Processes below those of the pool.", valueName: "count"))
    var pids: Int64?

    @Option(help: ArgumentHelp("Asked again with the same key, the same claim is the answer.", valueName: "key"))
    var idempotencyKey: String?

    @Option(parsing: .remaining, help: ArgumentHelp("Run this in the container.", valueName: "command"))
    var exec: [String] = []

    func validate() throws {
        _ = try PoolWord.name(pool)
        _ = try labels()
        if (try? Duration.parse(wait)) == nil {
            throw ValidationError("--wait '\(wait)' must be a duration such as 30s, 5m or 0s")
        }
        for text in file where text.split(separator: "=", maxSplits: 1).count != 2 {
            throw ValidationError("--file '\(text)' must be NAME=PATH")
        }
    }

    private func labels() throws -> [String: String] {
        try Dictionary(
            label.map { text in
                let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2 else { throw ValidationError("--label '\(text)' must be KEY=VALUE") }
                return (String(parts[0]), String(parts[1]))
            }
        ) { _, last in last }
    }

    /// - Parameter environment: of this process, for variables without a value.
    /// - Throws: what stands in the way of reading a file, or a variable that is not set.
    func wish(_ environment: [String: String]) throws -> ClaimWish {
        var wish = ClaimWish(holder: holder ?? Self.user)
        wish.labels = try labels()
        wish.ttl = ttl?.goText
        wish.wait = wait
        for text in env {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
            guard let value = parts.count == 2 ? parts[1] : environment[parts[0]] else {
                throw UsageError("--env \(text): there is no such variable here; give it a value")
            }
            wish.env[parts[0]] = value
        }
        for text in file {
            let parts = text.split(separator: "=", maxSplits: 1).map { String($0) }
            guard parts.count == 2 else { continue }
            do {
                wish.files[parts[0]] = try Data(contentsOf: URL(fileURLWithPath: parts[1]))
            } catch {
                throw UsageError("--file \(text): '\(parts[1])' cannot be read: \(error.fileReason)")
            }
        }
        if cpus != nil || memory != nil || pids != nil { wish.limits = .init(cpus: cpus, memory: memory, pids: pids) }
        return wish
    }

    private static var user: String {
        let name = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
        return "\(name)@\(ProcessInfo.processInfo.hostName)"
    }

    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws {
        let (name, wish) = (try PoolWord.name(pool), try wish(ProcessInfo.processInfo.environment))
        if exec.isEmpty {
            let claim = try await client.claim(name, wish, key: idempotencyKey)
            switch format {
            case .human: Terminal.print(ClaimRenderer.text(claim, now: .ofWallClock))
            case .json: Terminal.print(try Terminal.json(claim))
            }
            return
        }
        let engine = try LoadedConfiguration(program.flags).values.dockerHost
        let session = ClaimSession(client: client, engine: engine, command: exec, variables: wish.env)
        let key = idempotencyKey
        let code = try await session.run { () async throws(ClientFailure) in
            try await client.claim(name, wish, key: key)
        }
        if code != 0 { throw ExitCode(code) }
    }
}

/// The name of a pool: `agents`, or `WarmPool/agents` as everywhere.
enum PoolWord {
    /// - Throws: `ValidationError` that says what would be right.
    static func name(_ text: String) throws -> String {
        guard text.contains("/") else { return text }
        let word = try ObjectWord.parse(argument: text)
        guard word.kind == .warmPool, let name = word.name else {
            throw ValidationError("'\(text)' must be a WarmPool, such as agents or WarmPool/agents")
        }
        return name
    }
}

extension Instant {
    static var ofWallClock: Instant { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) }
}
