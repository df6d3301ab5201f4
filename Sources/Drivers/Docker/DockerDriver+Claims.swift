import Glibc
import Logging
package import Reconciler
package import Specs

extension DockerDriver {
    package func bind(_ binding: ClaimBinding) async throws(DriverError) -> BindingOutcome {
        let (container, name) = (binding.container, binding.container.name)
        guard let members = observer.members else { throw Self.withoutFolders }
        if let why = try await whyLost(container, members) { return .lost(why) }
        switch try members.take(name, for: binding.claim) {
        case .ours: break
        case .missing: return .lost("container '\(name)' has no claim folder")
        case .theirs(let other?): return .lost("container '\(name)' belongs to claim '\(other)'")
        case .theirs(nil): return .lost("container '\(name)' has a claim file that cannot be read")
        }
        try members.show(binding, to: name)
        if let limits = binding.limits {
            guard case .container(_, .some) = try await update(container, limits) else { return .lost(Self.gone(name)) }
        }
        if binding.isPaused, let why = try await thaw(container) { return .lost(why) }
        guard let hook = binding.hook else { return .bound }
        switch try await runHook(hook, in: container) {
        case .ended(0): return .bound
        case .gone(let why): return .lost(why)
        case let failure: return .hookFailed(failure.words(hook))
        }
    }

    package func run(_ hook: WarmPool.Hook, in container: ContainerReference) async throws(DriverError) -> String? {
        switch try await runHook(hook, in: container) {
        case .ended(0): nil
        case .gone(let why): why
        case let failure: failure.words(hook)
        }
    }

    package func rewrite(_ claim: Claim) async throws(DriverError) {
        guard let container = claim.container, let members = observer.members else { return }
        _ = try members.rewrite(container.name, for: claim)
    }

    /// Removes folders of members that are gone, as after a removal by hand.
    ///
    /// - Parameter names: of containers whose folders an open claim still needs, although they may be gone.
    package func sweepMembers(keeping names: Set<String>) async throws(DriverError) {
        guard let members = observer.members else { return }
        let present = Set(try await client.containers().flatMap(\.ownNames))
        // Long enough for a create whose answer is under way.
        for name in try members.sweep(keeping: present.union(names), idle: .seconds(300)) {
            log.info(
                "removed folders of a member that is gone", metadata: ["event": "member.swept", "container": "\(name)"])
        }
    }

    // MARK: Whether it can be had

    /// Looks at the process itself, and asks the engine only where that does not show that it lives.
    ///
    /// - Returns: nil when it can be had.
    private func whyLost(_ container: ContainerReference, _ members: MemberFolders) async throws(DriverError) -> String?
    {
        guard let folder = members.identity(container.name) else {
            return "container '\(container.name)' has no claim folder"
        }
        if observer.sight(of: container.id, folder).canBeHad { return nil }
        guard let details = try await client.container(container.id), details.id == container.id else {
            return Self.gone(container.name)
        }
        guard ["running", "paused"].contains(details.state.status) else {
            return "container '\(container.name)' does not run: it is \(details.state.status)"
        }
        observer.processes.note(details)
        if observer.sight(of: container.id, folder) == .otherFolder {
            return "container '\(container.name)' sees another folder than its claim folder"
        }
        return nil
    }

    private static func gone(_ name: String) -> String { "container '\(name)' is gone" }

    private static var withoutFolders: DriverError {
        DriverError(.terminal, .badRequest, "members have no folders here, which claims need", at: "a binding")
    }

    /// - Returns: why it cannot be had after all; nil when it runs.
    private func thaw(_ container: ContainerReference) async throws(DriverError) -> String? {
        do throws(DriverError) {
            try await client.unpauseContainer(container.id)
            return nil
        } catch {
            guard case .container(_, let observed?) = try await readBack(container.id, owner: container.owner) else {
                return Self.gone(container.name)
            }
            switch observed.status {
            case .running: return nil
            case .paused: throw error
            default: return "container '\(container.name)' does not run: it is \(observed.status.rawValue)"
            }
        }
    }

    // MARK: Hooks

    /// A command that outlives its time is ended where its process is in our sight; its container goes soon after.
    private func runHook(_ hook: WarmPool.Hook, in container: ContainerReference) async throws(DriverError)
        -> HookEnding
    {
        do throws(DriverError) {
            let result = try await client.exec(hook.command, in: container.id, deadline: hook.timeout, keeping: 0)
            if let code = result.exitCode { return .ended(code) }
            await end(exec: result.id, in: container.id)
            return .timedOut
        } catch {
            switch error.code {
            // The program is not there.
            case .badRequest: return .unknownProgram
            case .notFound: return .gone(Self.gone(container.name))
            case .conflict:
                guard case .container(_, let observed?) = try await readBack(container.id, owner: container.owner)
                else {
                    return .gone(Self.gone(container.name))
                }
                if observed.status == .running || observed.status == .paused { throw error }
                return .gone("container '\(container.name)' does not run: it is \(observed.status.rawValue)")
            default: throw error
            }
        }
    }

    /// The engine has no call for it.
    private func end(exec: String, in container: String) async {
        // Where it cannot be found, or has ended meanwhile, it goes on at most until its container goes; and its number may be
        // another process's by now, so that its control group must be the container's.
        guard let pid = try? await client.process(ofExec: exec), pid > 0,
            let groups = try? KernelFile.read("/proc/\(pid)/cgroup"), groups.contains(container)
        else { return }
        kill(pid, SIGKILL)
    }
}

/// How a hook ended.
private enum HookEnding {
    case ended(Int)
    case timedOut
    case unknownProgram
    case gone(String)

    /// What it wrote is left out: it may be a secret.
    func words(_ hook: WarmPool.Hook) -> String {
        switch self {
        case .ended(let code): "'\(hook.command.first ?? "")' ended with exit code \(code)"
        case .timedOut: "'\(hook.command.first ?? "")' did not end within \(hook.timeout.goText)"
        case .unknownProgram: "'\(hook.command.first ?? "")' cannot be run"
        case .gone(let why): why
        }
    }
}

extension MemberSight {
    fileprivate var canBeHad: Bool { self == .mounted || self == .alive }
}
