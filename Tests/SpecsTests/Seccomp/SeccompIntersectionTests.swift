import Specs
import Testing

/// What a filter does with one call on amd64 for a container with these capabilities: nil where a refusal and a
/// permission both hold, which only libseccomp can settle.
private func isCarriedOut(
    _ profile: SeccompProfile, _ name: String, _ arguments: [UInt64], _ capabilities: Set<String>
) -> Bool? {
    let rules = profile.rules.filter { rule in
        rule.names.contains(name) && rule.includes.capabilities.allSatisfy(capabilities.contains)
            && !rule.excludes.capabilities.contains(where: capabilities.contains)
            && (rule.includes.architectures.isEmpty || rule.includes.architectures.contains("amd64"))
            && !rule.excludes.architectures.contains("amd64")
            && rule.conditions.allSatisfy { $0.holds(for: arguments[$0.index]) }
    }
    let (allowed, refused) = (
        rules.contains { $0.action.letsThrough }, rules.contains { !$0.action.letsThrough }
    )
    if allowed && refused { return nil }
    return allowed || !refused && profile.defaultAction.letsThrough
}

@Suite("What two profiles both let through")
struct SeccompIntersectionTests {
    private static let bases: [SeccompProfile] = {
        var open = SeccompProfile(default: .allow)
        open.rules = [.init(["mount", "ptrace"], .killProcess), .init(["read"], .errno, errno: 5)]
        var family = SecurityProfile.Argument(index: 0, comparison: .equal, value: 16)
        open.rules.append(.init(["socket"], .errno, conditions: [family]))
        family.value = 2
        var few = SeccompProfile(default: .kill)
        few.rules = [
            .init(["read", "write", "bpf", "clone"], .allow), .init(["socket"], .allow, conditions: [family]),
        ]
        var guarded = SeccompProfile(default: .allow)
        var rule = SeccompProfile.Rule(["bpf", "chroot", "clone"], .errno)
        rule.excludes.capabilities = ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"]
        guarded.rules = [rule]
        return [.dockerDefault, .sandbox, open, few, guarded]
    }()

    private static let names = [
        "read", "write", "mount", "ptrace", "socket", "personality", "clone", "clone3", "execve", "bpf", "chroot",
        "io_uring_setup", "keyctl", "perf_event_open", "unshare",
    ]
    private static let values: [UInt64] = [0, 1, 2, 8, 16, 37, 38, 39, 40, 41, 0x20000, 0x7E02_0000, 0xFFFF_FFFF]
    private static let capabilities: [Set<String>] = [
        [], ["CAP_SYS_ADMIN"], ["CAP_SYS_CHROOT"], ["CAP_BPF", "CAP_PERFMON"], ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"],
    ]

    @Test("is let through by both, for every call, arguments and capabilities")
    func property() throws {
        for first in Self.bases {
            for second in Self.bases {
                let both = try first.intersection(second)
                for name in Self.names {
                    for value in Self.values {
                        for capabilities in Self.capabilities {
                            let arguments = [value, 0x11, 0, 0, 0, 0]
                            let each = [first, second].map { isCarriedOut($0, name, arguments, capabilities) }
                            guard !each.contains(nil) else { continue }
                            #expect(
                                isCarriedOut(both, name, arguments, capabilities) == each.allSatisfy { $0 == true },
                                "\(name) \(value) \(capabilities)")
                        }
                    }
                }
            }
        }
    }

    @Test("a profile within itself says the same, always in the same bytes")
    func canonical() throws {
        for base in Self.bases {
            let once = try base.intersection(base)
            #expect(try once.intersection(once) == once)
            #expect(try once.intersection(base).json == once.json)
        }
        let sandbox = try SeccompProfile.sandbox.intersection(.dockerDefault)
        #expect(try SeccompProfile.dockerDefault.intersection(.sandbox).allowedNames == sandbox.allowedNames)
        #expect(sandbox.json.utf8.count < 16 << 10)
    }

    @Test("the error by which clone3 sends the C library to clone stays")
    func errors() throws {
        let profile = try SeccompProfile.sandbox.intersection(.dockerDefault)
        let rule = try #require(profile.rules.first { $0.names == ["clone3"] && $0.action == .errno })
        #expect(rule.errno == 38 && rule.excludes.capabilities == ["CAP_SYS_ADMIN"])
    }

    @Test("only architectures of both are left, and those of other hosts are not")
    func architectures() throws {
        let profile = try SeccompProfile.dockerDefault.intersection(.dockerDefault)
        #expect(profile.hostArchitectures.map(\.architecture) == [.amd64, .arm64])
        #expect(profile.hostArchitectures.first?.others == [.x86, .x32])
        let sandbox = try SeccompProfile.dockerDefault.intersection(.sandbox)
        #expect(sandbox.hostArchitectures.map(\.others) == [[], []])
        var listed = SeccompProfile.dockerDefault
        (listed.hostArchitectures, listed.architectures) = ([], [.amd64, .x86])
        #expect(try listed.intersection(.dockerDefault).hostArchitectures.map(\.others) == [[.x86], []])
    }

    @Test("a kernel's release counts on both sides, and a flag that gives something away needs both")
    func circumstances() throws {
        var (first, second) = (SeccompProfile(default: .errno), SeccompProfile(default: .errno))
        var rule = SeccompProfile.Rule(["read"], .allow)
        rule.includes.minimumKernel = "4.18"
        first.rules = [rule]
        rule.includes.minimumKernel = "4.8"
        second.rules = [rule]
        first.flags = [.specAllow, .log]
        let both = try first.intersection(second)
        #expect(both.rules.map(\.includes.minimumKernel) == ["4.18"])
        #expect(both.flags == [.log])
    }

    @Test("what no filter can tell is an error, and never let through")
    func inseparable() throws {
        var masked = SecurityProfile.Argument(index: 0, comparison: .maskedEqual, value: 1)
        masked.mask = 3
        var (first, second) = (SeccompProfile(default: .errno), SeccompProfile(default: .errno))
        first.rules = [.init(["socket"], .allow, conditions: [masked])]
        second.rules = [
            .init(["socket"], .allow, conditions: [.init(index: 0, comparison: .greater, value: 40)])
        ]
        #expect(throws: InvalidText.self) { try first.intersection(second) }
    }

    @Test("observing lets through what the baseline does, and writes down what the profile refuses of it")
    func observing() throws {
        let strict = try SeccompProfile.sandbox.combined(allow: [.init("keyctl")], deny: [.init("mkdir")])
        let profile = try strict.observed(within: .dockerDefault)
        func action(_ name: String) -> SeccompProfile.Action {
            profile.rules.first { $0.names.contains(name) && $0.includes.capabilities.isEmpty }?.action
                ?? profile.defaultAction
        }
        #expect(action("mkdir") == .log)
        #expect(action("openat") == .allow)
        // The baseline refuses it, whatever the repository says.
        #expect(action("keyctl") == .errno && action("mount") == .errno)
        for name in Self.names {
            let (plain, observed) = (
                isCarriedOut(.dockerDefault, name, [0, 0, 0, 0, 0, 0], []),
                isCarriedOut(profile, name, [0, 0, 0, 0, 0, 0], [])
            )
            #expect(plain == observed, "\(name)")
        }
    }
}
