/// Runs cases against the program's own code.
package enum Conformance {
    package enum Outcome: Hashable, Sendable {
        case passed
        /// What differs, or why the case cannot be run.
        case failed(String)
        /// Why it says nothing about us.
        case skipped(String)
    }

    /// What came of one file.
    package struct Report: Sendable {
        package var name: String
        package var outcomes: [(id: String, outcome: Outcome)]

        package init(name: String, outcomes: [(id: String, outcome: Outcome)]) {
            self.name = name
            self.outcomes = outcomes
        }

        package var passed: Int { outcomes.count { $0.outcome == .passed } }
        package var failed: Int { outcomes.count { if case .failed = $0.outcome { true } else { false } } }
        package var skipped: Int { outcomes.count - passed - failed }

        /// A line for each case that did not pass, and one with the sums.
        package var lines: [String] {
            let remarks = outcomes.compactMap { id, outcome -> String? in
                switch outcome {
                case .passed: nil
                case .failed(let finding): "failed \(name) \(id): \(finding)"
                case .skipped(let reason): "skipped \(name) \(id): \(reason)"
                }
            }
            return remarks + ["\(name): \(passed) passed, \(failed) failed, \(skipped) skipped"]
        }
    }

    /// A file that cannot be read counts as one failure.
    package static func run(path: String) -> Report {
        do throws(VectorError) {
            let file = try VectorFile(path: path)
            // Nothing that was checked is nothing that passed.
            if file.cases.isEmpty { throw VectorError("'\(path)' has no cases") }
            return Report(name: file.name, outcomes: file.cases.map { ($0.id, run($0)) })
        } catch {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return Report(name: name, outcomes: [("file", .failed(error.description))])
        }
    }

    package static func run(_ vector: VectorCase) -> Outcome {
        if let known = Inapplicable.all.first(where: { $0.matches(vector) }) { return .skipped(known.reason) }
        do throws(VectorError) {
            switch (vector.kind, vector.queue) {
            case ("", "") where ReplicaCases.functions.contains(vector.function): try ReplicaCases.run(vector)
            case ("", "") where BehaviorCases.functions.contains(vector.function): try BehaviorCases.run(vector)
            case ("", "") where PassCases.functions.contains(vector.function): try PassCases.run(vector)
            case ("", "") where RolloutCases.functions.contains(vector.function): try RolloutCases.run(vector)
            case ("", "") where StrategyCases.strategies.contains(vector.strategy): try StrategyCases.run(vector)
            case (let kind, "") where WindowCases.kinds.contains(kind): try WindowCases.run(vector)
            case (let kind, "") where CronCases.kinds.contains(kind): try CronCases.run(vector)
            case ("sequence", "fifo"), ("sequence", "delaying"), ("sequence", "rate_limiting"), ("sequence", "limiter"),
                ("sequence", "priority"):
                try QueueSequence.run(vector)
            case ("stress", "fifo"), ("stress", "priority"): try QueueStress.run(vector)
            default: throw VectorError("no part of the runner knows kind '\(vector.kind)' of queue '\(vector.queue)'")
            }
            return .passed
        } catch {
            return .failed(error.description)
        }
    }
}
