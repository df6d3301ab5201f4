package import ArgumentParser
import Foundation
import Specs

/// The program: without a subcommand it reconciles this host, once, for ever, or only in print.
package struct ReconcileCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Keep a Docker host as a git repository says it should be.",
        discussion: """
            Without --dry-run or --once it runs as a daemon: it polls the repository, follows Docker's events, and \
            brings back what drifts.

            EXAMPLES
              reconcile --dry-run --specs examples/specs
              reconcile --dry-run --repo https://git.example.com/host.git --base origin/main
              reconcile --once --specs examples/specs --timeout 10m
              reconcile --config /etc/reconcile/config.yaml

            EXIT CODES
              --dry-run    0 planned, 1 error, 4 the revision is not signed as it
                           must be, or one of several hosts holds it; with --detailed-exitcode also 2 changes,
                           or N with --exit-code N (held actions are no change)
              --once       0 converged, 1 error, 3 stalled, 4 something held,
                           5 another instance holds the lock, 6 something moved
                           since --plan was made
              daemon       0 stopped by SIGTERM, 1 error,
                           5 another instance holds the lock
              all          64 a command line that cannot be understood
            """,
        version: "0.1.0",
        subcommands: [
            ValidateCommand.self, ExplainCommand.self, SchemaCommand.self, StatusCommand.self, TopCommand.self,
            GetCommand.self,
            DescribeCommand.self, LogsCommand.self, EventsCommand.self, HistoryCommand.self, RecommendCommand.self,
            SyncCommand.self,
            PauseCommand.self,
            ResumeCommand.self, OverrideCommand.self, ApproveCommand.self, PinCommand.self, UnpinCommand.self,
            DrainCommand.self, UncordonCommand.self, SnapshotCommand.self,
            RolloutCommand.self, TaskCommand.self,
            ConfigCommand.self,
            DoctorCommand.self, PolicyCommand.self, CalendarCommand.self, AutoscalerCommand.self, LearnCommand.self,
            AuditCommand.self, ClaimCommand.self, ClaimsCommand.self, RenewCommand.self, ReleaseCommand.self,
            CompletionsCommand.self, ManualCommand.self,
        ])

    @Flag(help: "Print the plan and change nothing.")
    var dryRun = false

    @Flag(help: "Apply, and exit when converged or stalled.")
    var once = false

    @Flag(help: "With --dry-run: exit with 2 when there are changes.")
    var detailedExitcode = false

    @Option(help: ArgumentHelp("With --dry-run: exit with N when there are changes.", valueName: "n"))
    var exitCode: Int32?

    @Option(
        help: ArgumentHelp(
            "With --dry-run: plan against the live host ('host'), against none ('none'), or against the snapshot of a host; "
                + "repeatable for several files, or a folder of them. (default: host; none with --base)",
            valueName: "host|none|file"))
    var against: [Against] = []

    @Option(
        help: ArgumentHelp(
            "With --against FILE: whose signature of snapshots counts, as 'reconcile snapshot keygen' printed it, or a file "
                + "of such lines; repeatable.", valueName: "key|file"))
    var snapshotKey: [String] = []

    @Flag(help: "With --against FILE: take snapshots that nobody vouches for; the plan says so.")
    var unverified = false

    @Option(
        help: ArgumentHelp("With --against FILE: refuse snapshots that are older.", valueName: "duration"),
        transform: Duration.parse(argument:))
    var maxAge: Duration?

    @Option(
        help: ArgumentHelp(
            "With --dry-run: what the newer revision changes since this one; without a host unless --against says host.",
            valueName: "revision"))
    var base: String?

    @Option(
        help: ArgumentHelp("With --dry-run: write the plan to a file, for --once --plan.", valueName: "file"),
        completion: .file())
    var out: String?

    @Option(
        help: ArgumentHelp(
            "With --once: carry out this plan, or nothing if anything that it rests on has moved.", valueName: "file"),
        completion: .file())
    var plan: String?

    @Option(
        name: .shortAndLong,
        help: "Format of the result; github, sarif, markdown and gitlab for findings and plans, ics for calendar.",
        completion: .formats)
    var output = OutputFormat.human

    @Option(help: "Colours in plans and findings.")
    var color = ColorChoice.auto

    @Option(
        help: ArgumentHelp("With --once: give up after this time. (default: 5m)", valueName: "duration"),
        transform: Duration.parse(argument:))
    var timeout: Duration?

    @OptionGroup(title: "Source")
    var source: SourceOptions

    @OptionGroup(title: "Host")
    var host: HostOptions

    @OptionGroup(title: "Log")
    var log: LogOptions

    /// What the command line says of settings.
    var flags: Flags { Flags(source: source, host: host, log: log) }

    package init() {}

    package mutating func validate() throws {
        if dryRun && once { throw ValidationError("--dry-run and --once exclude each other") }
        if detailedExitcode && !dryRun { throw ValidationError("--detailed-exitcode needs --dry-run") }
        if exitCode != nil && !dryRun { throw ValidationError("--exit-code needs --dry-run") }
        if let exitCode, !(0...255).contains(exitCode) {
            throw ValidationError("--exit-code '\(exitCode)' must be a number from 0 to 255")
        }
        for (name, value) in [("base", base), ("out", out)] where value != nil && !dryRun {
            throw ValidationError("--\(name) needs --dry-run")
        }
        if base != nil && source.specs != nil {
            throw ValidationError("--base needs a repository: a folder has one revision only")
        }
        if against.contains(where: { !$0.isSnapshot }) && against.count > 1 {
            throw ValidationError("--against host and --against none stand alone")
        }
        if out != nil && planAgainst != .host {
            throw ValidationError("--out needs a host to look at: a plan file binds what was seen there")
        }
        if !against.isEmpty && !dryRun { throw ValidationError("--against needs --dry-run") }
        try validateSnapshots()
        if plan != nil && !once { throw ValidationError("--plan needs --once") }
        if timeout != nil && !once { throw ValidationError("--timeout needs --once") }
        if let revision = source.acceptRevision, !SourceOptions.isRevision(revision) {
            throw ValidationError("--accept-revision '\(revision)' must be a commit id of 7 to 64 hexadecimal digits")
        }
    }

    private func validateSnapshots() throws {
        let isAsked = !snapshotKey.isEmpty || unverified || maxAge != nil
        guard against.contains(where: \.isSnapshot) else {
            if isAsked { throw ValidationError("--snapshot-key, --unverified and --max-age need --against FILE") }
            return
        }
        if unverified && !snapshotKey.isEmpty {
            throw ValidationError("--snapshot-key and --unverified exclude each other")
        }
        if !unverified && snapshotKey.isEmpty {
            throw ValidationError(
                "--against FILE needs --snapshot-key, so that nobody but the host can say what is on it; --unverified "
                    + "takes whatever the file says")
        }
    }

    package mutating func run() async throws {
        let format = dryRun ? nil : try PlainFormat(output)
        let planFormat = try PlanFormat(output)
        do {
            let settings = try EffectiveSettings(flags)
            let code =
                if let format { try await perform(settings, format) } else { try await preview(settings, planFormat) }
            if code != .success { throw code }
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal.complain("error: \(error)")
            throw ExitStatus.error
        }
    }

    /// Of findings beside the result, on standard error.
    private var style: Style { Style(isColored: color.isOn(for: STDERR_FILENO)) }

    /// What a dry-run plans against: two revisions need no host.
    private var planAgainst: Against { against.first ?? (base == nil ? .host : .none) }

    private func preview(_ settings: EffectiveSettings, _ format: PlanFormat) async throws -> ExitCode {
        let changes = exitCode.map { ExitCode($0) } ?? (detailedExitcode ? ExitStatus.changes : .success)
        let subject: DryRun.Subject =
            planAgainst.isSnapshot
            ? .snapshots(
                SnapshotPreviews(settings: settings, shelf: try snapshots(), base: base, style: style))
            : .host(
                PreviewLoader(
                    settings: settings, against: planAgainst == .none ? .none : .host, base: base, style: style))
        return try await DryRun(
            settings: settings, subject: subject, output: format,
            style: Style(isColored: color.isOn(for: STDOUT_FILENO)), file: out, changes: changes
        ).run()
    }

    private func snapshots() throws(SnapshotProblem) -> SnapshotShelf {
        let trust: SnapshotShelf.Trust = unverified ? .anybody : .keys(try SnapshotKey.read(snapshotKey))
        return try SnapshotShelf(
            against.compactMap(\.snapshotPath), trust, maxAge: maxAge,
            at: Instant(secondsSince1970: Int64(Date.now.timeIntervalSince1970)))
    }

    private func perform(_ settings: EffectiveSettings, _ format: PlainFormat) async throws -> ExitCode {
        if once {
            return try await Once(
                settings: settings, output: format, style: style, timeout: timeout ?? .seconds(300), plan: plan
            ).run()
        }
        return try await Daemon(settings: settings, flags: flags).run()
    }
}

/// The exit codes that scripts may rely on.
enum ExitStatus {
    static let error = ExitCode(1)
    static let changes = ExitCode(2)
    static let stalled = ExitCode(3)
    static let held = ExitCode(4)
    static let locked = ExitCode(5)
    static let altered = ExitCode(6)
}
