import ArgumentParser
import Foundation
import Reconciler
import Specs

/// What an autoscaler decides, and why.
struct AutoscalerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "autoscaler",
        abstract: "Replay recorded metrics against an autoscaler.",
        discussion: """
            Without paths the spec comes from the revision in force on this host, or from --specs or --repo.

            THE RECORDING is CSV: a column 'time' (RFC 3339, or seconds), one for each metric, called as in the spec \
            ('Resource/cpu', 'PoolUtilization', 'Queue'; a second one of a kind is 'Queue.2'), and, if it was recorded, \
            'members'. An empty cell is no value at that time. Use of members (Resource) is in percent of their limit; \
            with 'members' it is divided among the simulated ones.

            OUTPUT (-o, of the program)
              human    a line for each change and each new reason, and the sums
              json     one document, version 1

            EXIT CODES
              0 replayed, 1 a file cannot be read or is not valid, 64 a command line that cannot be understood
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(help: "The name of the Autoscaler.")
    var name: String

    @Argument(help: "Files and folders of specs; - is standard input.")
    var paths: [String] = []

    @Option(help: ArgumentHelp("The recording.", valueName: "file"))
    var simulate: String

    @Option(help: ArgumentHelp("Members at the beginning. (default: as recorded, or the least)", valueName: "count"))
    var members: Int?

    func validate() throws {
        if let members, members < 0 { throw ValidationError("--members must be 0 or more, not '\(members)'") }
    }

    func run() async throws {
        try await answering {
            let format = try PlainFormat(program.output)
            guard let (autoscalers, zones) = try await declared() else { return ExitStatus.error }
            let known = autoscalers.map(\.id.name).sorted()
            guard let autoscaler = autoscalers.first(where: { $0.id.name == name }) else {
                let hint = known.isEmpty ? "there is none" : "there are \(Diagnostic.list(known, word: "and"))"
                throw PolicyProblem("there is no Autoscaler '\(name)'; \(hint)")
            }
            let recording = try recording(for: autoscaler.spec)
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

    /// nil where the specs are not valid, which was said.
    private func declared() async throws -> ([Resource<Autoscaler>], [String: TimeZoneRules])? {
        if !paths.isEmpty { return program.specs(at: paths).map { ($0.autoscalers, $0.zones) } }
        let desired = try await PolicySubject.load(program).desired
        return (desired.autoscalers, desired.zones)
    }

    private func recording(for spec: Autoscaler) throws -> MetricRecording {
        let text: String
        do {
            let data =
                simulate == "-"
                ? FileHandle.standardInput.readDataToEndOfFile()
                : try Data(contentsOf: URL(filePath: simulate))
            text = String(decoding: data, as: UTF8.self)
        } catch {
            throw PolicyProblem("'\(simulate)' cannot be read")
        }
        do throws(InvalidText) {
            return try MetricRecording(csv: text, for: spec)
        } catch {
            throw PolicyProblem("'\(simulate)': \(error)")
        }
    }
}
