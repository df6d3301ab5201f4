import ArgumentParser
import Drivers
import Reconciler
import Specs

/// Turns what a profile in mode `log` lets through into a profile that allows it.
struct LearnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "Watch an object whose profile has 'mode: log', and write the profile that it needs.",
        discussion: """
            Reads the kernel's log, which needs root, for as long as --for says, and finds the containers of the object by \
            the control groups of their processes. Prints a SecurityProfile; nothing is changed anywhere. Let the containers \
            do everything that they are there for meanwhile: what they did not do is not in it. The kernel leaves out records \
            when there are too many at once, so repeat it until nothing new comes.

            EXAMPLES
              reconcile learn Workload/web --for 10m > web-profile.yaml
              reconcile learn SecurityProfile/web --for 10m

            EXIT CODES
              0 a profile was printed, 1 something could not be read, 64 a command line that cannot be understood
            """)

    /// Settings are the program's own options, whichever command they stand behind.
    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp(
            "The object, such as Workload/web; or a SecurityProfile, for all that it confines.", valueName: "kind/name"),
        completion: .objects
    )
    var object: String

    @Option(
        name: .customLong("for"), help: ArgumentHelp("How long to watch. (default: 1m)", valueName: "duration"),
        transform: Duration.parse(argument:))
    var time: Duration?

    @Option(help: ArgumentHelp("The base that the profile begins with.", valueName: "name"))
    var base = "sandbox"

    func validate() throws {
        guard let id = ResourceID(object), [.workload, .warmPool, .securityProfile].contains(id.kind) else {
            throw ValidationError("'\(object)' must be a Workload, a WarmPool or a SecurityProfile: Workload/web")
        }
        guard SecurityProfile.Seccomp.Base(rawValue: base) != nil else {
            throw ValidationError("'\(base)' must be docker-default or sandbox")
        }
    }

    func run() async throws {
        guard let id = ResourceID(object), let base = SecurityProfile.Seccomp.Base(rawValue: base) else { return }
        do {
            let values = try LoadedConfiguration(program.flags).values
            let learned = try await watch(id, owner: values.owner, on: values.dockerHost)
            Terminal.print(learned.profile(named: "\(id.name)-learned", base: base))
        } catch {
            Terminal.complain("error: \(error)")
            throw ExitStatus.error
        }
    }

    private static func members(_ id: ResourceID, in observed: ObservedState) -> [String] {
        guard id.kind == .securityProfile else { return observed.containers(of: id).map(\.id) }
        return observed.containers.values.filter { $0.confinement?.profile == id.name }.map(\.id)
    }

    /// The members are looked up again now and then: they may be replaced meanwhile.
    private func watch(_ id: ResourceID, owner: String, on engine: EngineAddress) async throws -> LearnedCalls {
        let transport = UnixSocketTransport(engine)
        let observer = DockerObserver(DockerClient(ReadOnlyTransport(transport)))
        let log = try KernelLog()
        var learned = LearnedCalls()
        var members: Set<String> = []
        var looked: ContinuousClock.Instant?
        let end = ContinuousClock.now + (time ?? .seconds(60))
        while ContinuousClock.now < end {
            if looked.map({ ContinuousClock.now - $0 > .seconds(2) }) ?? true {
                let observed = try await observer.observe(Interest(owner: owner))
                members.formUnion(Self.members(id, in: observed))
                looked = .now
                if members.isEmpty { Terminal.complain("note: \(id) has no containers on this host yet") }
            }
            guard let line = try log.next(within: 100), let record = SeccompRecord(line: line), record.isLogged else {
                continue
            }
            let container = ContainerOfProcess.id(of: record.pid)
            learned.add(
                record.number, architecture: record.architecture, isOurs: container.map { members.contains($0) })
        }
        await transport.shutdown()
        return learned
    }
}
