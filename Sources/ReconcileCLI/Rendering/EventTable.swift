import API
import Reconciler
import Specs

/// Events as lines, oldest first.
enum EventTable {
    /// In columns that are as wide as these events need.
    static func lines(_ events: [EventDocument]) -> [String] { Table.lines(events.map(cells)) }

    /// One by itself, in columns that fit most.
    static func line(_ event: EventDocument) -> String {
        let cells = cells(event)
        let widths = [20, 7, 24, 18]
        let padded = zip(cells, widths).map { cell, width in
            cell + String(repeating: " ", count: max(0, width - cell.count))
        }
        return (padded + cells.dropFirst(widths.count)).joined(separator: "  ")
    }

    private static func cells(_ event: EventDocument) -> [String] {
        [
            event.time.description, event.severity.rawValue, event.key ?? "host", event.reason,
            event.message,
        ]
    }
}
