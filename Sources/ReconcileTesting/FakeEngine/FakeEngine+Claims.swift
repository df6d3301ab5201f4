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
        found.claim = binding.claim.id
        found.status = .running
        if let limits = binding.limits { found.live = limits }
        save(found, "unpause")
        return binding.hook?.fails == true ? .hookFailed("exit code 1") : .bound
    }

    package mutating func run(_ hook: WarmPool.Hook, in container: ContainerReference) throws(DriverError) -> String? {
        try requireUp("a hook")
        guard containers[container.id]?.status == .running else { return "container '\(container.name)' does not run" }
        return hook.fails ? "exit code 1" : nil
    }
}

extension WarmPool.Hook {
    /// The convention of the in-memory engine: `false` fails, everything else succeeds.
    fileprivate var fails: Bool { command.first == "false" }
}
