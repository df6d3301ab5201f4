import Glibc
import Reconciler
import Specs

/// What single containers use now, for autoscalers, beside the samples of all of them for recommendations.
extension KernelReader {
    /// What these containers use, as far as they are watched: from files that are open already.
    func usage(of ids: Set<String>) -> [String: MemberUsage] {
        let elapsed = begun.duration(to: .now)
        let now = Instant(secondsSince1970: Int64(Glibc.time(nil)))
        return usage(of: ids, elapsed: elapsed, now: now)
    }

    /// What the containers of each object use, by kind and name, counted from the look before.
    func presentUsage() -> [PresentUsage.Object] {
        let elapsed = begun.duration(to: .now)
        let now = Instant(secondsSince1970: Int64(Glibc.time(nil)))
        return usageByObject(elapsed: elapsed, now: now).values.sorted { $0.object < $1.object }
    }
}
