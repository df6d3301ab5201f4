package import Specs

/// What is remembered of the steps of one canary rollout, across restarts.
package struct CanaryState: Hashable, Codable, Sendable {
    package enum Course: String, Hashable, Codable, Sendable {
        /// It goes through the steps of the spec.
        case steps
        /// What was there before the steps is brought back: ports lead to its members first.
        case returning
        /// Something else is brought back, by the rules of every rollout.
        case free
    }

    package var course = Course.steps
    /// The position of the step that is under way.
    package var step = 0
    /// All steps are done, and all that is left is replaced.
    package var isThrough = false
    /// Members of an earlier template were there: new ones have something to be compared with.
    package var hasBegun = false
    /// When as many new members as the step asks for were available; nil before.
    package var reached: Instant?
    /// A person has said that this step is enough.
    package var isPromoted = false
    /// A person was told that the step waits for them.
    package var hasAsked = false
    /// Judgements in a row that found it bad.
    package var failures = 0
    /// So many of them that it has failed: it does not go on by itself.
    package var isRejected = false
    /// Those that did the work before the first of the canaries of which none is complete, and those that were made in their
    /// place since; nil where nobody wrote it down.
    package var serving: [ServingMembers]?
    /// While what was there is brought back: the highest incarnation of each slot when that began. Higher ones are made
    /// in the place of those that did the work.
    package var returningAfter: [Int]?

    package init(_ course: Course = .steps, serving: [ServingMembers]? = nil) {
        (self.course, self.serving) = (course, serving)
    }

    /// Whether nothing of it stands in the way of a rollout that is complete otherwise.
    var isDone: Bool { !isRejected && (course != .steps || isThrough || !hasBegun) }

    /// Whether ports lead to new members by the share of a step.
    private var isStepping: Bool { course == .steps && hasBegun && !isThrough }

    /// The state of what is brought back, which goes through no steps.
    ///
    /// - Parameters:
    ///   - before: that of the rollout that is given up; nil where that was complete, or no canary.
    ///   - incarnations: the highest of each slot.
    static func bringingBack(after before: CanaryState?, _ incarnations: [Int]) -> CanaryState {
        guard let before, before.isStepping || before.isRejected || before.course == .returning else {
            return CanaryState(.free)
        }
        var state = CanaryState(.returning, serving: before.serving)
        state.returningAfter = before.returningAfter ?? incarnations
        return state
    }

    /// The state of another canary, whose members have higher incarnations than these.
    ///
    /// - Parameter before: that of the rollout before it; nil where that was complete, or no canary.
    static func beginning(after before: CanaryState?, _ incarnations: [Int]) -> CanaryState {
        let present = [ServingMembers(after: [], upTo: incarnations)]
        // Who has gone through all steps does the work as well.
        guard let before, !before.isThrough || before.isRejected, let serving = before.serving else {
            return CanaryState(serving: present)
        }
        let remade = before.returningAfter.map { [ServingMembers(after: $0, upTo: incarnations)] } ?? []
        return CanaryState(serving: serving + remade)
    }

    /// The next step, or all members.
    mutating func goOn(of steps: Int) {
        (reached, isPromoted, hasAsked, failures) = (nil, false, false, 0)
        step += 1
        if step >= steps { isThrough = true }
    }

    /// All members at once.
    mutating func skip(all steps: Int) {
        step = steps - 1
        goOn(of: steps)
    }
}

/// What planning must know of a canary rollout.
package struct CanaryOrder: Hashable, Sendable {
    package enum Stage: Hashable, Sendable {
        /// No more new members than the step at this position asks for.
        case step(Int)
        /// All that is left is replaced.
        case rest
        /// Ports lead to members of the template that is brought back, as far as there are any.
        case returning
    }

    /// What a step waits for.
    package enum Wait: Hashable, Sendable {
        case members
        case pause(until: Instant)
        case person
    }

    package var stage: Stage
    package var wait = Wait.members
    /// It has failed: ports lead to the old members, as far as there are any.
    package var hasFailed = false
    /// Those that did the work before any of what is not proven yet; nil where nobody knows.
    package var serving: [ServingMembers]?

    package init(_ stage: Stage = .step(0)) { self.stage = stage }

    /// nil where there is nothing to know.
    init?(_ state: RolloutState, of object: DesiredObject) {
        let current = state.isOpen ? state.canary : nil
        guard current?.course == .returning || object.strategy.type == .canary else { return nil }
        self.init(current?.course == .returning ? .returning : .rest)
        serving = current?.serving
        hasFailed = current?.course == .steps && state.phase == .failed
        guard let current, current.course == .steps, !current.isThrough, let steps = object.strategy.canary?.steps,
            current.step < steps.count
        else { return }
        stage = .step(current.step)
        guard let reached = current.reached else { return }
        let pause = steps[current.step].pause
        wait = pause.map { .pause(until: reached.advanced(bySeconds: $0.roundedUpSeconds)) } ?? .person
    }
}

extension RolloutStrategy.Step {
    /// How many of so many members are new: a share is rounded up and leaves one old member, unless it is the whole.
    package func members(of all: Int) -> Int {
        if isWhole(of: all) { return all }
        if let count { return count }
        return max(1, min(weight?.roundedUp(of: all) ?? all, all - 1))
    }

    /// Whether no old member is left.
    func isWhole(of all: Int) -> Bool {
        if all == 0 { return true }
        if let count { return count >= all }
        return weight.map { $0 >= Percentage(100) } ?? true
    }

    /// `20%`, `2 members`
    var words: String {
        if let weight { return weight.description }
        return count == 1 ? "1 member" : "\(count ?? 0) members"
    }
}

/// How new connections are shared between new and old members.
struct CanaryShare: Hashable {
    /// Of each new and of each old member: 0-1000.
    var new: Int
    var old: Int

    /// The most that a member can have beside another one.
    private static let most = 1_000

    /// - Parameters:
    ///   - weight: of all new connections, for so many new members as are needed; fewer have as much less.
    ///   - new: new members that are ready, 1 at least.
    ///   - old: old ones, 1 at least.
    init(weight: Percentage, needed: Int, new: Int, old: Int) {
        let whole = 10_000 * max(1, needed)
        let part = Int(weight.hundredths) * min(new, max(1, needed))
        let (a, b) = (part * old, (whole - part) * new)
        guard b > 0 else {
            (self.new, self.old) = (1, 0)
            return
        }
        let divisor = Self.greatestDivisor(a, b)
        let (x, y) = (a / divisor, b / divisor)
        if max(x, y) <= Self.most {
            (self.new, self.old) = (x, y)
        } else if x <= y {
            // Rounded so that new members never have more than their share, and never nothing.
            (self.new, self.old) = (max(1, x * Self.most / y), Self.most)
        } else {
            (self.new, self.old) = (Self.most, (y * Self.most + x - 1) / x)
        }
    }

    private static func greatestDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? max(1, a) : greatestDivisor(b, a % b) }
}
