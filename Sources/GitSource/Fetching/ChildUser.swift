import CGit2
import Glibc
import Reconciler

/// The user as whom a child process works: nobody else's, and owner of nothing but what it is given.
struct ChildUser: Codable, Hashable, Sendable {
    /// What children of a daemon that runs as root do. Each kind has a user of its own, so that one that was taken over
    /// can neither end, nor watch, nor change the other.
    enum Work: Sendable {
        case fetching, verifying

        /// The account of a host that has one for it.
        fileprivate var account: String {
            switch self {
            case .fetching: "reconcile-fetch"
            case .verifying: "reconcile-verify"
            }
        }

        /// Where the host has no such account. `nobody` has a name, which `ssh-keygen` insists on, and is not alone: whatever
        /// else is given no rights may run as it too.
        fileprivate var substitute: String? {
            switch self {
            case .fetching: nil
            case .verifying: "nobody"
            }
        }
    }

    /// Numbers for a host without the account: Debian gives out none of them, and they are known in user namespaces too, which
    /// often end at 65535. systemd takes such numbers for services without an account; while it uses one, that one has a
    /// name.
    private static let numbers: ClosedRange<UInt32> = 65_410...65_419

    var user: UInt32
    var group: UInt32

    /// Whoever is to do this kind of work; nil where the daemon is not root, and its children are what it is.
    ///
    /// - Throws: `SourceError` with `invalidConfiguration` when the host has nobody for it.
    static func forWork(_ work: Work) throws(SourceError) -> ChildUser? {
        guard geteuid() == 0 else { return nil }
        if let account = account(named: work.account) ?? work.substitute.flatMap(account(named:)) {
            guard account.user != 0, account.group != 0 else {
                throw SourceError(
                    .invalidConfiguration, "the user '\(work.account)' is root, or of its group: it must have no rights"
                )
            }
            return account
        }
        guard let number = numbers.first(where: { !isTaken($0) }) else {
            throw SourceError(
                .invalidConfiguration,
                "there is no user '\(work.account)', and all numbers from \(numbers.lowerBound) to "
                    + "\(numbers.upperBound) are taken: make one with 'adduser --system --group \(work.account)'")
        }
        return ChildUser(user: number, group: number)
    }

    private static func account(named name: String) -> ChildUser? {
        entry { user, buffer, size, found in getpwnam_r(name, user, buffer, size, found) }
    }

    private static func isTaken(_ number: UInt32) -> Bool {
        let user = entry { user, buffer, size, found in getpwuid_r(number, user, buffer, size, found) }
        return user != nil || getgrgid(number) != nil
    }

    /// The numbers of an entry of the host's list of users, if there is one.
    private static func entry(
        _ look: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> ChildUser? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64 << 10) { buffer in
            guard let start = buffer.baseAddress, look(&entry, start, buffer.count, &found) == 0, found != nil else {
                return nil
            }
            return ChildUser(user: entry.pw_uid, group: entry.pw_gid)
        }
    }
}
