import Foundation
package import Reconciler
import Specs
import Synchronization

/// Looks at what the host and its containers use, for people who watch it.
///
/// It counts from its own look before, so that autoscalers and recommendations are the same whoever looks. Hundreds of containers
/// take milliseconds, so that they are looked at every few seconds however often somebody asks, and never when nobody does.
package final class UsageLook: Sendable {
    /// How old an answer may be.
    static let pause = Duration.seconds(3)

    private let kernel: KernelReader?
    private let host: HostUsage
    private let last = Mutex<(usage: PresentUsage, at: ContinuousClock.Instant)?>(nil)

    /// - Parameters:
    ///   - kernel: watches the containers of this machine; nil where the engine is on another one.
    ///   - disk: how full the engine's disk is, in percent; nil where nobody can tell.
    package init(kernel: KernelReader?, disk: @escaping @Sendable () -> Double?) {
        self.kernel = kernel
        host = HostUsage(disk: disk)
    }

    package func usage() -> PresentUsage {
        last.withLock { last in
            let now = ContinuousClock.now
            if let last, last.at.duration(to: now) < Self.pause { return last.usage }
            let usage = PresentUsage(
                at: Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)), host: host.present,
                objects: kernel?.presentUsage() ?? [])
            last = (usage, now)
            return usage
        }
    }
}

extension HostUsage {
    fileprivate var present: PresentUsage.Host {
        var present = PresentUsage.Host(processors: ProcessInfo.processInfo.activeProcessorCount)
        present.cpuPercent = cpu()
        if let memory = memory() { (present.memoryUsed, present.memoryTotal) = (memory.used, memory.total) }
        present.diskPercent = disk()
        return present
    }
}
