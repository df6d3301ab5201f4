import Glibc

/// How many files and connections the program may have open.
enum OpenFiles {
    /// Takes as many as the system lets this process have: the usual 1,024 are too few for as many listeners.
    ///
    /// Children that fetch set limits of their own.
    static func raiseLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        // Without more, it goes on with what it has.
        _ = setrlimit(resource, &limit)
    }
}
