import CGit2
import Glibc

/// The rights of this process, which a child gives up before it meets the first byte of a stranger.
enum Privileges {
    /// Which call was refused, and why.
    struct Failure: Error {
        var message: String
    }

    /// Gives up every capability and every way to get one back, and becomes the user if there is one to become.
    ///
    /// - Throws: when anything of it was refused, or did not do what it should: whoever sees that must end.
    static func drop(becoming user: ChildUser?) throws(Failure) {
        try check(reconcile_no_new_privileges(), "cannot give up the way to more rights")
        if let user {
            let hint = "the daemon needs CAP_SETUID and CAP_SETGID, or must run as another user than root"
            try check(setgroups(0, nil), "cannot leave the groups of root", hint)
            try check(setresgid(user.group, user.group, user.group), "cannot become group \(user.group)", hint)
            try check(setresuid(user.user, user.user, user.user), "cannot become user \(user.user)", hint)
        }
        try check(reconcile_drop_capabilities(), "cannot give up capabilities")
        guard let user else { return }
        guard getuid() == user.user, geteuid() == user.user, getgid() == user.group, getegid() == user.group,
            getgroups(0, nil) == 0, setresuid(.max, 0, .max) != 0
        else { throw Failure(message: "is not user \(user.user) after becoming it") }
    }

    private static func check(_ result: Int32, _ what: String, _ hint: String? = nil) throws(Failure) {
        guard result != 0 else { return }
        let reason = SystemError.text(errno)
        throw Failure(message: "\(what): \(reason)\(hint.map { ": \($0)" } ?? "")")
    }
}
