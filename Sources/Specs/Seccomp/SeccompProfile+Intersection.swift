extension SeccompProfile {
    /// What both profiles let through, and nothing else; equal meanings mostly have equal bytes.
    ///
    /// Refusals keep the error numbers of this profile, or else of the other one. A rule of the result holds where one of
    /// each side does: circumstances add up, and so do conditions about arguments.
    ///
    /// - Throws: if no filter of the kernel can say what both let through.
    package func intersection(_ other: SeccompProfile) throws(InvalidText) -> SeccompProfile {
        var result = SeccompProfile(default: defaultAction)
        result.defaultErrno = defaultErrno
        result.hostArchitectures = Self.sharedArchitectures(self, other)
        result.flags = SeccompProfile.Flag.allCases.filter { flag in
            // The one flag that gives something away; all others may come from either side.
            flag == .specAllow
                ? flags.contains(flag) && other.flags.contains(flag)
                : flags.contains(flag) || other.flags.contains(flag)
        }
        switch (defaultAction.letsThrough, other.defaultAction.letsThrough) {
        case (false, false):
            result.rules = try SeccompAllowances(self).both(SeccompAllowances(other)).rules
            result.keepErrors(of: [self, other])
        case (false, true):
            result.rules = try SeccompAllowances(self).without(other.refusals).rules
            result.keepErrors(of: [self])
        case (true, false):
            result.defaultAction = other.defaultAction
            result.defaultErrno = other.defaultErrno
            result.rules = try SeccompAllowances(other).without(refusals).rules
            result.keepErrors(of: [other])
        case (true, true):
            result.defaultAction = defaultAction == .log || other.defaultAction == .log ? .log : .allow
            result.rules = Self.grouped(Self.united(refusals + other.refusals))
        }
        return result
    }

    /// The profile with a baseline around it, where what the profile refuses and the baseline does not is carried out and
    /// written to the kernel's log. What the baseline refuses stays refused.
    ///
    /// Where a profile lets a call through for some arguments only, all of its calls are written down.
    package func observed(within baseline: SeccompProfile) throws(InvalidText) -> SeccompProfile {
        let effective = try intersection(baseline)
        var result = try baseline.intersection(baseline)
        if result.defaultAction.letsThrough {
            result.defaultAction = .log
            result.rules += try SeccompAllowances(self).without(baseline.refusals).rules
            return result
        }
        let (kept, all) = (SeccompAllowances(effective), SeccompAllowances(result))
        let refusals = result.refusals
        var logged = SeccompAllowances()
        for (name, rules) in all.byName {
            let isKept = kept.byName[name].map { Set($0) == Set(rules) } ?? false
            logged.byName[name] = isKept ? rules : rules.map { $0.with(.log) }
        }
        result.rules = logged.rules + refusals
        return result
    }

    /// The calls that the profile lets through, some of them for some arguments or circumstances only; nil for nearly all.
    package var allowedNames: Set<String>? {
        defaultAction.letsThrough ? nil : Set(rules.filter(\.action.letsThrough).flatMap(\.names))
    }

    fileprivate var refusals: [Rule] { rules.filter { !$0.action.letsThrough } }

    /// Explicit refusals with an error of their own matter: the C library takes ENOSYS of `clone3` for a hint. Each is kept
    /// where no rule that lets the call through can hold at the same time.
    private mutating func keepErrors(of profiles: [SeccompProfile]) {
        let allowed = SeccompAllowances(self)
        var kept: [Rule] = []
        for refusal in profiles.flatMap(\.refusals) where refusal.conditions.isEmpty {
            var refusal = refusal
            refusal.names = refusal.names.filter { name in
                !allowed.byName[name, default: []].contains { $0.circumstances.and(refusal.circumstances) != nil }
                    && !kept.contains { $0.names.contains(name) }
            }
            if !refusal.names.isEmpty { kept.append(refusal) }
        }
        rules = Self.grouped(rules + kept)
    }

    /// One refusal for each call and its arguments; the first says how.
    private static func united(_ refusals: [Rule]) -> [Rule] {
        var result: [Rule] = []
        for refusal in refusals {
            for name in refusal.names {
                let one = refusal.about(name)
                if result.contains(where: { $0.names == [name] && $0.covers(one) }) { continue }
                result.removeAll { $0.names == [name] && one.covers($0) }
                result.append(one)
            }
        }
        return result
    }

    /// Rules that differ in their names only become one; sorted.
    fileprivate static func grouped(_ rules: [Rule]) -> [Rule] {
        Dictionary(grouping: rules) { $0.about("") }
            .map { shape, rules in
                var rule = shape
                rule.names = Set(rules.flatMap(\.names)).sorted()
                return rule
            }
            .sorted {
                ($0.about("").sortingKey, $0.names.first ?? "") < ($1.about("").sortingKey, $1.names.first ?? "")
            }
    }

    /// By the architectures of hosts: those whose programs both let run.
    private static func sharedArchitectures(_ a: SeccompProfile, _ b: SeccompProfile) -> [HostArchitecture] {
        [Architecture.amd64, .arm64].map { host in
            let (first, second) = (a.others(on: host), b.others(on: host))
            return HostArchitecture(host, others: first.filter(second.contains))
        }
    }

    /// The architectures besides a host's own; a filter always has the host's own.
    private func others(on host: Architecture) -> [Architecture] {
        let all = hostArchitectures.first { $0.architecture == host }?.others ?? architectures
        return Architecture.allCases.filter { $0 != host && all.contains($0) }
    }
}

/// What a profile lets through, by the names of calls: each has alternatives.
private struct SeccompAllowances {
    typealias Rule = SeccompProfile.Rule

    var byName: [String: [Rule]] = [:]

    init() {}

    init(_ profile: SeccompProfile) {
        for rule in profile.rules where rule.action.letsThrough {
            guard let rule = rule.onHosts else { continue }
            for name in rule.names where Self.isOfHosts(name) { byName[name, default: []].append(rule.about(name)) }
        }
    }

    var rules: [Rule] { SeccompProfile.grouped(byName.values.flatMap { Self.fewest($0) }) }

    func both(_ other: SeccompAllowances) throws(InvalidText) -> SeccompAllowances {
        var result = SeccompAllowances()
        for (name, own) in byName {
            guard let others = other.byName[name] else { continue }
            var rules: [Rule] = []
            for rule in own {
                for second in others { rules += try rule.and(second, name) }
            }
            if !rules.isEmpty { result.byName[name] = Self.fewest(rules) }
        }
        return result
    }

    func without(_ refusals: [Rule]) throws(InvalidText) -> SeccompAllowances {
        var result = self
        for refusal in refusals {
            for name in refusal.names {
                guard let rules = result.byName[name] else { continue }
                var left: [Rule] = []
                for rule in rules { left += try rule.except(refusal, name) }
                result.byName[name] = left.isEmpty ? nil : Self.fewest(left)
            }
        }
        return result
    }

    /// Without alternatives that another one includes.
    private static func fewest(_ rules: [Rule]) -> [Rule] {
        guard rules.count > 1 else { return rules }
        var result: [Rule] = []
        for rule in rules where !result.contains(where: { $0.covers(rule) }) {
            result.removeAll { rule.covers($0) }
            result.append(rule)
        }
        return result
    }

    /// Calls of other architectures than those of hosts say nothing; of names that are not known nobody can tell.
    private static func isOfHosts(_ name: String) -> Bool {
        !SystemCalls.isKnown(name) || !SystemCalls.architectures(of: name).isEmpty
    }
}

extension SeccompProfile.Rule {
    fileprivate var circumstances: RuleCircumstances { RuleCircumstances(includes: includes, excludes: excludes) }

    fileprivate func about(_ name: String) -> Self {
        var rule = self
        rule.names = name.isEmpty ? [] : [name]
        return rule
    }

    fileprivate func with(_ action: SeccompProfile.Action) -> Self {
        var rule = self
        rule.action = action
        rule.errno = nil
        return rule
    }

    private func with(_ circumstances: RuleCircumstances) -> Self {
        var rule = self
        (rule.includes, rule.excludes) = (circumstances.includes, circumstances.excludes)
        return rule
    }

    /// Without what only other architectures than those of hosts make true; nil where it holds on none of them.
    fileprivate var onHosts: Self? { RuleCircumstances().and(circumstances).map { with($0) } }

    /// Whether it holds wherever the other one does.
    fileprivate func covers(_ other: Self) -> Bool {
        action.letsThrough == other.action.letsThrough && conditions.allSatisfy(other.conditions.contains)
            && circumstances.covers(other.circumstances)
    }

    /// Alternatives that hold where both do.
    fileprivate func and(_ other: Self, _ name: String) throws(InvalidText) -> [Self] {
        guard let circumstances = circumstances.and(other.circumstances) else { return [] }
        let action: SeccompProfile.Action = action == .log || other.action == .log ? .log : .allow
        return try ArgumentRanges.both(conditions, other.conditions, of: name).map { conditions in
            var rule = about(name).with(action).with(circumstances)
            rule.conditions = conditions
            return rule
        }
    }

    /// Alternatives that hold where this one does and a refusal does not.
    fileprivate func except(_ refusal: Self, _ name: String) throws(InvalidText) -> [Self] {
        var result = refusal.circumstances.opposites.compactMap { circumstances.and($0) }.map { with($0) }
        if !refusal.conditions.isEmpty {
            let call = SecurityProfile.Call(name, arguments: refusal.conditions)
            for conditions in try ArgumentRanges.conditions(conditions, exceptWhere: call) {
                var rule = self
                rule.conditions = conditions
                result.append(rule)
            }
        }
        return result
    }
}

/// Where a rule holds: all that it includes is given, and nothing that it excludes.
private struct RuleCircumstances: Hashable {
    var includes = SeccompProfile.Circumstances()
    var excludes = SeccompProfile.Circumstances()

    private static let hosts = SystemCalls.Architecture.hosts.map(\.dockerName)

    /// nil where both never hold together on a host.
    func and(_ other: Self) -> Self? {
        var result = Self()
        result.includes.capabilities = Set(includes.capabilities + other.includes.capabilities).sorted()
        result.excludes.capabilities = Set(excludes.capabilities + other.excludes.capabilities).sorted()
        if result.includes.capabilities.contains(where: result.excludes.capabilities.contains) { return nil }
        let architectures = Self.hosts.filter { holds(on: $0) && other.holds(on: $0) }
        if architectures.isEmpty { return nil }
        if architectures.count < Self.hosts.count { result.includes.architectures = architectures }
        result.includes.minimumKernel = KernelRelease.later(
            includes.minimumKernel, other.includes.minimumKernel)
        result.excludes.minimumKernel = KernelRelease.earlier(
            excludes.minimumKernel, other.excludes.minimumKernel)
        return result
    }

    private func holds(on architecture: String) -> Bool {
        (includes.architectures.isEmpty || includes.architectures.contains(architecture))
            && !excludes.architectures.contains(architecture)
    }

    /// Whether it holds wherever the other one does; both are as `and` makes them.
    func covers(_ other: Self) -> Bool { and(other) == RuleCircumstances().and(other) }

    /// Alternatives of which one holds exactly where this does not.
    var opposites: [Self] {
        var result: [Self] = []
        func add(_ change: (inout Self) -> Void) {
            var opposite = Self()
            change(&opposite)
            result.append(opposite)
        }
        for name in includes.capabilities { add { $0.excludes.capabilities = [name] } }
        for name in excludes.capabilities { add { $0.includes.capabilities = [name] } }
        if !includes.architectures.isEmpty { add { $0.excludes.architectures = includes.architectures } }
        if !excludes.architectures.isEmpty { add { $0.includes.architectures = excludes.architectures } }
        if let release = includes.minimumKernel { add { $0.excludes.minimumKernel = release } }
        if let release = excludes.minimumKernel { add { $0.includes.minimumKernel = release } }
        return result
    }
}

/// Two numbers such as `4.8`, compared as numbers.
private enum KernelRelease {
    static func later(_ a: String?, _ b: String?) -> String? { [a, b].compactMap(\.self).max(by: isBefore) }

    static func earlier(_ a: String?, _ b: String?) -> String? { [a, b].compactMap(\.self).min(by: isBefore) }

    private static func isBefore(_ a: String, _ b: String) -> Bool {
        a.split(separator: ".").compactMap { Int($0) }.lexicographicallyPrecedes(
            b.split(separator: ".").compactMap { Int($0) })
    }
}
