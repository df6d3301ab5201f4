package import Specs

/// What the host and the containers of its objects use now, for whoever looks.
package struct PresentUsage: Codable, Hashable, Sendable {
    package struct Host: Codable, Hashable, Sendable {
        package var processors: Int
        /// Of all processors, 0-100; nil at the first look, and where it cannot be read, as with all that follow.
        package var cpuPercent: Double?
        /// Bytes that programs cannot have any more.
        package var memoryUsed: Int64?
        package var memoryTotal: Int64?
        /// Of the engine's disk, 0-100.
        package var diskPercent: Double?

        package init(processors: Int) { self.processors = processors }
    }

    package struct Object: Codable, Hashable, Sendable {
        package var object: ResourceID
        /// How many containers that run were counted.
        package var containers: Int
        /// Billionths of a CPU, all of them together; nil at the first look at any of them.
        package var nanoCPUs: Int64?
        /// Bytes without the file cache that is not in use, all of them together.
        package var workingSet: Int64

        package init(object: ResourceID, containers: Int = 0, nanoCPUs: Int64? = nil, workingSet: Int64 = 0) {
            self.object = object
            self.containers = containers
            self.nanoCPUs = nanoCPUs
            self.workingSet = workingSet
        }
    }

    package var at: Instant
    package var host: Host
    /// By kind and name; objects of which nothing runs are left out.
    package var objects: [Object]

    package init(at: Instant, host: Host, objects: [Object]) {
        self.at = at
        self.host = host
        self.objects = objects
    }
}
