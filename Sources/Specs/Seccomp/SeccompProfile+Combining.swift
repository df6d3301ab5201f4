extension SeccompProfile {
    /// The profile with calls let through besides and calls refused; what is refused wins.
    ///
    /// - Throws: if a call would be refused for arguments that no filter of the kernel can tell from the others.
    package func combined(
        allow: [SecurityProfile.Call], deny: [SecurityProfile.Call], mode: SecurityProfile.Seccomp.Mode = .enforce
    ) throws(InvalidText) -> SeccompProfile {
        var profile = self
        profile.add(allow)
        for call in deny.sorted(by: { $0.name < $1.name }) {
            if call.arguments.isEmpty { profile.refuse(call.name) } else { try profile.refuse(call) }
        }
        profile.rules.removeAll { $0.names.isEmpty }
        return mode == .log ? profile.logging : profile
    }

    /// Lets calls through, also those that rules of their own refuse.
    private mutating func add(_ calls: [SecurityProfile.Call]) {
        let names = Set(calls.map(\.name))
        for index in rules.indices where !rules[index].action.letsThrough {
            rules[index].names.removeAll { names.contains($0) }
        }
        guard !defaultAction.letsThrough else { return }
        let whole = Set(calls.filter(\.arguments.isEmpty).map(\.name))
        for index in rules.indices { rules[index].names.removeAll { whole.contains($0) } }
        if !whole.isEmpty { rules.append(Rule(whole.sorted(), .allow)) }
        for call in calls where !whole.contains(call.name) {
            rules.append(Rule([call.name], .allow, conditions: call.arguments))
        }
    }

    private mutating func refuse(_ name: String) {
        for index in rules.indices where defaultAction.letsThrough || rules[index].action.letsThrough {
            rules[index].names.removeAll { $0 == name }
        }
        if defaultAction.letsThrough { rules.append(Rule([name], .errno, errno: defaultErrno)) }
    }

    /// Refuses a call for some arguments.
    ///
    /// A filter that refuses by default lets through what its rules say and nothing else: runc leaves out rules with the
    /// default action. So the rules that let the call through are narrowed to the other arguments.
    private mutating func refuse(_ call: SecurityProfile.Call) throws(InvalidText) {
        guard !defaultAction.letsThrough else {
            return rules.append(Rule([call.name], .errno, errno: defaultErrno, conditions: call.arguments))
        }
        var narrowed: [Rule] = []
        var parts: Set<Rule> = []
        for var rule in rules {
            guard rule.action.letsThrough, rule.names.contains(call.name) else {
                narrowed.append(rule)
                continue
            }
            let all = rule
            rule.names.removeAll { $0 == call.name }
            narrowed.append(rule)
            for conditions in try ArgumentRanges.conditions(all.conditions, exceptWhere: call) {
                var part = all
                part.names = [call.name]
                part.conditions = conditions
                if parts.insert(part).inserted { narrowed.append(part) }
            }
            guard parts.count <= ArgumentRanges.mostAlternatives else { throw ArgumentRanges.tooMany(call.name) }
        }
        rules = narrowed
    }

    /// The same with calls written to the kernel's log where they would be refused.
    private var logging: SeccompProfile {
        var profile = self
        if !profile.defaultAction.letsThrough { profile.defaultAction = .log }
        profile.defaultErrno = nil
        for index in profile.rules.indices where !profile.rules[index].action.letsThrough {
            profile.rules[index].action = .log
            profile.rules[index].errno = nil
        }
        return profile
    }
}

/// What filters of the kernel can say about one argument: it compares with one value at a time.
enum ArgumentRanges {
    private typealias Condition = SeccompProfile.Condition
    /// A range with two ends becomes so many single values at most.
    private static let mostValues: UInt64 = 64
    /// The most rules about one call. Each denial multiplies them by its arguments and bits, and the kernel takes no filter
    /// of more than 4096 instructions (BPF_MAXINSNS), of which a rule with arguments needs several.
    fileprivate static let mostAlternatives = 256

    /// Alternatives that together hold where `given` do, and not all arguments of `call` are as it says.
    static func conditions(
        _ given: [SeccompProfile.Condition], exceptWhere call: SecurityProfile.Call
    ) throws(InvalidText) -> [[SeccompProfile.Condition]] {
        var alternatives: [[Condition]] = []
        for condition in call.arguments {
            for opposite in opposites(of: condition) {
                guard let same = given.firstIndex(where: { $0.index == opposite.index }) else {
                    alternatives.append((given + [opposite]).sorted { $0.index < $1.index })
                    continue
                }
                for both in try intersection(given[same], opposite, of: call.name) {
                    var conditions = given
                    conditions[same] = both
                    alternatives.append(conditions)
                }
            }
        }
        return alternatives
    }

    /// Conditions of which one holds exactly where this one does not.
    private static func opposites(of condition: Condition) -> [Condition] {
        func other(_ comparison: Condition.Comparison) -> [Condition] {
            [Condition(index: condition.index, comparison: comparison, value: condition.value)]
        }
        switch condition.comparison {
        case .equal: return other(.notEqual)
        case .notEqual: return other(.equal)
        case .less: return other(.greaterOrEqual)
        case .lessOrEqual: return other(.greater)
        case .greater: return other(.lessOrEqual)
        case .greaterOrEqual: return other(.less)
        case .maskedEqual:
            // One bit of them is another.
            let mask = condition.mask ?? .max
            return (0..<UInt64(64)).map { 1 << $0 }.filter { mask & $0 != 0 }.map { bit in
                var opposite = Condition(
                    index: condition.index, comparison: .maskedEqual, value: ~condition.value & bit)
                opposite.mask = bit
                return opposite
            }
        }
    }

    /// Alternatives that hold where all conditions of both lists do, of which each has one about an argument at most.
    static func both(
        _ a: [SeccompProfile.Condition], _ b: [SeccompProfile.Condition], of name: String
    ) throws(InvalidText) -> [[SeccompProfile.Condition]] {
        var alternatives = [a]
        for condition in b where !a.contains(condition) {
            var next: [[Condition]] = []
            for given in alternatives {
                guard let same = given.firstIndex(where: { $0.index == condition.index }) else {
                    next.append((given + [condition]).sorted { $0.index < $1.index })
                    continue
                }
                for both in try intersection(given[same], condition, of: name) {
                    var conditions = given
                    conditions[same] = both
                    next.append(conditions)
                }
            }
            guard next.count <= mostAlternatives else { throw tooMany(name) }
            alternatives = next
        }
        return alternatives
    }

    /// Alternatives that hold where both conditions about one argument do.
    private static func intersection(
        _ a: Condition, _ b: Condition, of name: String
    ) throws(InvalidText) -> [Condition] {
        if a == b { return [a] }
        if a.comparison == .equal { return b.holds(for: a.value) ? [a] : [] }
        if b.comparison == .equal { return a.holds(for: b.value) ? [b] : [] }
        if a.comparison == .maskedEqual, b.comparison == .maskedEqual {
            let (first, second) = (a.mask ?? .max, b.mask ?? .max)
            guard a.value & second == b.value & first else { return [] }
            var both = Condition(index: a.index, comparison: .maskedEqual, value: a.value | b.value)
            both.mask = first | second
            return [both]
        }
        guard let first = a.ranges, let second = b.ranges else { throw inseparable(name, a.index) }
        var found: [Condition] = []
        for range in first {
            for other in second where range.overlaps(other) {
                found += try conditions(for: range.clamped(to: other), a.index, of: name)
            }
        }
        return found
    }

    private static func conditions(
        for range: ClosedRange<UInt64>, _ index: Int, of name: String
    ) throws(InvalidText) -> [Condition] {
        func condition(_ comparison: Condition.Comparison, _ value: UInt64) -> Condition {
            Condition(index: index, comparison: comparison, value: value)
        }
        if range.lowerBound == 0 { return [condition(.lessOrEqual, range.upperBound)] }
        if range.upperBound == .max { return [condition(.greaterOrEqual, range.lowerBound)] }
        guard range.upperBound - range.lowerBound < mostValues else { throw inseparable(name, index) }
        return range.map { condition(.equal, $0) }
    }

    fileprivate static func tooMany(_ name: String) -> InvalidText {
        InvalidText(
            "what is denied of '\(name)' comes to more than \(mostAlternatives) rules",
            hint: "deny fewer arguments or bits of them, or the whole call")
    }

    private static func inseparable(_ name: String, _ index: Int) -> InvalidText {
        InvalidText(
            "what is denied of '\(name)' cannot be told from what the base allows by argument \(index)",
            hint: "deny the whole call")
    }
}

extension SeccompProfile.Condition {
    /// Whether an argument of this value fits.
    package func holds(for argument: UInt64) -> Bool {
        if comparison == .maskedEqual { return argument & (mask ?? .max) == value }
        return ranges?.contains { $0.contains(argument) } == true
    }

    /// Whether some argument fits; a rule about arguments that there are not says nothing, and a denial denies nothing.
    package var canHold: Bool {
        if comparison == .maskedEqual { return value & ~(mask ?? .max) == 0 }
        return ranges?.isEmpty == false
    }

    /// The values that fit; nil where only some bits count.
    fileprivate var ranges: [ClosedRange<UInt64>]? {
        let below = value == 0 ? [] : [0...(value - 1)]
        let above = value == .max ? [] : [(value + 1)...UInt64.max]
        return switch comparison {
        case .equal: [value...value]
        case .notEqual: below + above
        case .less: below
        case .lessOrEqual: [0...value]
        case .greater: above
        case .greaterOrEqual: [value...UInt64.max]
        case .maskedEqual: nil
        }
    }
}
