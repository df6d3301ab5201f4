import ArgumentParser
import Glibc
import Logging

/// Says whether this host can be kept, and what of the language it cannot carry out.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at this host: what works, what does not, and what would help.",
        discussion: """
            Looks at the configuration, the state directory, the engine, the kernel, the firewall, the repository and the \
            clock with the daemon's own settings, and changes nothing: it may run beside the daemon. 'unsupported' is what \
            specs may ask for and this host does not have; 'unknown' could not be found out.

            EXAMPLES
              reconcile doctor
              reconcile doctor --no-source --docker-host unix:///run/user/1000/docker.sock

            EXIT CODES
              0 nothing keeps the controller from working, 1 something does,
              64 a command line that cannot be understood
            """)

    /// Settings are the program's own options, whichever command they stand behind.
    @ParentCommand var program: ReconcileCommand

    @Flag(inversion: .prefixedNo, help: "Fetch the repository once, into a folder that is removed again.")
    var source = true

    func run() async throws {
        let format = try PlainFormat(program.output)
        let report = CheckupReport(await results())
        switch format {
        case .human: Terminal.print(report.text(Style(isColored: program.color.isOn(for: STDOUT_FILENO))))
        case .json: Terminal.print(try Terminal.json(report))
        }
        if !report.ok { throw ExitStatus.error }
    }

    private func results() async -> [CheckResult] {
        let configuration: LoadedConfiguration
        do throws(UsageError) {
            configuration = try LoadedConfiguration(program.flags)
        } catch {
            // Nothing else can be looked at: it would be another host's engine, or another folder.
            return [CheckResult("configuration", .failed, error.description)]
        }
        let logger = configuration.values.log.logger(unlessSaid: .error)
        let examination = Examination(
            configuration: configuration, workingCopy: program.source.specs, asksSource: source, logger: logger)
        return Checkup.results(await examination.facts())
    }
}
