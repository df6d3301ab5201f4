/// How far a metric may be off its target without an effect, in each direction.
package struct Tolerance: Hashable, Sendable {
    package var down: Double
    package var up: Double

    package init(down: Double = 0.1, up: Double = 0.1) {
        self.down = down
        self.up = up
    }

    /// Both ends included.
    package func allows(_ ratio: Double) -> Bool { (1 - down) <= ratio && ratio <= (1 + up) }
}

/// From what is measured to a number of members, number for number as Kubernetes' HorizontalPodAutoscaler (autoscaling/v2).
///
/// Amounts are whole thousandths, as there; a utilization is a whole percent, rounded down before anything is compared.
package struct ReplicaCalculator: Hashable, Sendable {
    package var current: Int
    package var tolerance: Tolerance

    package init(current: Int, tolerance: Tolerance = Tolerance()) {
        self.current = current
        self.tolerance = tolerance
    }

    /// What came of a metric: how many members it asks for, and what it was.
    package struct Outcome: Hashable, Sendable {
        package var replicas: Int
        /// In percent; nil where nothing is a share.
        package var utilization: Int64?
        /// The average over the measured members, or the metric itself, in thousandths.
        package var milli: Int64
    }

    /// The number that a ratio of usage to target asks for.
    ///
    /// - Parameter ready: how many members do the work that was measured.
    package func replicas(ratio: Double, ready: Int) -> Int {
        // Nobody is there to be tolerant of.
        if current == 0 { return Self.rounded(ratio) }
        return tolerance.allows(ratio) ? current : Self.rounded(ratio * Double(ready))
    }

    /// A metric as a whole against its target.
    package func value(_ milli: Int64, target: Int64, ready: Int) -> Outcome {
        let ratio = Double(milli) / Double(target)
        return Outcome(replicas: replicas(ratio: ratio, ready: ready), utilization: nil, milli: milli)
    }

    /// A metric as a whole against a target for each member.
    ///
    /// - Parameter members: how many there are.
    package func average(_ milli: Int64, target: Int64, members: Int) -> Outcome {
        let ratio = Double(milli) / (Double(target) * Double(members))
        let replicas = tolerance.allows(ratio) ? members : Self.rounded(Double(milli) / Double(target))
        let average = members == 0 ? milli : Self.saturated((Double(milli) / Double(members)).rounded(.up))
        return Outcome(replicas: replicas, utilization: nil, milli: average)
    }

    /// A metric of each member against the share of its limit that it should be.
    ///
    /// - Parameters:
    ///   - target: in percent.
    ///   - limits: of each member, in thousandths.
    package func utilization(
        _ samples: [String: MemberSample], limits: [String: Int64], target: Int64, groups: MemberGroups
    ) throws(MetricProblem) -> Outcome {
        var used = counted(samples, groups)
        let first = try Self.utilization(used, limits)
        let ratio = Double(first.percent) / Double(target)
        let outcome = { (replicas: Int) in
            Outcome(replicas: replicas, utilization: first.percent, milli: first.average)
        }
        guard groups.needsAssumptions(ratio) else {
            return outcome(tolerance.allows(ratio) ? current : Self.rounded(ratio * Double(groups.readyCount)))
        }
        // Missing ones are taken to be at their limit, or at the target where that is higher, before members go; and at
        // nothing before members come.
        let fallback = max(100, target)
        groups.assume(ratio, into: &used) { id in
            let (product, overflow) = (limits[id] ?? 0).multipliedReportingOverflow(by: fallback)
            return overflow ? .max : product / 100
        }
        let second = try Self.utilization(used, limits)
        return outcome(damped(ratio, Double(second.percent) / Double(target), count: used.count))
    }

    /// A metric of each member against the average that it should be, in thousandths.
    package func memberAverage(
        _ samples: [String: MemberSample], target: Int64, groups: MemberGroups
    ) throws(MetricProblem) -> Outcome {
        var used = counted(samples, groups)
        let first = try Self.average(used)
        let ratio = Double(first) / Double(target)
        let outcome = { (replicas: Int) in Outcome(replicas: replicas, utilization: nil, milli: first) }
        guard groups.needsAssumptions(ratio) else {
            return outcome(tolerance.allows(ratio) ? current : Self.rounded(ratio * Double(groups.readyCount)))
        }
        groups.assume(ratio, into: &used) { _ in target }
        return outcome(damped(ratio, Double(try Self.average(used)) / Double(target), count: used.count))
    }

    /// Missing data damps; it never amplifies, and never turns up into down.
    private func damped(_ first: Double, _ second: Double, count: Int) -> Int {
        if tolerance.allows(second) || (first < 1 && second > 1) || (first > 1 && second < 1) { return current }
        let replicas = Self.rounded(second * Double(count))
        return (second < 1 && replicas > current) || (second > 1 && replicas < current) ? current : replicas
    }

    /// Samples without those of members that do not count.
    private func counted(_ samples: [String: MemberSample], _ groups: MemberGroups) -> [String: Int64] {
        var used = samples.mapValues(\.milli)
        for id in groups.ignored + groups.unready { used[id] = nil }
        return used
    }

    private static func utilization(
        _ used: [String: Int64], _ limits: [String: Int64]
    ) throws(MetricProblem) -> (percent: Int64, average: Int64) {
        if used.isEmpty { throw noneUsable }
        var (total, limit, count): (Int64, Int64, Int64) = (0, 0, 0)
        for (id, milli) in used {
            // There may be samples of what is no member.
            guard let own = limits[id] else { continue }
            total = saturatingSum(total, milli)
            limit = saturatingSum(limit, own)
            count += 1
        }
        if limit == 0 { throw MetricProblem(.failed, "no metrics returned matched known pods") }
        let (product, overflow) = total.multipliedReportingOverflow(by: 100)
        let percent = overflow ? saturated(Double(total) * 100 / Double(limit)) : product / limit
        return (percent, total / count)
    }

    private static let noneUsable = MetricProblem(
        .failed, "did not receive metrics for targeted pods (pods might be unready)")

    private static func average(_ used: [String: Int64]) throws(MetricProblem) -> Int64 {
        if used.isEmpty { throw noneUsable }
        return used.values.reduce(0) { saturatingSum($0, $1) } / Int64(used.count)
    }

    /// Upwards, and no more than 32 bits hold.
    static func rounded(_ number: Double) -> Int {
        guard number == number, number > 0 else { return 0 }
        return number >= Double(Int32.max) ? Int(Int32.max) : Int(number.rounded(.up))
    }

    static func saturated(_ number: Double) -> Int64 {
        if number != number { return 0 }
        if number >= 0x1p63 { return .max }
        return number <= -0x1p63 ? .min : Int64(number)
    }

    /// The sum, or the largest number of 64 bits.
    package static func saturatingSum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? (b < 0 ? .min : .max) : sum
    }
}

extension MemberGroups {
    /// Whether something must be assumed of members before a ratio is believed.
    fileprivate func needsAssumptions(_ ratio: Double) -> Bool { !missing.isEmpty || (!unready.isEmpty && ratio > 1) }

    /// Missing members are taken to use much before members go and nothing before members come; those that are not ready
    /// nothing before members come.
    fileprivate func assume(_ ratio: Double, into used: inout [String: Int64], atMost: (String) -> Int64) {
        for id in missing where ratio != 1 { used[id] = ratio < 1 ? atMost(id) : 0 }
        if ratio > 1 { for id in unready { used[id] = 0 } }
    }
}

/// Why a metric gives no number.
package struct MetricProblem: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case failed
        /// What was measured is too old.
        case stale
        /// Nothing of this kind can be measured.
        case invalid
    }

    package var kind: Kind
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
