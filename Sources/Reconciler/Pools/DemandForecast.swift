package import Specs

/// How many ready members the claims of a pool need, from how they came and how long a refill takes.
///
/// A claim finds the pool empty when as many others as the pool keeps came within one refill time before it: their
/// replacements are still on their way. That number, seen by each claim, is what is watched: the size is the smallest that
/// only the targeted share of claims found too small. For claims that come independently of each other it is Poisson's, by
/// Palm's theorem (C. Palm, 1938), which is the (S-1, S) stock policy of spare parts (G. J. Feeney, C. C. Sherbrooke: "The (S-1, S)
/// inventory policy under compound Poisson demand", Management Science 12, 1966); where they come in bursts, the watched number
/// has the bursts in it. Old claims count less and less, so that the size follows the day.
package struct DemandForecast: Hashable, Sendable {
    package init() {}

    package mutating func arrived(at now: Duration) {}

    package mutating func refilled(in duration: Duration) {}

    /// nil before enough is known.
    package func size(missing share: Percentage, at now: Duration) -> Int? { nil }
}
