import API
import Reconciler
import Specs

/// One line of a list of `reconcile top`.
struct TopRow {
    /// What stays the same from one picture to the next.
    struct ID: Hashable {
        var host: Int
        var key: String
    }

    var id: ID
    /// The object that it is about; nil where it is about none.
    var object: ResourceID?
    var cells: [String]
    var role: Style.Role?

    /// - Parameter amongMany: the name of the host stands in front.
    static func all(in view: TopScreen.View, of host: TopScreen.Host, at index: Int, amongMany: Bool) -> [TopRow] {
        guard let overview = host.overview else { return [] }
        let rows =
            switch view {
            case .objects: objects(overview, index)
            case .pools: pools(overview, index)
            case .waiting: waiting(overview, index)
            case .events: events(overview, index)
            }
        guard amongMany else { return rows }
        return rows.map { row in
            var row = row
            row.cells.insert(host.name, at: 0)
            return row
        }
    }

    static func header(of view: TopScreen.View, amongMany: Bool) -> [String] {
        let cells =
            switch view {
            case .objects: ["OBJECT", "READY", "CPU", "MEMORY", "STATUS"]
            case .pools:
                [
                    "POOL", "IDLE", "ACTIVE", "WARM", "TOTAL", "START", "p95", "p99", "CLAIM", "p99", "MISS",
                ]
            case .waiting: ["OBJECT", "WHAT", "WHY"]
            case .events: ["WHEN", "OBJECT", "REASON", "MESSAGE"]
            }
        return (amongMany ? ["HOST"] : []) + cells
    }

    private static func objects(_ overview: OverviewDocument, _ host: Int) -> [TopRow] {
        let usage = Dictionary((overview.usage?.objects ?? []).map { ($0.object, $0) }) { first, _ in first }
        return overview.status.objects.map { object in
            let used = usage[object.id]
            let ready = object.conditions.first { $0.type == .ready }
            let isStalled = object.conditions.contains { $0.type == .stalled && $0.status }
            let isPaused = object.conditions.contains { $0.type == .paused && $0.status }
            var words = ready.map { $0.status ? "Ready" : "\($0.reason): \($0.message)" } ?? "Unknown"
            if isPaused { words = "Paused; " + words }
            return TopRow(
                id: ID(host: host, key: object.id.description), object: object.id,
                cells: [
                    object.id.description, "\(object.ready)/\(object.desired)", used?.nanoCPUs.map(cores) ?? "-",
                    used.map { bytes($0.workingSet) } ?? "-", words,
                ],
                role: isStalled ? .error : ready?.status == true && !isPaused ? nil : .warning)
        }
    }

    private static func pools(_ overview: OverviewDocument, _ host: Int) -> [TopRow] {
        let pools = Dictionary((overview.status.pools ?? []).map { ($0.pool, $0) }) { first, _ in first }
        return overview.pools.map { pool in
            let status = pools[pool.pool] ?? PoolStatus(pool: pool.pool)
            let counts =
                ["\(status.ready)/\(status.size)"]
                + [status.claimed, status.warming, pool.members].map { String($0) }
            let times = [pool.starts?.p50, pool.starts?.p95, pool.starts?.p99, pool.claims?.p50, pool.claims?.p99]
                .map { $0.map(time) ?? "-" }
            return TopRow(
                id: ID(host: host, key: pool.pool.name), object: pool.pool,
                cells: [pool.pool.name] + counts + times + [String(pool.misses)],
                role: status.consecutiveMisses > 0 || status.waiting > 0 ? .warning : nil)
        }
    }

    private static func waiting(_ overview: OverviewDocument, _ host: Int) -> [TopRow] {
        overview.waiting.map { entry in
            let until = entry.held?.until.map { " (until \($0))" } ?? ""
            let why =
                entry.held.map { "\($0.gate): \($0.message)\(until)" }
                ?? entry.stalled.map { "stalled: \($0.code.rawValue): \($0.message)" } ?? ""
            return TopRow(
                id: ID(host: host, key: "\(entry.key) \(entry.verb)"), object: Key(entry.key)?.object,
                cells: [entry.key, entry.description, why], role: entry.stalled == nil ? .warning : .error)
        }
    }

    /// The newest first.
    private static func events(_ overview: OverviewDocument, _ host: Int) -> [TopRow] {
        overview.events.enumerated().reversed().map { position, event in
            TopRow(
                id: ID(host: host, key: "\(event.time) \(event.reason) \(event.message) \(position)"),
                object: event.key.flatMap { Key($0)?.object },
                cells: [
                    String(event.time.description.dropFirst(11).prefix(8)), event.key ?? "host", event.reason,
                    event.message,
                ], role: event.severity == .warning ? .warning : nil)
        }
    }

    // MARK: Numbers

    /// `0.42`: CPUs.
    static func cores(_ nanoCPUs: Int64) -> String {
        let hundredths = (nanoCPUs + 5_000_000) / 10_000_000
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    static func bytes(_ value: Int64) -> String { ByteQuantity(bytes: value).rounded }

    /// `950us`, `24ms`, `1.2s`, `75s`.
    static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<0.001: "\(Int((seconds * 1_000_000).rounded()))us"
        case ..<1: "\(Int((seconds * 1_000).rounded()))ms"
        case ..<10: "\((seconds * 10).rounded() / 10)s"
        default: "\(Int(seconds.rounded()))s"
        }
    }
}
