/// What a caller may do; each role may do all that the ones before it may.
package enum Role: String, CaseIterable, Comparable, Sendable {
    /// Look: status, objects, plan, events, history, metrics, pools, claims.
    case viewer
    /// Use what pools hold ready: claim, renew, release.
    case user
    /// Change what the daemon does (sync, pause, resume, approve, pin, unpin), and read its log.
    case `operator`
    /// Everything; no route of this version asks for it.
    case admin

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .user: 1
        case .operator: 2
        case .admin: 3
        }
    }

    package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
}

/// Who sent a request.
enum Caller: Hashable, Sendable {
    /// Whoever may write to the Unix socket: its mode and group are the check, and the kernel names them.
    case peer
    case token(name: String, Role)
    case nobody

    /// nil for somebody of whom nothing is known.
    var role: Role? {
        switch self {
        case .peer: .admin
        case .token(_, let role): role
        case .nobody: nil
        }
    }
}
