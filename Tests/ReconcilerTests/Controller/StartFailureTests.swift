import Reconciler
import Specs
import Synchronization
import Testing

@testable import ReconcileTesting

/// Docker finds out late what is wrong with a container: it is made, and then it does not start.
struct StartFailureTests {
    private let desired = Declared.state(Declared.workload())

    /// An engine that does not start anything the first so many times.
    private func rig(refusing count: Int, _ disposition: DriverError.Disposition) -> Rig {
        let left = Mutex(count)
        return Rig { engine in
            WillfulDriver(engine: engine) { step, _ throws(DriverError) in
                guard case .start(let container) = step else { return nil }
                let refuses = left.withLock { left in
                    defer { left -= 1 }
                    return left > 0
                }
                guard refuses else { return nil }
                throw DriverError(
                    disposition, .serverError, "port is already allocated", at: "POST /containers/\(container.id)/start"
                )
            }
        }
    }

    @Test("it is kept and taken up again, and no other is made in its place")
    func takenUp() async throws {
        let rig = rig(refusing: 3, .transient)
        try await rig.running(desired) {
            await rig.converge()
            #expect(await rig.runningNames == ["web-0-1"])
            #expect(await rig.steps(named: "create-container").count == 1)
        }
    }

    @Test("one that the engine can never start again makes room for another")
    func leftoverTask() async throws {
        let first = Mutex<String?>(nil)
        let rig = Rig { engine in
            WillfulDriver(engine: engine) { step, _ throws(DriverError) in
                guard case .start(let container) = step else { return nil }
                let isFirst = first.withLock { first in
                    if first == nil { first = container.id }
                    return first == container.id
                }
                guard isFirst else { return nil }
                throw DriverError(.conflict, .taskExists, "task \(container.id): already exists", at: "start")
            }
        }
        try await rig.running(desired) {
            #expect(await eventually { await rig.runningNames == ["web-0-2"] })
            #expect(await eventually { await rig.engine.containers.count == 1 })
        }
    }

    @Test("it goes with its object, though it never ran", arguments: [DriverError.Disposition.transient, .terminal])
    func removed(disposition: DriverError.Disposition) async throws {
        let rig = rig(refusing: .max, disposition)
        try await rig.running(desired) {
            #expect(await eventually { await rig.engine.containers.values.contains { $0.status == .created } })
            await rig.controller.setDesired(Declared.state(revision: "2222222"))
            #expect(await eventually { await rig.engine.containers.isEmpty })
        }
    }

    @Test("a commit that changes it replaces it", arguments: [DriverError.Disposition.transient, .terminal])
    func replaced(disposition: DriverError.Disposition) async throws {
        let rig = rig(refusing: 2, disposition)
        try await rig.running(desired) {
            #expect(await eventually { await rig.engine.containers.values.contains { $0.status == .created } })
            await rig.controller.setDesired(
                Declared.state(Declared.workload(ContainerTemplate(image: "web:2")), revision: "2222222"))
            await rig.converge()
            #expect(await rig.engine.containers.values.map(\.image) == ["web:2"])
        }
    }
}
