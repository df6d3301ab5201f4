import Glibc

/// Keeps the thread of the caller asleep until a moment, from which its work counts.
///
/// - Parameter shortest: waits shorter than this are left out: a sleep of some microseconds takes longer than it should.
func sleep(until due: ContinuousClock.Instant, shortest: Duration = .zero) {
    let wait = ContinuousClock.now.duration(to: due)
    if wait > shortest { usleep(UInt32(wait / .microseconds(1))) }
}
