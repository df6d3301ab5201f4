import API
import ArgumentParser
import Drivers
import Foundation
import Logging
import Reconciler
import Specs

/// Shows what the containers of an object wrote, or the log of the controller.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what the containers of an object wrote, or the log of the controller.",
        discussion: """
            The logs of containers are asked of the engine itself: that needs no daemon, and the rights to use Docker. Each \
            line has its container in front, with '|' for standard output and '!' for standard error, and goes where the \
            container wrote it. With --follow members that come later join.

            With --controller the running daemon is asked for the newest entries of its own log, of which it keeps 4 MiB, \
            or --file names an archive of it.

            EXAMPLES
              reconcile logs Workload/web
              reconcile logs Workload/web/0 --follow --tail 20
              reconcile logs WarmPool/agents --since 10m --timestamps
              reconcile logs --controller --level warning --since 1h
              reconcile logs --controller --event rollout.failed --follow
              journalctl -u reconcile -o cat | reconcile logs --file - --grep web

            EXIT CODES
              0 shown, 1 there is nothing of that name, or it could not be read,
              64 a command line that cannot be understood
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp("An object, or one member of it.", valueName: "kind/name[/slot]"),
        completion: .objectsAndMembers)
    var object: String?

    @Flag(name: .shortAndLong, help: "Go on with what is written.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "The newest so many lines of each container, or entries of the controller; or all.", valueName: "n"))
    var tail = TailCount.usual

    @Option(
        help: ArgumentHelp("Only from this time on: 10m ago, or 2026-12-20T02:00:00Z.", valueName: "time"),
        transform: LogMoment.parse)
    var since: LogMoment?

    @Flag(name: .shortAndLong, help: "Show when each line was written.")
    var timestamps = false

    @Option(help: ArgumentHelp("Only this slot of the object.", valueName: "n"))
    var slot: Int?

    @Flag(help: "Leave out which container wrote a line.")
    var noPrefix = false

    @Flag(help: "The log of the controller, as the running daemon keeps it.")
    var controller = false

    @Option(
        help: ArgumentHelp("The log of the controller in a file of JSON lines; - is standard input."),
        completion: .file())
    var file: String?

    @Option(
        help: ArgumentHelp("Of the controller: only up to this time.", valueName: "time"), transform: LogMoment.parse)
    var until: LogMoment?

    @Option(help: ArgumentHelp("Of the controller: only this level and more severe ones."))
    var level: Logger.Level?

    @Option(help: ArgumentHelp("Of the controller: only with this event, such as daemon.started."))
    var event: String?

    @Option(help: ArgumentHelp("Of the controller: only where this occurs.", valueName: "text"))
    var grep: String?

    private var isOfController: Bool { controller || file != nil }

    func validate() throws {
        if controller && file != nil { throw ValidationError("--controller and --file exclude each other") }
        if isOfController {
            if object != nil {
                throw ValidationError("'\(object ?? "")' and --controller or --file exclude each other")
            }
            if slot != nil || noPrefix || timestamps {
                throw ValidationError("--slot, --no-prefix and --timestamps are for containers")
            }
            if follow && file != nil { throw ValidationError("--follow needs --controller: a file is at its end") }
            if follow && until != nil { throw ValidationError("--follow and --until exclude each other") }
        } else {
            if until != nil || level != nil || event != nil || grep != nil {
                throw ValidationError("--until, --level, --event and --grep need --controller or --file")
            }
            _ = try target()
        }
    }

    /// The object, and the slot that the word or the option names.
    private func target() throws -> (object: ResourceID, slot: Int?) {
        guard let object else {
            throw ValidationError("name an object, such as Workload/web, or say --controller")
        }
        if let slot, slot < 0 { throw ValidationError("--slot must be 0 or more") }
        let parts = object.split(separator: "/", omittingEmptySubsequences: false)
        let word = parts.prefix(2).joined(separator: "/")
        guard parts.count == 2 || parts.count == 3, let id = try ObjectWord.parse(argument: word).id else {
            throw ValidationError(
                "'\(object)' must be KIND/NAME or KIND/NAME/SLOT, such as Workload/web; 'reconcile get' lists objects")
        }
        guard parts.count == 3 else { return (id, slot) }
        guard let own = Int(parts[2]), own >= 0 else {
            throw ValidationError("'\(parts[2])' in '\(object)' must be the number of a slot")
        }
        if let slot, slot != own { throw ValidationError("'\(object)' and --slot \(slot) name two slots") }
        return (id, own)
    }

    func run() async throws {
        if program.dryRun || program.once {
            throw ValidationError("this only looks; it goes with neither --dry-run nor --once")
        }
        let format = try PlainFormat(program.output)
        do {
            if isOfController { try await showController(format) } else { try await showContainers(format) }
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal.complain("error: \(error)")
            throw ExitStatus.error
        }
    }

    private func showController(_ format: PlainFormat) async throws {
        var query = LogQuery()
        query.since = since?.instant(now: .ofWallClock)
        query.until = until?.instant(now: .ofWallClock)
        (query.level, query.event, query.text) = (level, event, grep)
        let style = Style(isColored: program.color.isOn(for: STDOUT_FILENO))
        let logs = ControllerLogs(query: query, tail: tail, format: format, style: style)
        if let file { return try logs.run(file: file) }
        try await logs.run(DaemonClient(socketPath: try EffectiveSettings.socket(program.host)), follows: follow)
    }

    private func showContainers(_ format: PlainFormat) async throws {
        let (object, slot) = try target()
        let settings = try LoadedConfiguration(Flags(host: program.host)).values
        var renderer = MemberLineRenderer(isJSON: format == .json, hasTimes: timestamps, hasNames: !noPrefix)
        for (stream, descriptor) in [(OutputLine.Stream.output, STDOUT_FILENO), (.error, STDERR_FILENO)] {
            renderer.destinations[stream] = .init(
                isTerminal: isatty(descriptor) == 1, isColored: program.color.isOn(for: descriptor))
        }
        try await ContainerLogs(
            engine: settings.dockerHost, owner: settings.owner, object: object, slot: slot,
            window: LogWindow(tail: tail.count, since: since?.instant(now: .ofWallClock), follows: follow),
            output: LineOutput(renderer)
        ).run()
    }
}
