import API
import ArgumentParser
import Foundation
import Reconciler
import Specs

/// What an autoscaler decides, and why.
struct AutoscalerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "autoscaler",
        abstract: "Show what an autoscaler decides and why, or replay recorded metrics against it.",
        discussion: """
            Asks the running daemon: what each metric is, what it asks for, why the number is what it is, and what limits \
            it. Without a name it lists all autoscalers.

            With --simulate nothing is asked but the spec. Without paths the spec comes from the revision in force on this host, or from --specs or --repo.

            THE RECORDING is CSV: a column 'time' (RFC 3339, or seconds), one for each metric, called as in the spec \
            ('Resource/cpu', 'PoolUtilization', 'Queue'; a second one of a kind is 'Queue.2'), and, if it was recorded, \
            'members'. An empty cell is no value at that time. Use of members (Resource) is in percent of their limit; \
            with 'members' it is divided among the simulated ones.

            OUTPUT (-o, of the program)
              human    the metrics and conditions; of a replay a line for each change and each new reason, and the sums
              json     one document, version 1

            EXAMPLES
              reconcile autoscaler shop
              reconcile autoscaler shop --simulate load.csv examples/specs

            EXIT CODES
              0 shown or replayed, 1 no daemon answered, or a file cannot be read or is not valid, 64 a command line that cannot be understood
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(help: "The name of the Autoscaler; without one, all of them.", completion: .names(of: .autoscaler))
    var name: String?

    @Argument(help: "With --simulate: files and folders of specs; - is standard input.", completion: .file())
    var paths: [String] = []

    @Option(help: ArgumentHelp("The recording.", valueName: "file"))
    var simulate: String?

    @Option(help: ArgumentHelp("Members at the beginning. (default: as recorded, or the least)", valueName: "count"))
    var members: Int?

    func validate() throws {
        if simulate == nil {
            if !paths.isEmpty { throw ValidationError("paths need --simulate") }
            if members != nil { throw ValidationError("--members needs --simulate") }
        } else if name == nil {
            throw ValidationError("--simulate needs the name of an Autoscaler")
        }
        if let members, members < 0 { throw ValidationError("--members must be 0 or more, not '\(members)'") }
    }

    func run() async throws {
        try await answering {
            let format = try PlainFormat(program.output)
            guard let simulate, let name else { return try await ask(format) }
            guard let (autoscalers, zones) = try await declared() else { return ExitStatus.error }
            let known = autoscalers.map(\.id.name).sorted()
            guard let autoscaler = autoscalers.first(where: { $0.id.name == name }) else {
                let hint = known.isEmpty ? "there is none" : "there are \(Diagnostic.list(known, word: "and"))"
                throw PolicyProblem("there is no Autoscaler '\(name)'; \(hint)")
            }
            let recording = try recording(simulate, for: autoscaler.spec)
            for column in recording.unknown {
                Terminal.complain("note: column '\(column)' is no metric of Autoscaler/\(name) and is passed over")
            }
            let outcome = ScalingSimulation.run(autoscaler.spec, recording, initial: members, zones: zones)
            switch format {
            case .human: Terminal.print(SimulationRenderer.text(outcome, of: name))
            case .json: Terminal.print(try Terminal.json(SimulationDocument(outcome, of: name)))
            }
            return .success
        }
    }

    private func ask(_ format: PlainFormat) async throws -> ExitCode {
        let client = DaemonClient(socketPath: try EffectiveSettings.socket(program.host))
        var reports = try await client.autoscalers()
        if let name {
            let known = reports.map(\.autoscaler.name)
            reports = reports.filter { $0.autoscaler.name == name }
            if reports.isEmpty {
                let hint = known.isEmpty ? "there is none" : "there are \(Diagnostic.list(known, word: "and"))"
                throw PolicyProblem("no Autoscaler '\(name)' is in force; \(hint)")
            }
        }
        switch format {
        case .human where name == nil: Terminal.print(AutoscalerRenderer.list(reports))
        case .human: Terminal.print(reports.map { AutoscalerRenderer.text($0) }.joined(separator: "\n"))
        case .json where name == nil: Terminal.print(try Terminal.json(reports))
        case .json: Terminal.print(try Terminal.json(reports[0]))
        }
        return .success
    }

    /// nil where the specs are not valid, which was said.
    private func declared() async throws -> ([Resource<Autoscaler>], [String: TimeZoneRules])? {
        if !paths.isEmpty { return program.specs(at: paths).map { ($0.autoscalers, $0.zones) } }
        let desired = try await PolicySubject.load(program).desired
        return (desired.autoscalers, desired.zones)
    }

    private func recording(_ simulate: String, for spec: Autoscaler) throws -> MetricRecording {
        let text: String
        do {
            let data =
                simulate == "-"
                ? FileHandle.standardInput.readDataToEndOfFile()
                : try Data(contentsOf: URL(filePath: simulate))
            text = String(decoding: data, as: UTF8.self)
        } catch {
            throw PolicyProblem("'\(simulate)' cannot be read: \(error.fileReason)")
        }
        do throws(InvalidText) {
            return try MetricRecording(csv: text, for: spec)
        } catch {
            throw PolicyProblem("'\(simulate)': \(error)")
        }
    }
}
