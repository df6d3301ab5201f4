import Specs

#if canImport(Glibc)
    import Glibc
#endif

extension Instant {
    /// The moment as this machine's wall clock shows it, which may jump.
    static var now: Instant { Instant(secondsSince1970: Int64(time(nil))) }
}
