import API
import Reconciler
import Specs

/// Draws a screen of `reconcile top`: as many lines as there is room for, none wider than the terminal.
struct TopRenderer {
    let rows: Int
    let columns: Int
    let style: Style

    /// The smallest terminal that anything useful fits on.
    static let leastRows = 10

    /// How many rows of a list, or lines of a text, there is room for.
    func page(of screen: TopScreen) -> Int { max(1, rows - head(screen, clock: "").count - 3) }

    /// - Parameter clock: the time of day, as it is shown.
    func frame(_ screen: TopScreen, clock: String) -> [String] {
        let head = head(screen, clock: clock)
        let page = page(of: screen)
        var body =
            switch screen.overlay {
            case .text(let reading):
                [style(clipped(reading.title), .strong), ""]
                    + reading.lines.dropFirst(reading.offset).prefix(page).map(clipped)
            case .help: [style("Keys", .strong), ""] + Self.help.prefix(page).map(clipped)
            default: [tabs(screen)] + list(screen, page)
            }
        body = Array(body.prefix(page + 2))
        body += [String](repeating: "", count: max(0, rows - head.count - 1 - body.count))
        return Array((head + body).prefix(rows - 1)) + [foot(screen)]
    }

    // MARK: Head

    private func head(_ screen: TopScreen, clock: String) -> [String] {
        guard screen.hosts.count == 1, let host = screen.hosts.first else { return manyHosts(screen, clock) }
        guard let overview = host.overview else {
            return [bar("reconcile top  \(host.name)", clock), problem(host) ?? "waiting for the daemon", ""]
        }
        let revision = overview.status.revision.map { "\($0) (\($0.reference))" } ?? "no revision yet"
        let lines = [
            bar("reconcile top  \(host.name)  \(revision)", clock),
            problem(host) ?? clipped(engine(overview)), clipped(usage(overview)),
        ]
        return lines
    }

    private func manyHosts(_ screen: TopScreen, _ clock: String) -> [String] {
        let header = ["HOST", "REVISION", "READY", "CPU", "MEMORY", "HELD", "STALLED", "WARNINGS"]
        let cells = screen.hosts.map { host -> [String] in
            guard let overview = host.overview else { return [host.name, host.problem ?? "waiting"] }
            let facts = Facts(overview)
            let used = overview.usage?.host
            return [
                host.name, overview.status.revision?.description ?? "-", "\(facts.ready)/\(facts.objects)",
                used?.cpuPercent.map { "\(Int($0.rounded()))%" } ?? "-", used?.memoryUsed.map(TopRow.bytes) ?? "-",
                String(facts.held), String(facts.stalled), String(overview.warnings),
            ] + (host.problem.map { [$0] } ?? [])
        }
        let lines = Table.lines([header] + cells).map(clipped)
        let colored = zip(lines.dropFirst(), screen.hosts).map { line, host in
            host.problem == nil ? line : style(line, .error)
        }
        return [bar("reconcile top  \(screen.hosts.count) hosts", clock), style(lines[0], .strong)] + colored
    }

    private func problem(_ host: TopScreen.Host) -> String? {
        host.problem.map { style(clipped($0.onOneLine), .error) }
    }

    private func engine(_ overview: OverviewDocument) -> String {
        let (engine, facts) = (overview.status.engine, Facts(overview))
        let parts = [
            engine.reachable ? "Docker \(engine.version)" : "Docker unreachable",
            overview.status.source.map { "source \($0.state.rawValue)" },
            "objects \(facts.ready)/\(facts.objects) ready",
            "containers \(overview.status.objects.reduce(0) { $0 + $1.present })",
        ]
        return parts.compactMap(\.self).joined(separator: "  ")
    }

    private func usage(_ overview: OverviewDocument) -> String {
        let (host, facts) = (overview.usage?.host, Facts(overview))
        let parts = [
            host?.cpuPercent.map { "CPU \(Int($0.rounded()))% of \(host?.processors ?? 1)" },
            host?.memoryUsed.map { "memory \(TopRow.bytes($0)) of \(TopRow.bytes(host?.memoryTotal ?? 0))" },
            host?.diskPercent.map { "disk \(Int($0.rounded()))%" },
            "held \(facts.held)  stalled \(facts.stalled)  warnings \(overview.warnings)",
        ]
        return parts.compactMap(\.self).joined(separator: "  ")
    }

    /// A host in numbers.
    private struct Facts {
        let objects: Int
        let ready: Int
        let held: Int
        let stalled: Int

        init(_ overview: OverviewDocument) {
            objects = overview.status.objects.count
            ready = overview.status.objects.count { object in
                object.conditions.contains { $0.type == .ready && $0.status }
            }
            (held, stalled) = (overview.held, overview.stalled)
        }
    }

    // MARK: Lists

    private func tabs(_ screen: TopScreen) -> String {
        let names = ["objects", "pools", "waiting", "events"]
        let tabs = zip(TopScreen.View.allCases, names).map { view, name in
            view == screen.view ? "[\(view.rawValue + 1):\(name)]" : " \(view.rawValue + 1):\(name) "
        }
        let filter = screen.filter.isEmpty ? "" : "   filter: \(screen.filter)"
        return clipped(tabs.joined(separator: " ") + filter)
    }

    private func list(_ screen: TopScreen, _ page: Int) -> [String] {
        let rows = screen.rows
        let header = TopRow.header(of: screen.view, amongMany: screen.hosts.count > 1)
        // Without colours a sign in front shows which row is selected.
        let margin = style.isColored ? "" : " "
        let lines = Table.lines([header] + rows.map(\.cells)).map { clipped(margin + $0) }
        guard let selected = screen.selectedIndex(in: rows) else {
            return [style(lines[0], .strong), clipped(margin + empty(screen))]
        }
        // As little as it takes to have the selected row in sight.
        let first = max(0, min(rows.count - page, selected - page / 2))
        let shown = rows.indices.dropFirst(first).prefix(page).map { index -> String in
            let line = lines[index + 1]
            if index == selected { return style.isColored ? style(padded(line), .selected) : ">" + line.dropFirst() }
            return rows[index].role.map { style(line, $0) } ?? line
        }
        return [style(lines[0], .strong)] + shown
    }

    private func empty(_ screen: TopScreen) -> String {
        if !screen.filter.isEmpty { return "nothing has all of '\(screen.filter)' in it" }
        return switch screen.view {
        case .objects: "no objects"
        case .pools: "no pools"
        case .waiting: "nothing is held, and nothing has stalled"
        case .events: "nothing happened yet"
        }
    }

    // MARK: Foot

    private func foot(_ screen: TopScreen) -> String {
        switch screen.overlay {
        case .text, .help: return style(padded("any other key: back   up/down/space: scroll"), .selected)
        case .filter: return clipped("filter: \(screen.filter)_   (enter keeps it, escape ends it)")
        case .reason(let subject, let typed):
            return clipped("why is \(subject.object) paused? \(typed)_   (enter pauses it, escape does not)")
        case .resume(let subject): return clipped("resume \(subject.object)? y for yes, any other key for no")
        case nil: break
        }
        if !screen.message.isEmpty { return style(clipped(screen.message.onOneLine), .strong) }
        return style(padded("q quit  tab view  / filter  enter describe  p pause or resume  ? help"), .selected)
    }

    private static let help = [
        "q, ctrl-c      end",
        "tab, 1-4       objects, pools, what waits and why, events",
        "up, down, j, k select a row; page up, page down, home, end",
        "/              show only rows with all these words; escape shows all again",
        "enter, d       describe the selected object",
        "p              pause the selected object, or resume it",
        "",
        "CPU is in processors, as of a few seconds ago.",
        "MEMORY is without the file cache that is not in use.",
        "IDLE members are ready to be claimed, ACTIVE ones are claimed.",
        "Times and percentiles are since the daemon started.",
    ]

    // MARK: Lines

    private func bar(_ left: String, _ right: String) -> String {
        let room = max(0, columns - right.count - 2)
        return style(padded(padded(" " + left, to: room) + " " + right + " "), .selected)
    }

    private func clipped(_ text: String) -> String { clipped(text, to: columns) }

    /// The lines of a text, those that do not fit broken between words, and the rest of each a little to the right.
    func wrapped(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            let margin = String(line.prefix { $0 == " " }) + "    "
            var lines: [String] = []
            var rest = String(line)
            while let space = lastBlank(of: rest) {
                lines.append(String(rest.prefix(upTo: space)))
                rest = margin + rest.suffix(from: space).drop { $0 == " " }
            }
            return lines + [rest]
        }
    }

    /// Where a line that is too wide is broken: behind the last of its words that has room; nil where it fits, or has none.
    private func lastBlank(of line: String) -> String.Index? {
        let bytes = Array(line.utf8)
        var (width, hasWord) = (0, false)
        var blank: Int?
        for cell in TerminalCell.cells(of: bytes, in: bytes.indices) {
            if cell.text != " " {
                hasWord = true
            } else if hasWord, width <= columns {
                blank = cell.offset
            }
            width += cell.width
        }
        return width > columns ? blank.map { line.utf8.index(line.startIndex, offsetBy: $0) } : nil
    }

    /// As much of the text as fits, by what its characters take on a terminal, and a sign where there is more; what
    /// steers a terminal is shown as an escape.
    private func clipped(_ text: String, to width: Int) -> String {
        let bytes = Array(text.utf8)
        var (line, taken) = ("", 0)
        // As far as there would still be room for the sign.
        var short = ""
        for cell in TerminalCell.cells(of: bytes, in: bytes.indices) {
            guard taken + cell.width <= width else { return width > 0 ? short + "…" : "" }
            line += cell.text
            taken += cell.width
            if taken < width { short = line }
        }
        return line
    }

    private func padded(_ text: String) -> String { padded(text, to: columns) }

    private func padded(_ text: String, to width: Int) -> String {
        let line = clipped(text, to: width)
        return line + String(repeating: " ", count: max(0, width - line.count))
    }
}
