import Specs

/// The rules of one bridge, made for looking names up: the cost is one lookup for each label of the name, however many
/// patterns there are.
package struct RuleTable: Sendable {
    /// What lets a name through.
    package struct Match: Hashable, Sendable {
        /// Numbers of rules, in their order.
        package var rules: [Int]
        /// The name below which everything is allowed, where no pattern names the name itself.
        package var wildcard: DomainName?
    }

    package let rules: [NameRule]
    private var exact: [DomainName: [Int]] = [:]
    private var below: [DomainName: [Int]] = [:]
    /// Names that have allowed names below them.
    private var ancestors: Set<DomainName> = []

    package init(_ rules: [NameRule] = []) {
        self.rules = rules
        for (number, rule) in rules.enumerated() {
            for pattern in Set(rule.patterns) {
                let name = DomainName(pattern)
                if pattern.isWildcard {
                    below[name, default: []].append(number)
                    ancestors.insert(name)
                } else {
                    exact[name, default: []].append(number)
                }
                var above = name.parent
                while let ancestor = above {
                    ancestors.insert(ancestor)
                    above = ancestor.parent
                }
            }
        }
    }

    /// The rules that let a name through; nil if none does.
    package func match(_ name: DomainName) -> Match? {
        var rules = exact[name] ?? []
        var wildcard: DomainName?
        var above = below.isEmpty ? nil : name.parent
        while let ancestor = above {
            if let found = below[ancestor] {
                rules += found
                wildcard = wildcard ?? ancestor
            }
            above = ancestor.parent
        }
        guard !rules.isEmpty else { return nil }
        return Match(
            rules: rules.count == 1 ? rules : Set(rules).sorted(), wildcard: exact[name] == nil ? wildcard : nil)
    }

    /// Whether an allowed name is below this one.
    ///
    /// Such a name must not be called non-existent: a cache may take that to mean that nothing is below it (RFC 8020).
    package func isAbove(_ name: DomainName) -> Bool { ancestors.contains(name) }

    /// Whether an address that is in a blocked range may be answered under one of these rules.
    func opens(_ address: VettedAnswer.Address, _ rule: Int) -> Bool {
        guard let blocked = address.blocked else { return true }
        return blocked.yieldsToAllowPrivate && rules[rule].allowPrivate
    }
}
