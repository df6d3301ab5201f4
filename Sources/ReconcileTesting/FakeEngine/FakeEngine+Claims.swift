package import Reconciler
package import Specs

// Members of pools become somebody's.

extension FakeEngine {
    /// As `ClaimBinding` says: only one claim can ever make the claim file of a container.
    package mutating func bind(_ binding: ClaimBinding) throws(DriverError) -> BindingOutcome {
        try requireUp("a binding")
        guard var found = containers[binding.container.id], found.isActive else {
            return .lost("container '\(binding.container.name)' does not run")
        }
        guard found.claim == nil || found.claim == binding.claim.id else {
            return .lost("container '\(found.name)' belongs to claim '\(found.claim?.description ?? "")'")
        }
        guard found.hasClaimFolder else { return .lost("container '\(found.name)' has no claim folder") }
        found.claim = binding.claim.id
        containers[found.id] = found
        if let limits = binding.limits { _ = try update(binding.container, limits) }
        if binding.isPaused { _ = unpause(binding.container) }
        guard let hook = binding.hook else { return .bound }
        return try run(hook, in: binding.container).map { .hookFailed($0) } ?? .bound
    }

    package mutating func run(_ hook: WarmPool.Hook, in container: ContainerReference) throws(DriverError) -> String? {
        try requireUp("a hook")
        guard containers[container.id]?.status == .running else { return "container '\(container.name)' does not run" }
        return hook.fails ? "exit code 1" : nil
    }
}

extension WarmPool.Hook {
    /// The convention of the in-memory engine: `false` fails, what sleeps takes too long, everything else succeeds.
    fileprivate var fails: Bool { ["false", "sleep"].contains(command.first) }
}
