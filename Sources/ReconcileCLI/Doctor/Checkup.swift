import Drivers
import Reconciler
import Specs

/// Judges what was looked at: what works here, what does not, and what would help. Pure.
enum Checkup {
    static func results(_ facts: CheckupFacts) -> [CheckResult] {
        var results = [configuration(facts), rights(facts.host)] + stateDirectory(facts)
        results.append(claimFolders(facts))
        switch facts.engine {
        case .success(let engine):
            results += EngineCheckup.results(engine, facts.host)
            results += HostCheckup.results(engine.info, facts.host)
            results += disk(facts)
        case .failure(let error):
            results.append(
                CheckResult(
                    "engine", .failed, error.description,
                    hint: "start Docker, or say where its socket is: --docker-host unix:///PATH"))
        }
        results += HostCheckup.firewall(facts.host)
        results += source(facts)
        results += clock(facts)
        return results
    }

    private static func configuration(_ facts: CheckupFacts) -> CheckResult {
        CheckResult("configuration", .ok, facts.configurationPath ?? "no file: defaults, environment and flags")
    }

    // MARK: Rights

    /// `CAP_NET_ADMIN` and `CAP_SYS_PTRACE` of capabilities(7).
    private static let wanted: [(bit: UInt64, name: String, use: String)] = [
        (12, "CAP_NET_ADMIN", "to see Docker's chains in the firewall"),
        (19, "CAP_SYS_PTRACE", "to see the engine's disk and network"),
    ]

    private static func rights(_ host: HostInspection) -> CheckResult {
        guard let held = host.capabilities else {
            return CheckResult("rights", .unknown, "the capabilities of this process cannot be read")
        }
        let missing = wanted.filter { held & (1 << $0.bit) == 0 }
        if missing.isEmpty { return CheckResult("rights", .ok, host.isRoot ? "root" : "what is needed of root's") }
        let list = Diagnostic.list(missing.map(\.name), word: "and")
        let uses = missing.map(\.use).joined(separator: ", ")
        return CheckResult(
            "rights", .warning, "without \(list)",
            hint: "needed \(uses): run it as root; what is not seen holds nothing")
    }

    // MARK: The state directory and disks

    private static func stateDirectory(_ facts: CheckupFacts) -> [CheckResult] {
        let (state, path) = (facts.state, facts.stateDirectory)
        let name = "state"
        if state.exists && !state.isFolder {
            return [CheckResult(name, .failed, "'\(path)' is not a folder", hint: "name another: --state-dir DIR")]
        }
        if !state.isWritable {
            let place = state.exists ? "'\(path)'" : "the folder above '\(path)'"
            return [
                CheckResult(
                    name, .failed, "\(place) cannot be written to",
                    hint: "run it as root, or name another: --state-dir DIR")
            ]
        }
        var results: [CheckResult] = []
        switch state.trouble {
        case .overNetwork(let kind):
            results.append(
                CheckResult(
                    name, .failed, "'\(path)' is on \(kind), where commits would not be durable",
                    hint: "put it on a local disk: --state-dir DIR"))
        case .inMemory:
            results.append(
                CheckResult(
                    name, .warning, "'\(path)' is in memory",
                    hint: "history, pins and pauses are lost when the machine starts anew"))
        case .containerLayer:
            results.append(
                CheckResult(
                    name, .warning, "'\(path)' is in the layer of a container",
                    hint: "mount a folder of the host there, or history, pins and pauses are lost with the container"))
        case nil where state.exists && state.mode & 0o066 != 0:
            results.append(
                CheckResult(
                    name, .warning, "others may look into '\(path)'",
                    hint: "chmod go-rw \(path): specs may hold secrets")
            )
        case nil:
            let running = facts.isDaemonRunning ? ", a daemon answers there" : ""
            results.append(CheckResult(name, .ok, (state.exists ? path : "\(path), which will be made") + running))
        }
        return results + [room("state.disk", state)].compactMap { $0 }
    }

    /// Beneath this the state file cannot be trusted to take the next commits.
    private static let leastStateRoom: Int64 = 64 << 20

    private static func room(_ name: String, _ state: FolderInspection) -> CheckResult? {
        guard let free = state.free, let size = state.size else { return nil }
        let words = Self.words(free: free, size: size, inodesFree: state.inodesFree, inodes: state.inodes)
        let isShort = free < leastStateRoom || (state.inodes ?? 0 > 0 && state.inodesFree ?? 1 < 100)
        return CheckResult(
            name, isShort ? .failed : .ok, words,
            hint: isShort ? "make room: without it nothing can be written down, and then nothing is done" : nil)
    }

    private static func claimFolders(_ facts: CheckupFacts) -> CheckResult {
        guard let trouble = facts.claimRootTrouble else {
            return CheckResult("pools", .ok, "claims in \(facts.claimRoot)")
        }
        return CheckResult(
            "pools", .unsupported, trouble,
            hint: "members of WarmPools are not created: name a folder on a tmpfs by pools.runtimeDirectory")
    }

    private static func disk(_ facts: CheckupFacts) -> [CheckResult] {
        let engine = facts.host.engine
        guard let free = engine.dataFree, let size = engine.dataSize else {
            return [
                CheckResult(
                    "engine.disk", .unknown, "the engine's disk is out of sight",
                    hint:
                        "the engine runs on another machine, or this process lacks rights; nothing is held for a full disk"
                )
            ]
        }
        let words = Self.words(free: free, size: size, inodesFree: engine.inodesFree, inodes: engine.inodes)
        let least = facts.preflight.bytes(of: size)
        if free < least {
            let hint =
                "below \(ByteQuantity(bytes: least).rounded) what would need a start is held: docker system prune"
            return [CheckResult("engine.disk", .warning, words, hint: hint)]
        }
        if let inodes = engine.inodes, inodes > 0, let left = engine.inodesFree, left < inodes / 50 {
            return [
                CheckResult("engine.disk", .warning, words, hint: "too few inodes: what would need a start is held")
            ]
        }
        return [CheckResult("engine.disk", .ok, words)]
    }

    private static func words(free: Int64, size: Int64, inodesFree: Int64?, inodes: Int64?) -> String {
        var words = "\(ByteQuantity(bytes: free).rounded) of \(ByteQuantity(bytes: size).rounded) free"
        if let inodes, inodes > 0, let inodesFree { words += ", \(inodesFree * 100 / inodes)% of inodes" }
        return words
    }

    // MARK: The source and the clock

    private static func source(_ facts: CheckupFacts) -> [CheckResult] {
        switch facts.source {
        case nil: return [CheckResult("git", .unknown, "not asked")]
        case .failure(let error): return [CheckResult("git", .failed, error.message)]
        case .success(let snapshot):
            let place = "\(facts.repository ?? ""): \(snapshot.revision.id.prefix(7))"
            switch snapshot.verification {
            case .notAsked: return [CheckResult("git", .ok, "\(place), files of specs: \(snapshot.files.count)")]
            case .verified(let signers):
                return [
                    CheckResult("git", .ok, "\(place), files of specs: \(snapshot.files.count)"),
                    CheckResult("git.signatures", .ok, "signed by \(signers.joined(separator: ", "))"),
                ]
            case .refused(let failure):
                return [
                    CheckResult("git", .ok, place),
                    CheckResult(
                        "git.signatures", failure.isOfAge ? .warning : .failed,
                        "\(failure.state.rawValue): \(failure.message)",
                        hint: "what is in force stays so; docs/trust.md says what each of these means"),
                ]
            }
        }
    }

    /// More than what a network takes, and enough to put windows and signatures in the wrong place.
    private static let worryingOffset = Duration.seconds(5)

    private static func clock(_ facts: CheckupFacts) -> [CheckResult] {
        var troubles: [String] = []
        var witnesses: [String] = []
        if let offset = facts.serverClockOffset {
            witnesses.append("the git server")
            if abs(offset) > worryingOffset { troubles.append("\(Self.words(offset)) the git server") }
        }
        if case .success(let engine) = facts.engine, let offset = engine.clockOffset {
            witnesses.append("the engine")
            if abs(offset) > worryingOffset { troubles.append("\(Self.words(offset)) the engine") }
        }
        if case .success(let snapshot) = facts.source, let commit = snapshot.commit {
            let ahead = commit.time.secondsSince1970 - facts.now.secondsSince1970
            if ahead > 300 { troubles.append("the newest commit is of \(ahead) s in the future") }
        }
        if !troubles.isEmpty {
            return [
                CheckResult(
                    "clock", .warning, troubles.joined(separator: "; "),
                    hint: "maintenance windows, schedules and certificates go by it: run a time service")
            ]
        }
        switch facts.host.isClockSynchronized {
        case true?: return [CheckResult("clock", .ok, "kept right by a time service")]
        case false? where !witnesses.isEmpty:
            return [CheckResult("clock", .ok, "agrees with \(witnesses.joined(separator: " and "))")]
        case false?:
            return [
                CheckResult(
                    "clock", .warning, "no time service keeps it right, and nobody else was there to ask",
                    hint: "maintenance windows and schedules go by it: run a time service")
            ]
        case nil: return [CheckResult("clock", .unknown, "the kernel does not say whether it is kept right")]
        }
    }

    private static func words(_ offset: Duration) -> String {
        let seconds = abs(offset).components.seconds
        return "\(seconds) s \(offset > .zero ? "behind" : "ahead of")"
    }

    private static func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
}
