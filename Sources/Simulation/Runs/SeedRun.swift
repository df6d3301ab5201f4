package import Invariants
import Logging
import ReconcileTesting
import Reconciler
import Specs

/// One seed from beginning to end: trouble, calm, rest, and a look back.
package struct SeedRun {
    /// How long the parts of a run are.
    package struct Length: Hashable, Sendable {
        /// Seconds of trouble, at least.
        package var ticks: Int
        /// Faults, at least; one more begins every ten seconds until there were as many.
        package var faults: Int
        /// Resyncs at rest of every fourth large world; all others have 25 at most, and small ones six.
        package var rounds: Int

        package static let full = Length(ticks: 200, faults: 5, rounds: 100)
        /// For builds without optimisation.
        package static let short = Length(ticks: 60, faults: 5, rounds: 10)

        package init(ticks: Int, faults: Int, rounds: Int) {
            self.ticks = ticks
            self.faults = faults
            self.rounds = rounds
        }
    }

    /// How much there is of everything. Most bugs need few objects and few faults, and of small worlds there are many in
    /// the time of a large one; but some need a crowd.
    package enum Scale: Sendable {
        /// Five to seven objects, something of a `Cast`, and something wrong every few seconds.
        case small
        /// Ten to thirteen objects, everything of a `Cast`, and something wrong all the time.
        case large

        /// Every sixteenth seed is a large one.
        init(of seed: UInt64) { self = seed.isMultiple(of: 16) ? .large : .small }
    }

    package private(set) var world: World
    package let seed: UInt64
    private let length: Length
    private let scale: Scale
    private let cast: Cast
    private let settings: ControllerSettings

    /// The longest time from the last fault to the end that git asks for: the longest wait before a restart (300 s), the
    /// longest backoff (20 s), and as many turns as the steps need.
    package static let bound = Duration.seconds(600)

    /// - Parameter scale: nil where the seed says it.
    package init(
        seed: UInt64, length: Length = .full, scale: Scale? = nil, bug: SeededBug? = nil, tracing: Tracing = .none
    ) {
        self.seed = seed
        self.length = length
        self.scale = scale ?? Scale(of: seed)
        var dice = SplitMix64(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        cast = self.scale == .large ? .everything : .some(of: seed, using: &dice)
        settings = Self.settings(bug, using: &dice)
        let drafts = RandomDrafts(self.scale, cast, freeze: cast.windows ? Self.freeze(of: seed) : nil)
        world = World(seed: dice.next(), drafts: drafts, settings: settings, tracing: tracing, bug: bug)
        world.push(world.drafts.draft(using: &dice))
        world.placeBystanders()
    }

    /// Full minutes in the first ones of a world, by dice of their own.
    private static func freeze(of seed: UInt64) -> FreezeFacts {
        var dice = SplitMix64(seed: seed, for: "freeze")
        let first = World.wallAtStart - World.wallAtStart % 60 + 60 * Int64.random(in: 1...2, using: &dice)
        let last = first + 60 * Int64.random(in: 1...2, using: &dice)
        return FreezeFacts(
            from: Instant(secondsSince1970: first), to: Instant(secondsSince1970: last),
            letsFinish: Bool.random(using: &dice))
    }

    private static func settings(_ bug: SeededBug?, using dice: inout SplitMix64) -> ControllerSettings {
        var backoff = RateLimiter<Key>.Limits(base: .milliseconds(100), max: .seconds(20))
        if bug == .neverBackOff {
            backoff = .init(base: .milliseconds(1), max: .milliseconds(1), rate: 1e6, burst: 1 << 20)
        }
        return ControllerSettings(
            concurrency: Int.random(in: 1...8, using: &dice),
            resyncInterval: .seconds(Int.random(in: 5...30, using: &dice)), probeInterval: .milliseconds(500),
            backoff: backoff)
    }

    /// Runs all of it.
    package mutating func run() -> [Violation] {
        world.begin(scale == .large ? .often : .seldom(cast))
        var end = Duration.seconds(length.ticks + 1)
        world.run(until: end)
        while world.figures.faults < length.faults, world.checker.violations.isEmpty {
            world.beginSomeFault()
            end += .seconds(10)
            world.run(until: end)
        }
        if world.checker.violations.isEmpty { settle() }
        if world.checker.violations.isEmpty { rest() }
        if world.checker.violations.isEmpty, comparesRoutes || world.bug == .rememberTheWay { compareRoutes() }
        return world.checker.violations
    }

    private mutating func settle() {
        world.calmDown()
        world.leaveOrphan()
        world.settle(within: Self.bound)
    }

    private mutating func rest() {
        let most = scale == .small ? 6 : seed.isMultiple(of: 64) ? .max : 25
        world.rest(rounds: min(length.rounds, most), interval: settings.resyncInterval)
    }

    /// Every sixteenth small world, and every fourth large one.
    private var comparesRoutes: Bool { seed % 16 == 8 || seed.isMultiple(of: 64) }

    /// Another host that was never anywhere else comes to the same end.
    private mutating func compareRoutes() {
        guard let draft = world.draftInForce else { return }
        var fresh = World(seed: seed &+ 1, drafts: world.drafts, settings: settings)
        fresh.push(world.bug == .rememberTheWay ? draft.withOneMore : draft)
        fresh.calmDown()
        fresh.settle(within: Self.bound)
        world.expectSameEnd(as: fresh)
    }
}

extension Draft {
    fileprivate var withOneMore: Draft {
        var copy = self
        if let index = copy.objects.firstIndex(where: { $0.pool == "ours" && $0.hostPort == nil }) {
            copy.objects[index].replicas += 1
        }
        return copy
    }
}
