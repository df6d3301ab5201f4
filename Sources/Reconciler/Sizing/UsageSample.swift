package import Specs

/// What one container used at one moment.
package struct UsageSample: Hashable, Sendable {
    package var object: ResourceID
    /// Its id.
    package var container: String
    /// Bytes without the file cache that is not in use: what `docker stats` and the kubelet call memory.
    package var workingSet: Int64
    /// The most that it ever used, file cache included; nil where the kernel does not say.
    package var peakMemory: Int64?
    /// How often the kernel killed in it for lack of memory, since its start.
    package var kills: Int64
    /// Billionths of a CPU since the sample before; nil in the first.
    package var nanoCPUs: Int64?
    /// Periods of CPU time since its start in which it wanted to run, and how many of them the limit cut short.
    package var periods: Int64
    package var throttledPeriods: Int64

    package init(
        object: ResourceID, container: String, workingSet: Int64, peakMemory: Int64? = nil, kills: Int64 = 0,
        nanoCPUs: Int64? = nil, periods: Int64 = 0, throttledPeriods: Int64 = 0
    ) {
        self.object = object
        self.container = container
        self.workingSet = workingSet
        self.peakMemory = peakMemory
        self.kills = kills
        self.nanoCPUs = nanoCPUs
        self.periods = periods
        self.throttledPeriods = throttledPeriods
    }
}
