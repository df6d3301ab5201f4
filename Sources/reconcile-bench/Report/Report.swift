/// The figures as a Markdown table.
struct Report {
    struct Goal {
        var text: String
        var isMet: Bool
    }

    private struct Row {
        var figure: String
        var value: String
        var spread: String
        var goal: Goal?
    }

    private var rows: [Row] = []

    /// - Parameters:
    ///   - value: the median, with its unit.
    ///   - spread: how far the runs lie apart and how many they were.
    mutating func add(_ figure: String, _ value: String, _ spread: String, goal: Goal? = nil) {
        rows.append(Row(figure: figure, value: value, spread: spread, goal: goal))
    }

    /// Goals that were missed, by figure.
    var missed: [String] { rows.filter { $0.goal?.isMet == false }.map(\.figure) }

    var markdown: String {
        let head = ["| figure | median | spread | goal |", "|---|--:|---|---|"]
        let lines = rows.map { row in
            let goal = row.goal.map { "\($0.text): \($0.isMet ? "met" : "**missed**")" } ?? ""
            return "| \(row.figure) | \(row.value) | \(row.spread) | \(goal) |"
        }
        return (head + lines).joined(separator: "\n")
    }
}

extension Report {
    /// Times of the same thing in milliseconds, with the goal for their median.
    mutating func add(_ figure: String, milliseconds samples: Samples, below limit: Double? = nil) {
        add(
            figure, "\(samples.median.text(1)) ms",
            "p95 \(samples.percentile(95).text(1)), \(samples.minimum.text(1))-\(samples.maximum.text(1)), \(samples.count) runs",
            goal: limit.map { Goal(text: "< \($0.text(0)) ms", isMet: samples.median < $0) })
    }

    mutating func add(_ figure: String, seconds samples: Samples) {
        add(
            figure, "\(samples.median.text(2)) s",
            "\(samples.minimum.text(2))-\(samples.maximum.text(2)), \(samples.count) runs")
    }

    mutating func add(
        _ figure: String, ratio samples: Samples, atMost most: Double? = nil, atLeast least: Double? = nil
    ) {
        let ceiling = most.map { Goal(text: "<= \($0.text(2))x", isMet: samples.median <= $0) }
        add(
            figure, "\(samples.median.text(3))x",
            "\(samples.minimum.text(3))-\(samples.maximum.text(3)), \(samples.count) pairs",
            goal: ceiling ?? least.map { Goal(text: ">= \($0.text(2))x", isMet: samples.median >= $0) })
    }
}
