package import Specs

/// What makes a member its holder's: all that a driver does between the choice, which is written down, and the answer.
///
/// In this order: the claim file, which only one claim can ever make; variables and files; limits; thaw; the hook. Doing
/// it twice for the same claim equals once.
package struct ClaimBinding: Hashable, Sendable {
    package var claim: Claim
    package var container: ContainerReference
    package var environment: [String: String]
    package var files: [ClaimRequest.File]
    /// What the limits become; nil leaves them.
    package var limits: LiveSettings?
    /// Whether the member is kept frozen until now.
    package var isPaused: Bool
    package var hook: WarmPool.Hook?
    /// The name of the lost container whose variables and files it takes over; they are nowhere else.
    package var heir: String?

    package init(claim: Claim, container: ContainerReference) {
        self.claim = claim
        self.container = container
        environment = [:]
        files = []
        isPaused = false
    }
}

/// What a driver answers that has bound a member.
package enum BindingOutcome: Hashable, Sendable {
    /// The claim file is on the disk, and the member is its holder's.
    case bound
    /// The container is gone, stopped, or somebody else's: nothing of it is the holder's, and another may be taken.
    case lost(String)
    /// The hook did not end with 0 in time, in its own words; the member has seen the claim and cannot be given to another.
    case hookFailed(String)
}

/// Where each member of a pool has its folders on the host.
package enum ClaimFolder {
    /// Where a member finds what its claim brings: `claim.json`, `env`, `env.json`, `files/`. Read-only, and empty until
    /// it is claimed.
    package static let inContainer = "/run/reconcile"
    package static let claimFile = "claim.json"
    /// Where the host has these folders unless its configuration says otherwise.
    package static let defaultRoot = "/run/reconcile"
}
