package import Reconciler
package import Specs

extension LiveSettings {
    /// What is observed of a container that was created with these.
    package init(declared resources: Resources) {
        self.init(
            nanoCPUs: resources.cpus?.nanoCPUs, memory: resources.memory?.bytes,
            memorySwap: resources.effectiveMemorySwap, pids: resources.pids,
            memoryReservation: resources.memoryReservation?.bytes, cpuShares: resources.effectiveCPUShares,
            cpuset: resources.cpuset, blockIOWeight: resources.blockIO?.weight)
    }
}
