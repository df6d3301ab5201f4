import Drivers
import Foundation
import Reconciler
import Specs

/// What a driver needs to make a member its holder's, after the choice is written down.
///
/// Each binding is a first one: afterwards the folders of the member are cleared.
struct BindMeasurement {
    let socketPath: String
    let members: Int
    let rounds: Int
    private let name = "bind-bench"

    func measure(into report: inout Report) async throws {
        let place = FileManager.default.temporaryDirectory.path + "/" + name
        let root = "/dev/shm/\(name)"
        let address = EngineAddress(socketPath: socketPath)
        let transport = UnixSocketTransport(address)
        var failure: (any Error)?
        do {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            for waits in [false, true] {
                let folders = MemberFolders(stateDirectory: place, waitsForDisk: waits)
                let driver = DockerDriver(
                    DockerClient(transport), preflight: LocalPreflight(address), members: folders)
                let containers = try await start(driver, root: root)
                try await measure(waits, driver, folders, containers, into: &report)
            }
        } catch {
            failure = error
        }
        let driver = DockerDriver(DockerClient(transport), members: MemberFolders(stateDirectory: place))
        for container in try await driver.observe(Interest(owner: name)).containers.values {
            _ = try await driver.apply(.stop(ContainerReference(container), timeout: .zero))
            _ = try await driver.apply(.remove(ContainerReference(container)))
        }
        await transport.shutdown()
        if let failure { throw failure }
        for path in [place, root] { try FileManager.default.removeItem(atPath: path) }
    }

    private func measure(
        _ waits: Bool, _ driver: DockerDriver<UnixSocketTransport>, _ folders: MemberFolders,
        _ containers: [ObservedContainer], into report: inout Report
    ) async throws {
        let how = waits ? ", claim file synced first" : ""
        report.add("a plain binding" + how, try await bind(driver, folders, containers, rounds: rounds) { _ in })
        report.add(
            "with 10 variables and a file of 4 KiB" + how,
            try await bind(driver, folders, containers, rounds: rounds) { binding in
                for number in 0..<10 { binding.environment["KEY_\(number)"] = "value \(number)" }
                binding.files = [.init(name: "secret", bytes: [UInt8](repeating: 0x61, count: 4096))]
            })
        if waits { return }
        let paused = try await bind(driver, folders, containers, rounds: max(1, rounds / 10), pausing: true) {
            $0.isPaused = true
        }
        report.add("a paused member, thawed", paused)
        var hook = WarmPool.Hook()
        hook.command = ["true"]
        let hooked = try await bind(driver, folders, containers, rounds: max(1, rounds / 10)) { $0.hook = hook }
        report.add("with the hook 'true'", hooked)
    }

    private func start(
        _ driver: DockerDriver<UnixSocketTransport>, root: String
    ) async throws -> [ObservedContainer] {
        var containers: [ObservedContainer] = []
        for slot in 0..<members {
            let member = OwnershipMark.Member(slot: slot, incarnation: 1, recreateHash: "")
            let mark = OwnershipMark(owner: name, object: ResourceID(.warmPool, name), member: member)
            var container = ContainerIntent(
                template: ContainerTemplate(image: "busybox:local", command: ["sleep", "1000000"], stopTimeout: .zero),
                network: "bridge")
            container.claimRoot = root
            let intent = MemberIntent(name: "\(name)-\(slot)-1", mark: mark, container: container)
            guard case .container(_, let made?) = try await driver.apply(.createContainer(intent)),
                case .container(_, let started?) = try await driver.apply(.start(ContainerReference(made)))
            else { throw BenchError("a member did not start") }
            containers.append(started)
        }
        return containers
    }

    private func bind(
        _ driver: DockerDriver<UnixSocketTransport>, _ folders: MemberFolders, _ containers: [ObservedContainer],
        rounds: Int, pausing: Bool = false, _ change: (inout ClaimBinding) -> Void
    ) async throws -> Samples {
        var times: [Double] = []
        for round in 0..<rounds {
            for (index, container) in containers.enumerated() {
                let reference = ContainerReference(container)
                if pausing { _ = try await driver.apply(.pause(reference)) }
                var binding = binding(UInt64(round * containers.count + index + 1), container)
                change(&binding)
                let begun = ContinuousClock.now
                let outcome = try await driver.bind(binding)
                times.append(begun.duration(to: .now).milliseconds)
                guard outcome == .bound else { throw BenchError("a member was not had: \(outcome)") }
                try folders.clear(container.name)
            }
        }
        return Samples(times)
    }

    private func binding(_ number: UInt64, _ container: ObservedContainer) -> ClaimBinding {
        let claim = Claim(
            id: ClaimID(number: number),
            request: ClaimRequest(pool: container.mark.object, holder: "bench", labels: ["conversation_id": "c-1"]),
            phase: .binding, container: .init(instance: container.instance, id: container.id, name: container.name),
            source: .warm, ttl: .seconds(60), created: Instant(secondsSince1970: 1_800_000_000),
            expires: Instant(secondsSince1970: 1_800_000_060), notAfter: nil)
        return ClaimBinding(claim: claim, container: ContainerReference(container))
    }
}

extension Report {
    fileprivate mutating func add(_ figure: String, _ samples: Samples) {
        add(
            figure, "\(samples.median.text(3)) ms",
            "p95 \(samples.percentile(95).text(3)), p99 \(samples.percentile(99).text(3)), "
                + "at most \(samples.maximum.text(3)), \(samples.count) runs")
    }
}
