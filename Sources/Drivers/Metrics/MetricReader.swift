package import Reconciler
import Specs

/// Measures what autoscalers go by: files of the kernel for members and for the host, and HTTP and programs for the rest.
///
/// Never the engine's own statistics, which take a second for each container. Nothing that specs say is ever run or fetched: they
/// name servers and hooks of this host's configuration.
package struct MetricReader: MetricSource {
    private let kernel: KernelReader?
    private let host: HostUsage
    private let prometheus: PrometheusServers
    private let hooks: MetricHooks

    /// - Parameters:
    ///   - kernel: watches the containers of this machine; nil where the engine is on another one.
    ///   - disk: how full the engine's disk is, in percent; nil where nobody can tell.
    ///   - servers: of Prometheus, by name; `default` is the one that is meant where none is named.
    ///   - hooks: by name, a path of a program or an address of HTTP.
    package init(
        kernel: KernelReader?, disk: @escaping @Sendable () -> Double? = { nil }, servers: [String: String] = [:],
        hooks: [String: String] = [:]
    ) {
        self.kernel = kernel
        host = HostUsage(disk: disk)
        prometheus = PrometheusServers(servers)
        self.hooks = MetricHooks(hooks)
    }

    package func measure(_ questions: [MetricQuestion]) async -> [MetricReading] {
        let members = memberUsage(for: questions)
        return await withTaskGroup(of: (Int, MetricReading).self) { group in
            for (index, question) in questions.enumerated() {
                group.addTask { (index, await reading(question, members)) }
            }
            var readings = [MetricReading](repeating: .failed("it was not measured"), count: questions.count)
            for await (index, reading) in group { readings[index] = reading }
            return readings
        }
    }

    package func order(_ order: HostPoolOrder, from hook: String) async -> String? { await hooks.tell(hook, order) }

    /// All containers at once, and each of them once: a rate is counted from the look before.
    private func memberUsage(for questions: [MetricQuestion]) -> [String: MemberUsage] {
        var ids: Set<String> = []
        for case .members(_, let containers) in questions { ids.formUnion(containers) }
        if ids.isEmpty { return [:] }
        return kernel?.usage(of: ids) ?? [:]
    }

    private func reading(_ question: MetricQuestion, _ members: [String: MemberUsage]) async -> MetricReading {
        switch question {
        case .members(let name, let containers):
            guard kernel != nil else { return .unsupported("the engine is on another machine") }
            var samples: [String: MemberSample] = [:]
            for id in containers { samples[id] = members[id]?.sample(of: name) }
            return .members(samples)
        case .host(let name): return host.reading(name)
        case .prometheus(let query, let maxAge): return await prometheus.reading(query, maxAge: maxAge)
        case .external(let source): return await hooks.reading(source)
        case .queue(let source): return await hooks.reading(source)
        }
    }
}

/// What one container uses, as its control groups say.
struct MemberUsage: Hashable, Sendable {
    /// Bytes without the file cache that is not in use.
    var workingSet: Int64
    /// Billionths of a CPU since the look before, and how many seconds ago that was; nil at the first.
    var cpu: Rate?
    var at: Instant

    struct Rate: Hashable, Sendable {
        var nanoCPUs: Int64
        var seconds: Int64
    }

    func sample(of resource: Autoscaler.Metric.ResourceName) -> MemberSample? {
        switch resource {
        case .cpu: cpu.map { MemberSample(milli: $0.nanoCPUs / 1_000_000, at: at, window: $0.seconds) }
        case .memory: MemberSample(milli: workingSet.multipliedSaturating(by: 1_000), at: at)
        case .disk: nil
        }
    }
}

extension Int64 {
    fileprivate func multipliedSaturating(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}
