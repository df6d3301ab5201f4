import API
import ArgumentParser
import Foundation
import GitSource
import Reconciler
import Specs

/// When windows open and freezes begin.
struct CalendarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar",
        abstract: "List the openings and freezes of maintenance windows.",
        discussion: """
            Without paths it is about the revision in force on this host, or about --specs or --repo. Times are shown by the \
            clock of each window's time zone. Where the daemon runs, what waits for a window is listed too.

            OUTPUT (-o, of the program)
              human    a line for each opening
              json     one document, version 1
              ics      a calendar file (RFC 5545) for calendar programs

            EXAMPLES
              reconcile calendar --specs examples/specs
              reconcile calendar windows.yaml -o ics

            EXIT CODES
              0 listed, 1 the specs cannot be read or are not valid, 64 a command line that cannot be understood
            """)

    /// How windows are printed.
    static let formats: [OutputFormat] = [.human, .json, .ics]

    @ParentCommand var program: ReconcileCommand

    @Argument(help: "Files and folders of specs; - is standard input.", completion: .file())
    var paths: [String] = []

    @Option(help: ArgumentHelp("How many days to look ahead, 1-1830.", valueName: "days"))
    var days = 60

    @Option(help: ArgumentHelp("From when on, such as 2026-12-01T00:00:00Z. (default: now)", valueName: "moment"))
    var from: String?

    func validate() throws {
        guard (1...1_830).contains(days) else { throw ValidationError("--days must be 1-1830, not '\(days)'") }
        _ = try start()
    }

    func run() async throws {
        try await answering {
            guard let windows = try await windows() else { return ExitStatus.error }
            let calendar = WindowCalendar(windows, from: try start() ?? Self.now, days: days)
            switch program.output {
            case .human:
                Terminal.print(CalendarRenderer.text(calendar))
                if let waiting = await waiting(), !waiting.isEmpty {
                    Terminal.print("\n" + CalendarRenderer.text(waiting: waiting))
                }
            case .json: Terminal.print(try Terminal.json(CalendarDocument(calendar, waiting: await waiting())))
            case .ics:
                let version = ReconcileCommand.configuration.version
                FileHandle.standardOutput.write(
                    Data(CalendarText.text(calendar, made: Self.now, version: version).utf8))
            case .github, .sarif, .markdown, .gitlab:
                throw ValidationError("--output \(program.output.rawValue) is for findings and plans only")
            }
            return .success
        }
    }

    /// What the running daemon holds for windows; nil where the question is about other specs, or nobody answers.
    private func waiting() async -> [PlanDocument.Entry]? {
        guard paths.isEmpty, program.source.specs == nil, program.source.repo == nil,
            let socket = try? EffectiveSettings.socket(program.host)
        else { return nil }
        // Openings are the same with and without a daemon.
        guard let plan = try? await DaemonClient(socketPath: socket).plan() else { return nil }
        return plan.actions.filter { $0.held?.gate == Hold.Gate.window.rawValue }
    }

    private static var now: Instant { Instant(secondsSince1970: Int64(Date.now.timeIntervalSince1970)) }

    private func start() throws -> Instant? {
        guard let from else { return nil }
        do throws(InvalidText) {
            return try Instant.parse(from)
        } catch {
            throw ValidationError("--from: \(error)")
        }
    }

    /// nil where the specs are not valid, which was said.
    private func windows() async throws -> WindowSet? {
        if paths.isEmpty { return try await PolicySubject.load(program).desired.windows }
        guard let specs = program.specs(at: paths) else { return nil }
        return WindowSet(specs.maintenanceWindows, zones: specs.zones)
    }
}

extension ReconcileCommand {
    /// What the files that a person names declare; nil where that is nothing valid, which is said on standard error.
    func specs(at paths: [String]) -> SpecSet? {
        let named = NamedSpecs.read(paths)
        let loaded = SpecLoader.load(named.files, environment: host.environment)
        let findings = named.problems + loaded.diagnostics.filter { $0.severity == .error }
        guard findings.isEmpty else {
            var renderer = FindingsRenderer(named.files, style: Style(isColored: color.isOn(for: STDERR_FILENO)))
            Terminal.complain(
                renderer.text(FindingsReport(findings, files: named.files.count, objects: loaded.specs?.count)))
            return nil
        }
        return loaded.specs
    }
}
