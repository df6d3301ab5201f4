import Specs
import Testing

/// What a filter says to one call on amd64, for a container without capabilities.
private func letsThrough(_ profile: SeccompProfile, _ name: String, _ arguments: [UInt64]) -> Bool {
    let rules = profile.rules.filter { rule in
        rule.names.contains(name) && rule.includes.capabilities.isEmpty
            && (rule.includes.architectures.isEmpty || rule.includes.architectures.contains("amd64"))
            && !rule.excludes.architectures.contains("amd64") && fits(rule.conditions, arguments)
    }
    if rules.contains(where: \.action.letsThrough) {
        // Where a call is refused by a rule, another that lets it through would leave the outcome to libseccomp.
        return !profile.defaultAction.letsThrough || !rules.contains { !$0.action.letsThrough }
    }
    return rules.isEmpty && profile.defaultAction.letsThrough
}

private func fits(_ conditions: [SecurityProfile.Argument], _ arguments: [UInt64]) -> Bool {
    conditions.allSatisfy { $0.holds(for: arguments[$0.index]) }
}

@Suite("Allowing and denying on a base")
struct SeccompCombiningTests {
    private func condition(
        _ index: Int, _ comparison: SecurityProfile.Argument.Comparison, _ value: UInt64, mask: UInt64? = nil
    ) -> SecurityProfile.Argument {
        var condition = SecurityProfile.Argument(index: index, comparison: comparison, value: value)
        condition.mask = mask
        return condition
    }

    private static let bases: [SeccompProfile] = {
        var open = SeccompProfile(default: .allow)
        open.rules = [.init(["mount", "ptrace"], .killProcess), .init(["read"], .allow)]
        return [.dockerDefault, .sandbox, open, SeccompProfile(default: .kill)]
    }()

    @Test("denied wins over allowed, and the rest is as the base has it")
    func property() throws {
        var numbers = SeededNumbers(401)
        let names = [
            "read", "mount", "ptrace", "socket", "personality", "clone", "clone3", "execve", "bpf", "kexec_load",
        ]
        let values: [UInt64] = [0, 1, 2, 8, 16, 37, 38, 39, 40, 41, 0x20000, 0x7E02_0000, 0xFFFF_FFFF, .max >> 1]
        func pick<T>(_ all: [T]) -> T { all[Int.random(in: 0..<all.count, using: &numbers)] }
        func call() -> SecurityProfile.Call {
            let count = Int.random(in: 0...2, using: &numbers)
            let indices = [0, 1, 2].shuffled(using: &numbers).prefix(count)
            return SecurityProfile.Call(
                pick(names),
                arguments: indices.map { index in
                    let comparison = pick(SecurityProfile.Argument.Comparison.allCases)
                    guard comparison == .maskedEqual else { return condition(index, comparison, pick(values)) }
                    let mask = pick(values) | 1
                    return condition(index, comparison, pick(values) & mask, mask: mask)
                })
        }
        var combined = 0
        for _ in 0..<400 {
            let base = pick(Self.bases)
            let (allow, deny) = ((0..<3).map { _ in call() }, (0..<3).map { _ in call() })
            guard let profile = try? base.combined(allow: allow, deny: deny) else { continue }
            combined += 1
            for _ in 0..<25 {
                let (name, arguments) = (pick(names), (0..<6).map { _ in pick(values) })
                func isNamed(_ calls: [SecurityProfile.Call]) -> Bool {
                    calls.contains { $0.name == name && fits($0.arguments, arguments) }
                }
                // An allowed call is allowed also where a rule of the base refuses it for all arguments.
                let mentioned = allow.contains { $0.name == name }
                let stripped = mentioned && base.defaultAction.letsThrough
                let expected = (letsThrough(base, name, arguments) || isNamed(allow) || stripped) && !isNamed(deny)
                #expect(
                    letsThrough(profile, name, arguments) == expected,
                    "\(name) \(arguments) allow \(allow) deny \(deny)")
            }
        }
        #expect(combined > 250)
    }

    @Test("denying one family of sockets leaves the others")
    func families() throws {
        let netlink = SecurityProfile.Call("socket", arguments: [condition(0, .equal, 16)])
        let profile = try SeccompProfile.dockerDefault.combined(allow: [], deny: [netlink])
        for family in UInt64(0)...50 {
            #expect(letsThrough(profile, "socket", [family, 0, 0]) == ![16, 38, 40].contains(family), "\(family)")
        }
        let rules = profile.rules.filter { $0.names == ["socket"] }
        #expect(rules.allSatisfy { $0.conditions.count == 1 && $0.action == .allow })
    }

    @Test("what filters cannot tell apart is refused with its reason")
    func inseparable() throws {
        let flags = SecurityProfile.Call("clone", arguments: [condition(0, .greater, 1 << 40)])
        let said = error { _ = try SeccompProfile.dockerDefault.combined(allow: [], deny: [flags]) }
        #expect(
            said
                == "what is denied of 'clone' cannot be told from what the base allows by argument 0 (deny the whole call)"
        )
    }

    @Test("a profile that logs refuses nothing")
    func logging() throws {
        for base in Self.bases {
            let profile = try base.combined(allow: [], deny: [.init("read")], mode: .log)
            #expect(profile.defaultAction.letsThrough)
            #expect(profile.rules.allSatisfy { $0.action.letsThrough })
        }
        let profile = try SeccompProfile.sandbox.combined(allow: [], deny: [.init("read")], mode: .log)
        #expect(!profile.rules.contains { $0.names.contains("read") })
        #expect(profile.defaultAction == .log)
    }

    @Test("the order in which calls are named changes no byte")
    func order() throws {
        let calls = ["mount", "kexec_load", "bpf", "acct"].map { SecurityProfile.Call($0) }
        let denied = ["read", "write", "ptrace"].map { SecurityProfile.Call($0) }
        let one = try SeccompProfile.dockerDefault.combined(allow: calls, deny: denied)
        let other = try SeccompProfile.dockerDefault.combined(allow: calls.reversed(), deny: denied.reversed())
        #expect(one.json == other.json)
        #expect(one.rules.contains(.init(["acct", "bpf", "kexec_load", "mount"], .allow)))
    }

    @Test("nothing allowed and denied is the base")
    func nothing() throws {
        for base in Self.bases { #expect(try base.combined(allow: [], deny: []) == base) }
    }
}
