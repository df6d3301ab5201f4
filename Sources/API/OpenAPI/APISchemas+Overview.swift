import Reconciler
import Specs

/// What is seen at one glance, as it is answered.
extension APISchemas {
    static let overview = [
        object(
            "Overview", "All that a person watches, at one glance.",
            [
                "status": reference("Status"), "pools": list("PoolOverview"), "waiting": list("Action"),
                "events": list("Event"), "warnings": integer, "held": integer, "stalled": integer,
            ], ["usage": reference("PresentUsage")]),
        object(
            "PoolOverview", "What a pool has and how fast it is.",
            ["pool": reference("ObjectID"), "members": integer, "hits": integer, "misses": integer],
            ["starts": reference("Percentiles"), "claims": reference("Percentiles")]),
        object(
            "Percentiles", "Times in seconds since the daemon started, as far as buckets tell them.",
            ["count": integer, "p50": number, "p95": number, "p99": number]),
        object(
            "PresentUsage", "What the host and its containers use.",
            ["at": moment, "host": reference("HostUsage"), "objects": list("ObjectUsage")]),
        object(
            "HostUsage", "What the host uses; shares in percent, memory in bytes.", ["processors": integer],
            ["cpuPercent": number, "memoryUsed": integer, "memoryTotal": integer, "diskPercent": number]),
        object(
            "ObjectUsage", "What the containers of one object use together: bytes, and billionths of a CPU.",
            ["object": reference("ObjectID"), "containers": integer, "workingSet": integer], ["nanoCPUs": integer]),
    ]
}
