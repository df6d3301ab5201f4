import API
import Reconciler
import Specs

/// What `reconcile top` shows, and what keys make of it: a value without a terminal or a daemon.
struct TopScreen {
    enum View: Int, CaseIterable {
        case objects, pools, waiting, events
    }

    /// One daemon.
    struct Host {
        /// Until it says how its host is called, the path of its socket.
        var name: String
        var overview: OverviewDocument?
        /// Why it was not asked lately; nil when it answered.
        var problem: String?
    }

    /// What lies over the lists.
    enum Overlay: Equatable {
        case text(Reading)
        /// A line that is typed.
        case filter
        case reason(Subject, typed: String)
        case resume(Subject)
        case help
    }

    /// A text that is read by pages.
    struct Reading: Equatable {
        let title: String
        let text: String
        /// The text as the terminal is wide enough for it.
        fileprivate(set) var lines: [String] = []
        /// The first line that is shown.
        fileprivate(set) var offset = 0
    }

    /// One object of one host.
    struct Subject: Hashable {
        var host: Int
        var object: ResourceID
    }

    /// What keys ask for that is not on the screen.
    enum Effect: Equatable {
        case quit
        case describe(Subject)
        case pause(Subject, reason: String)
        case resume(Subject)
    }

    var hosts: [Host]
    private(set) var view = View.objects
    private(set) var filter = ""
    private(set) var overlay: Overlay?
    /// What came of the last thing that was asked for.
    private(set) var message = ""
    private(set) var selection: TopRow.ID?

    init(hosts names: [String]) { hosts = names.map { Host(name: $0) } }

    /// The rows of the view that the filter lets through.
    var rows: [TopRow] {
        let rows = hosts.indices.flatMap { TopRow.all(in: view, of: hosts[$0], at: $0, amongMany: hosts.count > 1) }
        if filter.isEmpty { return rows }
        let words = filter.lowercased().split(separator: " ")
        return rows.filter { row in
            let text = row.cells.joined(separator: " ").lowercased()
            return words.allSatisfy { text.contains($0) }
        }
    }

    /// The position of the selected row; the first where it is not there any more, nil where there is none.
    func selectedIndex(in rows: [TopRow]) -> Int? {
        rows.isEmpty ? nil : rows.firstIndex { $0.id == selection } ?? 0
    }

    // MARK: Answers

    mutating func take(_ overview: OverviewDocument, from host: Int) {
        hosts[host] = Host(name: overview.status.host, overview: overview)
    }

    /// What was seen last stays, with why it is not newer.
    mutating func take(problem: String, from host: Int) { hosts[host].problem = problem }

    mutating func say(_ text: String) { message = text }

    /// Shows a text; `layOut` makes lines of it.
    mutating func show(_ title: String, _ text: String) { overlay = .text(Reading(title: title, text: text)) }

    /// Breaks the text that is being read into lines anew, and stays about where it was read.
    ///
    /// - Parameter page: how many lines there is room for.
    mutating func layOut(page: Int, _ wrap: (String) -> [String]) {
        guard case .text(var reading) = overlay else { return }
        let part = reading.lines.isEmpty ? 0 : Double(reading.offset) / Double(reading.lines.count)
        reading.lines = wrap(reading.text)
        reading.offset = min(Int(part * Double(reading.lines.count)), max(0, reading.lines.count - page))
        overlay = .text(reading)
    }

    // MARK: Keys

    /// - Parameter page: how many rows there is room for.
    mutating func take(_ key: Keystroke, page: Int) -> Effect? {
        if key == .interrupt { return .quit }
        switch overlay {
        case .text(var reading):
            guard let next = Self.scrolled(reading.offset, by: key, page: page, of: reading.lines.count) else {
                overlay = nil
                return nil
            }
            reading.offset = next
            overlay = .text(reading)
            return nil
        case .help:
            overlay = nil
            return nil
        case .filter:
            typeFilter(key)
            return nil
        case .reason(let subject, let typed): return typeReason(key, subject, typed)
        case .resume(let subject):
            overlay = nil
            return key == .character("y") ? .resume(subject) : nil
        case nil: return choose(key, page: page)
        }
    }

    private mutating func choose(_ key: Keystroke, page: Int) -> Effect? {
        message = ""
        switch key {
        case .character("q"): return .quit
        case .character("?"), .character("h"): overlay = .help
        case .character("/"): overlay = .filter
        case .escape: filter = ""
        case .tab: view = View(rawValue: (view.rawValue + 1) % View.allCases.count) ?? .objects
        case .character(let digit) where ("1"..."4").contains(digit):
            view = digit.wholeNumberValue.flatMap { View(rawValue: $0 - 1) } ?? view
        case .enter, .character("d"): return selected.map { .describe($0) }
        case .character("p"): askToPause()
        case .up, .down, .pageUp, .pageDown, .home, .end, .character("j"), .character("k"): move(key, page: page)
        default: break
        }
        return nil
    }

    private mutating func move(_ key: Keystroke, page: Int) {
        let rows = rows
        guard let index = selectedIndex(in: rows) else { return }
        let next = Self.moved(index, by: key, page: page)
        selection = rows[min(max(0, next), rows.count - 1)].id
    }

    private static func moved(_ index: Int, by key: Keystroke, page: Int) -> Int {
        switch key {
        case .up, .character("k"): index - 1
        case .down, .character("j"): index + 1
        case .pageUp: index - page
        case .pageDown: index + page
        case .home: 0
        case .end: .max
        default: index
        }
    }

    /// nil for a key that ends the reading.
    private static func scrolled(_ offset: Int, by key: Keystroke, page: Int, of count: Int) -> Int? {
        switch key {
        case .up, .down, .pageUp, .pageDown, .home, .end, .character("j"), .character("k"), .character(" "):
            let next = moved(offset, by: key == .character(" ") ? .pageDown : key, page: page)
            return min(max(0, next), max(0, count - page))
        default: return nil
        }
    }

    private var selected: Subject? {
        let rows = rows
        guard let row = selectedIndex(in: rows).map({ rows[$0] }), let object = row.object else { return nil }
        return Subject(host: row.id.host, object: object)
    }

    private mutating func askToPause() {
        guard let subject = selected else {
            message = "select an object to pause"
            return
        }
        let pauses = hosts[subject.host].overview?.status.pauses ?? []
        let isPaused = pauses.contains { $0.object == subject.object }
        overlay = isPaused ? .resume(subject) : .reason(subject, typed: "")
    }

    private mutating func typeFilter(_ key: Keystroke) {
        switch key {
        case .character(let character): filter.append(character)
        case .backspace: if !filter.isEmpty { filter.removeLast() }
        case .escape: (filter, overlay) = ("", nil)
        case .enter: overlay = nil
        default: break
        }
    }

    private mutating func typeReason(_ key: Keystroke, _ subject: Subject, _ typed: String) -> Effect? {
        var typed = typed
        switch key {
        case .character(let character): typed.append(character)
        case .backspace: if !typed.isEmpty { typed.removeLast() }
        case .escape:
            overlay = nil
            return nil
        case .enter where !typed.allSatisfy(\.isWhitespace):
            overlay = nil
            return .pause(subject, reason: typed)
        default: break
        }
        overlay = .reason(subject, typed: typed)
        return nil
    }
}
