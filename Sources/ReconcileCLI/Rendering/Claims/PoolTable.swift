import Reconciler
import Specs

/// Pools as a table, one a line.
enum PoolTable {
    static func lines(_ pools: [PoolStatus]) -> [String] { Table.lines([header] + pools.map(row)) }

    private static let header = [
        "POOL", "SIZE", "READY", "UPDATED", "WARMING", "CLAIMED", "STALE", "LOST", "WAITING", "MISSES",
    ]

    private static func row(_ pool: PoolStatus) -> [String] {
        [pool.pool.name]
            + [
                pool.size, pool.ready, pool.updatedReady, pool.warming, pool.claimed, pool.stale, pool.lost,
                pool.waiting, pool.consecutiveMisses,
            ].map { String($0) }
    }
}
