import ArgumentParser
import CMalloc
import GitSource
import Glibc
import Specs

/// Checks specs where they are written: no engine, no repository, no state.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check spec files and show what is wrong with them.",
        discussion: """
            All paths together count as one revision: references lead from one to another, and names are unique across \
            them. Folders are searched for *.yaml and *.yml. Needs no Docker, no git and no state directory.

            Where Environments are declared, the revision is checked in each of them, and without any if all variables \
            have defaults; --environment NAME (of the program) checks that one alone.

            OUTPUT (-o, of the program)
              human    each finding with its line and what would be right
              json     one document, version 1; see docs/validate.md
              github   workflow commands, shown by GitHub beside the lines
              sarif    SARIF 2.1.0, for code scanning
            --color auto|always|never is for human output.

            EXAMPLES
              reconcile validate specs/
              reconcile validate specs/ -o sarif >findings.sarif
              git show HEAD:web.yaml | reconcile validate -

            EXIT CODES
              0 valid, 1 errors, 64 a command line that cannot be understood

            `reconcile explain CODE` says more about a finding.
            """)

    /// How findings are printed.
    static let formats: [OutputFormat] = [.human, .json, .github, .sarif]

    /// `--output` and `--color` are the program's own options, whichever command they stand behind.
    @ParentCommand var program: ReconcileCommand

    @Argument(help: "Files and folders of specs; - is standard input.", completion: .file())
    var paths: [String]

    @Flag(help: "Count warnings as errors.")
    var strict = false

    func run() throws {
        if program.dryRun || program.once { throw ValidationError("validate neither plans nor applies anything") }
        // Memory only grows here, so it may grow in large steps; in glibc's own, the kernel is asked some thousand times.
        mallopt(M_TOP_PAD, 1 << 20)
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
        let named = NamedSpecs.read(paths)
        let (report, loaded) = Self.report(named, environment: program.host.environment, strict: strict)
        switch program.output {
        case .human:
            var renderer = FindingsRenderer(
                named.files, style: Style(isColored: program.color.isOn(for: STDOUT_FILENO)))
            Terminal.print(renderer.text(report))
        case .json: Terminal.print(try Terminal.json(FindingsDocument(report)))
        case .github: Terminal.print(WorkflowCommands.text(report))
        case .ics, .markdown, .gitlab: _ = try PlainFormat(program.output)
        case .sarif:
            let version = ReconcileCommand.configuration.version
            Terminal.print(try Terminal.json(SARIFLog(report, version: version)))
        }
        // To take a large revision apart, object by object, would cost a tenth of the time, just before the process ends.
        withExtendedLifetime((named, loaded)) { Self.exit(withError: report.hasErrors ? ExitStatus.error : nil) }
    }

    /// What could not be read hides what was meant, so that nothing is said about the rest.
    private static func report(
        _ named: NamedSpecs, environment: String?, strict: Bool
    ) -> (FindingsReport, LoadedSpecs?) {
        guard named.problems.isEmpty else {
            return (FindingsReport(named.problems, files: named.files.count, objects: nil), nil)
        }
        let loaded =
            environment.map { SpecLoader.load(named.files, environment: $0) } ?? SpecLoader.validate(named.files)
        let report = FindingsReport(loaded.diagnostics, files: named.files.count, objects: loaded.specs?.count)
        return (strict ? report.strict : report, loaded)
    }
}
