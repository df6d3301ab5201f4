package import Reconciler

/// What there is in a world besides workloads and pools that nobody claims from, and who makes trouble in it.
///
/// A small world has each of these or has it not, as the dice say: each is in half of the small worlds, and each two meet in
/// a quarter of them. So of many short runs each has room for what it is about, and nothing is hidden behind what happens
/// all the time (swarm testing: Groce et al., ISSTA 2012). A large world has everything.
package struct Cast: Hashable, Sendable {
    /// Pools that people claim members of.
    package var claims = true
    /// Tasks that are due.
    package var tasks = true
    /// Somebody who empties the host now and then.
    package var drains = true
    /// Commits after the first.
    package var commits = true
    /// Somebody with root, and things of others that stand in the way.
    package var hands = true
    /// Ends of the program.
    package var crashes = true
    /// An engine, a disk, a store, a repository and a connection that fail for a while, and a clock that jumps.
    package var outages = true
    /// Objects whose number follows what is measured.
    package var scaling = true
    /// A time in which no member may be replaced.
    package var windows = true

    package static let everything = Cast()

    /// - Parameter seed: of the world, for dice of their own: what they decide changes no world that has nothing of it.
    package static func some(of seed: UInt64, using dice: inout SplitMix64) -> Cast {
        var some = Cast()
        for part in parts { some[keyPath: part] = Bool.random(using: &dice) }
        // Without either there would be too few faults.
        if !some.crashes { some.outages = true }
        some.scaling = chance(of: "scaling", in: seed)
        some.windows = chance(of: "windows", in: seed)
        return some
    }

    private static func chance(of part: String, in seed: UInt64) -> Bool {
        var dice = SplitMix64(seed: seed, for: part)
        return Bool.random(using: &dice)
    }

    private static var parts: [WritableKeyPath<Cast, Bool>] {
        [\.claims, \.tasks, \.drains, \.commits, \.hands, \.crashes, \.outages]
    }
}
