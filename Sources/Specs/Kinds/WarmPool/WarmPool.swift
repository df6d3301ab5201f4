/// Started, unclaimed containers from one template, kept ready to be claimed.
package struct WarmPool: Hashable, Sendable {
    /// The name of the `HostPool` that this runs on.
    package var hostPool: String
    /// How many unclaimed members are kept ready: 0-1000.
    package var size: Int
    package var template: ContainerTemplate

    package init(hostPool: String, size: Int, template: ContainerTemplate) {
        self.hostPool = hostPool
        self.size = size
        self.template = template
    }
}
