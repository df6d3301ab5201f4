import Logging
import ReconcileTesting
import Reconciler
import Specs

/// What a quarter of a minute with a thousand autoscalers costs in the control loop: all of them are due, are measured, decide, and are
/// written down. Nothing is to be changed, as nearly always; the answers come one by one, as they do on a host.
struct ScalingLoopMeasurement {
    let repetitions: Int

    private static let autoscalers = 1_000
    private static let members = 10
    private static let interval = Duration.seconds(15)

    func measure(into report: inout Report) throws {
        var rounds = try Rounds(Self.desired())
        let samples = Samples((0..<repetitions).map { _ in rounds.next().milliseconds })
        let figure = "1,000 autoscalers looked at in the control loop, 3 metrics, 10 members each"
        report.add(figure, milliseconds: samples, below: 50)
        progress("\(figure): \(samples.median.text(2)) ms")
    }

    private static func desired() -> DesiredState {
        var template = ContainerTemplate(image: "web:1")
        template.resources = Resources(cpus: CPUQuantity(nanoCPUs: 2_000_000_000))
        var specs = SpecSet(hostPools: [Declared.pool()])
        for number in 0..<autoscalers {
            specs.workloads.append(Declared.workload("web-\(number)", replicas: members, template))
        }
        var state = DesiredState(
            specs: specs, revision: Revision(id: "1111111", reference: "main"), host: Declared.host)
        let spec = ScalingMeasurement.spec()
        state.autoscalers = specs.workloads.map { workload in
            var spec = spec
            spec.target = workload.id
            return Resource(
                id: ResourceID(.autoscaler, workload.id.name), spec: spec,
                origin: SourcePosition(file: "scale.yaml", line: 1, column: 1))
        }
        return state
    }

    /// A loop whose world answers every question at once.
    private struct Rounds {
        private var loop: ControlLoop
        private var now = Now(uptime: .zero, wall: Instant(secondsSince1970: 1_800_000_000))

        init(_ desired: DesiredState) throws {
            loop = ControlLoop(
                journal: InMemoryStateStore(), host: Declared.host,
                settings: ControllerSettings(resyncInterval: .seconds(1 << 20)),
                logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }, seed: 1)
            _ = loop.take(.desired(desired), now: now)
            for effect in try loop.start(.forever, now: now) {
                guard case .observe(let ticket, _) = effect else { continue }
                let effects = loop.take(.observed(ticket, .success(ObservedState(converged: desired))), now: now)
                for (ticket, readings) in answers(effects) { _ = loop.take(.measured(ticket, readings), now: now) }
            }
            _ = loop.take(.time, now: now)
        }

        /// Until everything that an interval brings is done; the making of the answers is not counted.
        mutating func next() -> Duration {
            now = Now(uptime: now.uptime + ScalingLoopMeasurement.interval, wall: now.wall.advanced(bySeconds: 15))
            let clock = ContinuousClock()
            var effects: [Effect] = []
            var spent = clock.measure { effects = loop.take(.time, now: now) }
            let answers = answers(effects)
            precondition(answers.count == ScalingLoopMeasurement.autoscalers)
            spent += clock.measure {
                for (ticket, readings) in answers { _ = loop.take(.measured(ticket, readings), now: now) }
                let more = loop.take(.time, now: now)
                precondition(more.isEmpty)
            }
            return spent
        }

        private func answers(_ effects: [Effect]) -> [(Ticket, [MetricReading])] {
            effects.compactMap { effect in
                guard case .measure(let ticket, let questions) = effect else { return nil }
                return (ticket, questions.map(reading))
            }
        }

        /// Each is where it should be.
        private func reading(_ question: MetricQuestion) -> MetricReading {
            switch question {
            case .members(_, let containers):
                let sample = MemberSample(milli: 1_200, at: now.wall, window: 15)
                return .members(Dictionary(uniqueKeysWithValues: containers.map { ($0, sample) }))
            case .host: return .whole(50, at: now.wall)
            case .prometheus, .external, .queue: return .whole(100, at: now.wall)
            }
        }
    }
}
