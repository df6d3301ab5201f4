package import Specs

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// How many ready members the claims of a pool need, from how they came and how long a refill takes.
///
/// A claim finds the pool empty when as many others as the pool keeps came within one refill time before it: their
/// replacements are still on their way. That number, as each claim finds it, is watched, and the size is the smallest that
/// no more than the targeted share of claims would find too small.
///
/// For claims that come independently of each other the number is Poisson's with the mean `rate * refill time`, by Palm's theorem:
/// the (S-1, S) stock policy of spare parts (C. Palm, 1938; G. J. Feeney, C. C. Sherbrooke: "The (S-1, S) inventory policy under
/// compound Poisson demand", Management Science 12, 1966). Where they come in bursts its variance is larger than its mean, and it is taken
/// for negative binomial with the mean and variance that were watched. Old claims count less and less, by half after
/// `halfLife`, so that the size follows the day.
package struct DemandForecast: Hashable, Sendable {
    private static let halfLife = 1_800.0
    /// Before so many claims nothing is said. However rare they are, after so many they are known.
    private static let enough = 30
    /// Of how much the refill time follows the newest one.
    private static let smoothing = 0.1
    private static let largest = 1_000

    /// Claims within one refill time of now.
    private var recent: [Duration] = []
    private var refillTime: Double?
    private(set) var claims = 0
    private var weight = 0.0
    private var mean = 0.0
    /// The sum of squared distances from the mean, weighted.
    private var spread = 0.0
    private var last = Duration.zero

    package init() {}

    /// A claim came, whether it was a hit or not.
    ///
    /// West's incremental form of the weighted mean and variance (D. H. D. West, Communications of the ACM 22, 1979).
    package mutating func arrived(at now: Duration) {
        let window = Duration.seconds(refillTime ?? 1)
        recent.removeAll { $0 <= now - window }
        let number = Double(recent.count)
        claims += 1
        let decay = exp2(-(now - last).inSeconds / Self.halfLife)
        weight = weight * decay + 1
        spread *= decay
        let distance = number - mean
        mean += distance / weight
        spread += distance * (number - mean)
        last = now
        if recent.count < Self.largest { recent.append(now) }
    }

    /// A member became ready so long after it was begun.
    package mutating func refilled(in duration: Duration) {
        let seconds = duration.inSeconds
        refillTime = refillTime.map { $0 + Self.smoothing * (seconds - $0) } ?? seconds
    }

    /// The smallest size that no more than this share of claims would find too small; nil before enough is known.
    ///
    /// - Parameter now: claims that stay away make the past count for less, and at last for nothing.
    package func size(missing share: Percentage, at now: Duration) -> Int? {
        let decay = exp2(-(now - last).inSeconds / Self.halfLife)
        guard claims >= Self.enough, refillTime != nil else { return nil }
        // What comes in fewer and fewer needs fewer and fewer.
        let mean = mean * min(1, decay * 2)
        guard mean > 0 else { return 1 }
        let variance = max(spread / weight, mean)
        return Self.quantile(mean, variance, above: Double(share.hundredths) / 10_000)
    }

    /// The smallest S with P(N >= S) <= share.
    private static func quantile(_ mean: Double, _ variance: Double, above share: Double) -> Int {
        let isPoisson = variance <= mean * 1.02
        let shape = isPoisson ? 0 : mean * mean / (variance - mean)
        let failure = isPoisson ? 0 : mean / (mean + shape)
        var term = isPoisson ? exp(-mean) : exp(shape * log(1 - failure))
        var below = term
        var number = 0
        while 1 - below > share, number < largest {
            number += 1
            let next = Double(number)
            term *= isPoisson ? mean / next : (next - 1 + shape) / next * failure
            below += term
        }
        return number + 1
    }
}

extension Duration {
    fileprivate var inSeconds: Double { self / .seconds(1) }
}
