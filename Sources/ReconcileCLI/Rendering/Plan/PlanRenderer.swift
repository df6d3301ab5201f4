import Reconciler
import Specs

/// The plan as a person reads it, with Terraform's symbols and colours and the place of every reason.
enum PlanRenderer {
    static func text(_ plan: Plan) -> String { text(Preview(plan)) }

    /// Drift stands apart from what the commit does, where the revision before tells them from each other.
    static func text(_ preview: Preview, style: Style = .plain) -> String {
        let items = preview.items.filter { $0.action.verb != .await }
        let drift = items.filter { $0.origin == .drift }
        let ordered = items.filter { $0.origin != .drift } + drift
        let rows = zip(ordered, Table.lines(ordered.map(row))).map { painted($1, $0.action, style) }
        var table = rows
        if !drift.isEmpty {
            let before = preview.base?.description ?? "the revision before"
            let commit = rows.dropLast(drift.count)
            table = commit.isEmpty ? [] : [style("What the commit does:", .strong)] + commit + [""]
            table.append(style("Drift, what is not as \(before) says either:", .strong))
            table += rows.suffix(drift.count)
        }
        let counts = style(PlanCounts(preview.plan).sentence, .strong)
        return (table + notes(preview.plan) + PreviewSections.lines(preview, style) + [counts])
            .joined(separator: "\n")
    }

    /// Painted when the columns stand: what has no width must not be counted.
    private static func painted(_ line: String, _ action: Action, _ style: Style) -> String {
        guard let role = action.role else { return line }
        let symbol = action.symbol
        return "  " + style(symbol, role) + line.dropFirst(2 + symbol.count)
    }

    private static func row(_ item: Preview.Item) -> [String] {
        let action = item.action
        let place = action.position?.description ?? item.lastDeclared.map { "last declared \($0)" }
        return [
            "  " + action.symbol, action.key.description, action.wording,
            action.reason.description + (action.replacedFor?.forcing ?? ""), place ?? "",
        ]
    }

    private static func notes(_ plan: Plan) -> [String] {
        var notes: [Note] = []
        for action in plan.actions {
            switch action.verdict {
            // The gates of an object hold all of its members alike.
            case .held(let hold):
                notes.append(Note("held   ", (action.key.object?.description ?? "\(action.key)"), hold.description))
            case .stalled(let stall): notes.append(Note("stalled", "\(action.key)", stall.description))
            case .go, .waitFor, .notBefore: continue
            }
        }
        notes += plan.pinned.map { Note("pinned ", "\($0.pin.object)", $0.description) }
        notes += plan.autoscaled.map { Note("scaled ", "\($0.object)", $0.live.description) }
        notes += plan.scheduled.map { Note("due    ", "\($0.task)", $0.description) }
        let lines = Note.lines(notes)
        let elsewhere = plan.elsewhere.isEmpty ? [] : [elsewhere(plan.elsewhere)]
        return lines.isEmpty && elsewhere.isEmpty ? [] : [""] + lines + elsewhere
    }

    /// One thing to say about an object; what is the same for several is said once.
    private struct Note {
        let word: String
        let subject: String
        let text: String

        init(_ word: String, _ subject: String, _ text: String) {
            self.word = word
            self.subject = subject
            self.text = text.onOneLine
        }

        static func lines(_ notes: [Note]) -> [String] {
            var subjects: [[String]: [String]] = [:]
            var order: [[String]] = []
            for note in notes {
                let said = [note.word, note.text]
                if subjects[said] == nil { order.append(said) }
                if subjects[said]?.contains(note.subject) != true { subjects[said, default: []].append(note.subject) }
            }
            return order.map { said in
                "  \(said[0]) \(Diagnostic.list(subjects[said] ?? [], word: "and", limit: 4)): \(said[1])"
            }
        }
    }

    private static func elsewhere(_ objects: [ResourceID]) -> String {
        "  for other hosts, by the selectors of their HostPools: "
            + objects.map(\.description).joined(separator: ", ")
    }
}

extension Action {
    /// As Terraform has them; nil for what changes nothing.
    fileprivate var role: Style.Role? {
        if isHeld || isStalled { return .held }
        return switch verb {
        case .create: .made
        case .remove: .removed
        case .replace: .replaced
        case .update, .start, .restart, .stop, .pause, .unpause, .rename: .changed
        case .pull, .await: nil
        }
    }
}
