import Specs

/// What a seccomp profile does with every call, for programs; fields are only ever added.
struct SystemCallsDocument: Encodable {
    struct Rule: Encodable, Hashable {
        /// `SCMP_ACT_ALLOW` and so on.
        var action: String
        var calls: [String]
        /// What must hold for the rule; empty for whatever the arguments and the host.
        var when: [String]
    }

    /// What happens at every call that no rule names.
    let defaultAction: String
    let rules: [Rule]

    init(_ profile: SeccompProfile) {
        defaultAction = profile.defaultAction.rawValue
        rules = profile.rules.map { rule in
            Rule(action: rule.action.rawValue, calls: rule.names.sorted(), when: rule.words)
        }
    }

    /// `310 calls are let through and 14 more under conditions; SCMP_ACT_ERRNO otherwise`
    var summary: String {
        let passing = Set(SeccompProfile.Action.allCases.filter(\.letsThrough).map(\.rawValue))
        let allowed = rules.filter { passing.contains($0.action) }
        let always = Set(allowed.filter(\.when.isEmpty).flatMap(\.calls))
        let more = Set(allowed.flatMap(\.calls)).subtracting(always)
        return
            "\(always.count) calls are let through and \(more.count) more under conditions; \(defaultAction) otherwise"
    }

    /// One paragraph for each rule.
    var lines: [String] {
        rules.flatMap { rule in
            ["  \(rule.action)" + (rule.when.isEmpty ? "" : " where " + rule.when.joined(separator: ", "))]
                + Self.wrapped(rule.calls)
        }
    }

    private static func wrapped(_ words: [String]) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + word.count < 100 {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append("    \(word)")
            }
        }
        return lines
    }
}

extension SeccompProfile.Rule {
    fileprivate var words: [String] {
        conditions.map(\.words) + includes.words.map { $0 } + excludes.words.map { "not \($0)" }
    }
}

extension SeccompProfile.Circumstances {
    fileprivate var words: [String] {
        capabilities + architectures + (minimumKernel.map { ["kernel \($0) or newer"] } ?? [])
    }
}

extension SecurityProfile.Argument {
    /// `argument 0 & 0x7e020000 == 0`
    var words: String {
        let sign =
            switch comparison {
            case .equal, .maskedEqual: "=="
            case .notEqual: "!="
            case .less: "<"
            case .lessOrEqual: "<="
            case .greater: ">"
            case .greaterOrEqual: ">="
            }
        let mask = mask.map { " & 0x" + String($0, radix: 16) } ?? ""
        return "argument \(index)\(mask) \(sign) \(value)"
    }
}
