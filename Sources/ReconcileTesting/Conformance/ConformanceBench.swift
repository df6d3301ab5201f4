import Reconciler
import Specs

/// The driver under one check, and the short words that checks are written in.
struct ConformanceBench: Sendable {
    let driver: any Driver
    let environment: ConformanceEnvironment
    let number: Int

    /// One owner a check: what others left behind is foreign.
    var owner: String { "\(environment.prefix)-\(number)" }
    var object: ResourceID { ResourceID(.workload, "\(environment.prefix)c\(number)") }
    var networkName: String { "\(environment.prefix)-net-\(number)" }
    var subnet: String { "10.\(environment.subnetOctet).\(number).0/24" }

    /// Long enough for every check, short enough not to stay for ever.
    var template: ContainerTemplate {
        ContainerTemplate(image: environment.image, command: ["sleep", "300"], stopTimeout: .zero)
    }

    func networkIntent() -> NetworkIntent {
        NetworkIntent(
            name: networkName, mark: OwnershipMark(owner: owner, object: object),
            bridge: RecreateHash.bridgeName(owner: owner, object: object), subnet: subnet)
    }

    func intent(
        slot: Int = 0, incarnation: Int = 1, owner: String? = nil, template: ContainerTemplate? = nil,
        publish: [PublishedPort] = []
    ) -> MemberIntent {
        let member = OwnershipMark.Member(slot: slot, incarnation: incarnation, recreateHash: "v1;image=0")
        return MemberIntent(
            name: "\(object.name)-\(slot)-\(incarnation)",
            mark: OwnershipMark(owner: owner ?? self.owner, object: object, member: member),
            container: ContainerIntent(template: template ?? self.template, publish: publish, network: networkName))
    }

    /// Creates a container on a network of its own.
    func created(_ intent: MemberIntent? = nil) async throws -> ObservedContainer {
        _ = try await driver.apply(.createNetwork(networkIntent()))
        return try await container(.createContainer(intent ?? self.intent()))
    }

    func started(_ intent: MemberIntent? = nil) async throws -> ObservedContainer {
        let container = try await created(intent)
        return try await self.container(.start(ContainerReference(container)))
    }

    /// Applies a step that must leave a container behind.
    func container(_ step: Step) async throws -> ObservedContainer {
        guard case .container(_, let container?) = try await driver.apply(step) else {
            throw ConformanceFailure(description: "the step left no container: \(step)")
        }
        return container
    }

    /// Applies a step that must find, or leave, no container.
    func expectGone(_ step: Step) async throws {
        guard case .container(_, nil) = try await driver.apply(step) else {
            throw ConformanceFailure(description: "the step left a container: \(step)")
        }
    }

    func observe(images: Set<String> = []) async throws -> ObservedState {
        let state = try await driver.observe(Interest(owner: owner, images: images))
        try expect(state.isComplete, "the observation is incomplete")
        return state
    }

    func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw ConformanceFailure(description: message()) }
    }

    func expectEqual<Value: Equatable>(_ value: Value, _ expected: Value, _ what: String) throws {
        try expect(value == expected, "\(what) is \(value), and should be \(expected)")
    }

    /// Applies a step that must be refused in exactly this way.
    func expectRefusal(
        _ disposition: DriverError.Disposition, _ codes: DriverError.Code..., of step: Step
    ) async throws {
        do throws(DriverError) {
            _ = try await driver.apply(step)
        } catch {
            try expect(
                error.disposition == disposition && codes.contains(error.code),
                "refused as \(error.disposition) \(error.code) instead of \(disposition) \(codes): \(error)")
            return
        }
        throw ConformanceFailure(description: "the step was not refused: \(step)")
    }

    /// Removes whatever the check has left on the host: all containers before the networks that they share.
    func cleanUp() async throws {
        for owner in [owner, otherOwner] {
            for container in try await driver.observe(Interest(owner: owner)).containers.values {
                _ = try await driver.apply(.stop(ContainerReference(container), timeout: .zero))
                _ = try await driver.apply(.remove(ContainerReference(container)))
            }
        }
        for owner in [owner, otherOwner] {
            let state = try await driver.observe(Interest(owner: owner))
            for network in state.networks.values where network.mark != nil {
                _ = try await driver.apply(.removeNetwork(name: network.name, id: network.id, owner: owner))
            }
        }
    }

    /// Somebody else who also uses this program.
    var otherOwner: String { owner + "-other" }
}
