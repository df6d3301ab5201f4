import Drivers
import Reconciler
import Specs

/// Looks at the host once, by a way to Docker that can only read.
extension EffectiveSettings {
    typealias ReadOnlyObserver = DockerObserver<ReadOnlyTransport>

    /// - Parameter base: another revision whose images are of interest.
    func observe(_ desired: DesiredState, alsoFor base: DesiredState? = nil) async throws -> ObservedState {
        try await looking { docker, firewall in
            let images = desired.images.union(base?.images ?? [])
            let interest = Interest(owner: host.owner, images: images, firewall: desired.firewall)
            return try await Firewalled(docker, firewall).observe(interest)
        }
    }

    /// What a snapshot needs: the host as the revision in force is interested in it, and what a newer one may ask about.
    ///
    /// - Parameter images: references that other revisions name.
    func observeAll(
        _ desired: DesiredState, images: Set<String>
    ) async throws -> (observed: ObservedState, images: [String: String]) {
        try await looking { docker, firewall in
            let interest = Interest(owner: host.owner, images: images, firewall: desired.firewall)
            var observed = try await Firewalled(docker, firewall).observe(interest)
            // Without a policy nobody looks what the kernel can do, and a newer revision may have one.
            if observed.firewall.support == .unknown { await firewall.addAbilities(to: &observed.firewall) }
            let names = Set(images.map { ImageReference($0).familiarName })
            let tags = try await docker.client.taggedImages().filter {
                names.contains(ImageReference($0.key).familiarName)
            }
            return (observed, tags)
        }
    }

    private func looking<Result>(
        _ look: (ReadOnlyObserver, FirewallDriver) async throws -> Result
    ) async throws -> Result {
        let transport = UnixSocketTransport(engine)
        let docker = DockerObserver(
            DockerClient(ReadOnlyTransport(transport)), preflight: LocalPreflight(engine), kernel: KernelReader())
        do {
            let result = try await look(docker, FirewallDriver(engine: engine))
            await transport.shutdown()
            return result
        } catch {
            await transport.shutdown()
            throw error
        }
    }
}
