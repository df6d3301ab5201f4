package import Reconciler
import Specs

/// Revisions made of dice: few names and few values, so that one revision often takes back what another said.
package enum RandomSpecs {
    package static let images = ["app:1", "app:2", "app:3"]
    private static let names = ["a", "b", "c", "d"]

    /// Two to four objects on pools that are ours, bounded, or somebody else's.
    package static func state(using random: inout SplitMix64, revision: Int) -> DesiredState {
        let pools = [
            Declared.pool("ours"),
            Declared.pool("bounded", containersPerHost: Int.random(in: 1...5, using: &random)),
            Declared.pool("theirs", hosts: .init(name: "host-b")),
        ]
        var specs = SpecSet(hostPools: pools)
        for name in names.shuffled(using: &random).prefix(Int.random(in: 2...4, using: &random)) {
            let pool = pick(["ours", "ours", "ours", "ours", "bounded", "bounded", "theirs"], &random)
            if Int.random(in: 0..<4, using: &random) == 0 {
                let size = Int.random(in: 0...3, using: &random)
                specs.warmPools.append(Declared.warmPool(name, size: size, template(&random), pool: pool))
            } else {
                specs.workloads.append(workload(name, pool, &random))
            }
        }
        return DesiredState(
            specs: specs, revision: Revision(id: "revision-\(revision)", reference: "main"), host: Declared.host)
    }

    private static func workload(_ name: String, _ pool: String, _ random: inout SplitMix64) -> Resource<Workload> {
        if Int.random(in: 0..<5, using: &random) == 0 {
            let port = PublishedPort(
                hostPort: 8_000 + UInt16(names.firstIndex(of: name) ?? 0), container: ContainerPort(80))
            return Declared.workload(name, strategy: .recreate, publish: [port], template(&random), pool: pool)
        }
        return Declared.workload(
            name, replicas: Int.random(in: 0...3, using: &random), strategy: pick([.rolling, .recreate], &random),
            template(&random), pool: pool)
    }

    private static func template(_ random: inout SplitMix64) -> ContainerTemplate {
        ContainerTemplate(
            image: pick(images, &random), env: pick([[:], [:], ["A": "1"]], &random),
            mounts: pick([[], [Mount(.volume("data"), target: "/data")]], &random),
            healthCheck: pick([nil, HealthCheck(command: ["ok"])], &random),
            pullPolicy: pick([.ifNotPresent, .ifNotPresent, .always], &random), resources: resources(&random))
    }

    private static func resources(_ random: inout SplitMix64) -> Resources {
        let memory = pick([Int64?.none, 64 << 20, 128 << 20], &random).map { ByteQuantity(bytes: $0) }
        let swap: MemorySwap? =
            memory == nil ? nil : pick([nil, .unlimited, .limit(ByteQuantity(bytes: 1 << 30))], &random)
        return Resources(
            cpus: pick([Int64?.none, 500_000_000, 1_000_000_000], &random).map { CPUQuantity(nanoCPUs: $0) },
            memory: memory,
            memorySwap: swap, pids: pick([nil, 100], &random))
    }

    package static func pick<Value>(_ values: [Value], _ random: inout SplitMix64) -> Value {
        values[Int.random(in: values.indices, using: &random)]
    }
}
