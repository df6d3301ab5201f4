import Foundation

/// The manual page `reconcile(1)` in mdoc(7), made of the help of all commands.
enum ManualPage {
    /// Of the last change of its shape; what it says follows the commands.
    private static let date = "November 22, 2026"

    static var text: String {
        get throws { text(of: try CommandTree.program) }
    }

    static func text(of program: CommandTree) -> String {
        let help = HelpText(program.discussion ?? "")
        var page = Roff()
        page.macro("Dd", date)
        page.macro("Dt", "RECONCILE 1")
        page.macro("Os")
        page.macro("Sh", "NAME")
        page.macro("Nm", program.commandName)
        page.macro("Nd", decapitalized(program.abstract ?? ""))
        page.macro("Sh", "SYNOPSIS")
        page.macro("Nm")
        page.macro("Op", "Ar option ...")
        page.macro("Nm")
        page.macro("Ar", "command")
        page.macro("Op", "Ar argument ...")
        page.macro("Sh", "DESCRIPTION")
        page.prose(program.abstract ?? "")
        page.blocks(help.blocks, without: ["EXAMPLES", "EXIT CODES"])
        page.prose("Options of the program may stand behind any command that heeds them.", isParagraph: true)
        page.macro("Sh", "OPTIONS")
        page.options(program.ownArguments)
        page.macro("Sh", "COMMANDS")
        for command in program.visibleSubcommands { add(command, to: &page) }
        page.macro("Sh", "ENVIRONMENT")
        page.list([
            ("Ev RECONCILE_*", "Any setting: source.interval is RECONCILE_SOURCE_INTERVAL."),
            ("Ev RECONCILE_CONFIG", "The configuration file."),
            ("Ev DOCKER_HOST", "The engine's socket, where nothing else names it."),
            ("Ev NO_COLOR", "Without colours, whatever it is set to."),
        ])
        page.macro("Sh", "FILES")
        page.list([
            ("Pa /etc/reconcile/config.yaml", "The configuration of this host."),
            ("Pa /var/lib/reconcile", "State, mirror of the repository, lock and socket."),
        ])
        page.macro("Sh", "EXIT STATUS")
        page.literal(help.lines(under: "EXIT CODES"))
        page.macro("Sh", "EXAMPLES")
        page.literal(help.lines(under: "EXAMPLES"))
        page.macro("Sh", "SEE ALSO")
        page.macro("Xr", "docker 1 ,")
        page.macro("Xr", "git 1")
        return page.text
    }

    private static func add(_ command: CommandTree, to page: inout Roff) {
        page.macro("Ss", command.path)
        let synopsis = command.ownArguments.map(\.synopsis).filter { !$0.isEmpty }
        page.prose(command.abstract ?? "")
        if command.visibleSubcommands.isEmpty {
            page.macro("Bd", "-ragged -offset indent")
            page.macro("Nm", command.path)
            for words in synopsis { page.raw("." + words) }
            page.macro("Ed")
        }
        page.blocks(HelpText(command.discussion ?? "").blocks)
        if !command.ownArguments.isEmpty { page.options(command.ownArguments) }
        for command in command.visibleSubcommands { add(command, to: &page) }
    }

    /// As mdoc has it behind the name of a program: without a capital and a full stop.
    private static func decapitalized(_ text: String) -> String {
        let text = text.hasSuffix(".") ? text.dropLast() : text[...]
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

/// The text behind an abstract, in paragraphs: prose, and lines that stand as they are under a heading.
struct HelpText {
    enum Block: Hashable {
        case prose(String)
        case lines(heading: String, [String])
    }

    private(set) var blocks: [Block] = []

    init(_ text: String) {
        var heading = ""
        var lines: [String] = []
        var prose: [String] = []
        func end(_ blocks: inout [Block]) {
            if !lines.isEmpty {
                blocks.append(.lines(heading: heading, lines))
            } else if !heading.isEmpty {
                prose.insert(heading, at: 0)
            }
            if !prose.isEmpty { blocks.append(.prose(prose.joined(separator: " "))) }
            (heading, lines, prose) = ("", [], [])
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map({ String($0) }) {
            if line.allSatisfy(\.isWhitespace) {
                end(&blocks)
            } else if line.hasPrefix("  ") {
                lines.append(String(line.dropFirst(2)))
            } else if lines.isEmpty && heading.isEmpty && prose.isEmpty {
                heading = line
            } else {
                prose.append(line)
            }
        }
        end(&blocks)
    }

    func lines(under heading: String) -> [String] {
        for case .lines(heading, let lines) in blocks { return lines }
        return []
    }
}

extension CommandTree.Argument {
    /// `Fl o , Fl -output Ar format`, without the dot.
    var term: String {
        guard kind != "positional" else { return "Ar \(value)" }
        let flags = (names ?? []).map { $0.kind == "long" ? "Fl -\($0.name)" : "Fl \($0.name)" }.joined(
            separator: " , ")
        return kind == "option" ? "\(flags) Ar \(value)" : flags
    }

    /// For the line that shows how the command is written.
    var synopsis: String {
        let words = kind == "positional" || names?.count == 1 ? term : term.components(separatedBy: " , ").last ?? term
        let repeated = isRepeating ? words + " ..." : words
        return isOptional ? "Op \(repeated)" : repeated
    }

    private var value: String { Roff.escaped(valueName ?? "value") }
}
