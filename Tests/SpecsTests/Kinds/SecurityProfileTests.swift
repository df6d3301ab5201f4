import Specs
import Testing

@Suite("SecurityProfile")
struct SecurityProfileTests {
    @Test("a complete document has every field")
    func complete() throws {
        var expected = SecurityProfile()
        var seccomp = SecurityProfile.Seccomp()
        seccomp.base = .sandbox
        var masked = SecurityProfile.Argument(index: 1, comparison: .maskedEqual, value: 0)
        masked.mask = 255
        seccomp.allow = [
            SecurityProfile.Call("clone3"),
            SecurityProfile.Call(
                "personality", arguments: [SecurityProfile.Argument(index: 0, comparison: .equal, value: 8), masked]),
        ]
        seccomp.deny = [SecurityProfile.Call("ptrace"), SecurityProfile.Call("bpf")]
        seccomp.mode = .log
        seccomp.allowUnknownSyscalls = true
        expected.seccomp = seccomp
        expected.appArmor = SecurityProfile.AppArmor()
        expected.appArmor?.profile = "sandbox"
        expected.appArmor?.required = false
        expected.capabilities.drop = ["ALL"]
        expected.capabilities.add = ["CHOWN", "NET_BIND_SERVICE"]
        expected.noNewPrivileges = false
        expected.readOnlyRootFilesystem = true
        expected.user = "1000:1000"
        expected.runtime = "runsc"
        #expect(try CompleteSpecs.load().securityProfiles.map(\.spec) == [expected])
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let spec = load(object("SecurityProfile", "{}")).specs?.securityProfiles.first?.spec
        #expect(spec == SecurityProfile())
        #expect(spec?.noNewPrivileges == true && spec?.readOnlyRootFilesystem == false && spec?.seccomp == nil)
        let seccomp = load(object("SecurityProfile", "seccomp: {}")).specs?.securityProfiles.first?.spec.seccomp
        #expect(seccomp == SecurityProfile.Seccomp())
        #expect(seccomp?.base == .dockerDefault && seccomp?.mode == .enforce && seccomp?.allow == [])
        let loaded = load(object("SecurityProfile", "appArmor: {profile: docker-default}"))
        #expect(loaded.specs?.securityProfiles.first?.spec.appArmor?.required == true)
    }

    @Test(
        "what is wrong is said at its place",
        arguments: [
            (
                "seccomp: {base: docker}",
                "5:19: error: 'spec.seccomp.base' must be docker-default or sandbox, not 'docker'"
            ),
            (
                "seccomp: {base: sandbox, file: a.json}",
                "5:34: error: 'file' cannot stand beside 'base', first at web.yaml:5:19 (keep one of the two)"
            ),
            (
                "seccomp: {file: ../a.json}",
                "5:19: error: 'spec.seccomp.file' must be a path within the specs' folder, without '..' or a '/' in front, not '../a.json'"
            ),
            (
                "seccomp: {deny: [Mount]}",
                "5:20: error: 'spec.seccomp.deny.0' must be the name of a system call such as 'openat', not 'Mount'"
            ),
            ("seccomp: {deny: [{}]}", "5:20: error: 'spec.seccomp.deny.0' needs 'name'"),
            (
                "seccomp: {allow: [{name: mount, args: []}]}",
                "5:41: error: 'spec.seccomp.allow.0.args' must have at least one item (leave it out for the default)"
            ),
            (
                "seccomp: {allow: [{name: mount, args: [{index: 6, op: EQ, value: 0}]}]}",
                "5:50: error: 'spec.seccomp.allow.0.args.0.index' must be 0-5, not '6'"
            ),
            (
                "seccomp: {allow: [{name: mount, args: [{index: 0, op: EQUALS, value: 0}]}]}",
                "5:57: error: 'spec.seccomp.allow.0.args.0.op' must be EQ, NE, LT, LE, GT, GE or MASKED_EQ, not 'EQUALS'"
            ),
            (
                "seccomp: {allow: [{name: mount, args: [{index: 0, op: EQ, value: 0, mask: 1}]}]}",
                "5:77: error: 'spec.seccomp.allow.0.args.0.mask' needs 'op: MASKED_EQ'"
            ),
            (
                "seccomp: {allow: [{name: mount, args: [{index: 0, op: MASKED_EQ, value: 0}]}]}",
                "5:42: error: 'spec.seccomp.allow.0.args.0' needs 'mask'"
            ),
            ("seccomp: {mode: kill}", "5:19: error: 'spec.seccomp.mode' must be enforce or log, not 'kill'"),
            ("appArmor: {}", "5:13: error: 'spec.appArmor' needs 'file' or 'profile'"),
            (
                "appArmor: {file: a, profile: bb}",
                "5:32: error: 'profile' cannot stand beside 'file', first at web.yaml:5:20 (keep one of the two)"
            ),
            (
                "capabilities: {drop: [CAP_NET_RAW]}",
                "5:25: error: 'spec.capabilities.drop.0' must be a capability such as 'NET_RAW', without 'CAP_', not 'CAP_NET_RAW' (upper case, as in capabilities(7), or 'ALL')"
            ),
            (
                "capabilities: {add: [CHOWN, CHOWN]}",
                "5:31: error: 'CHOWN' is listed twice, first at web.yaml:5:24"
            ),
            (
                "noNewPrivileges: \"true\"",
                "5:20: error: 'spec.noNewPrivileges' must be true or false, not the string 'true'"
            ),
            ("user: [1000]", "5:9: error: 'spec.user' must be a string, not a list"),
            (
                "runtime: /bin/runc",
                "5:12: error: 'spec.runtime' must be a name of 2-255 characters"
            ),
        ])
    func mistakes(lines: String, expected: String) {
        let found = problems(object("SecurityProfile", lines))
        #expect(found.count == 1 && found[0].hasPrefix("web.yaml:" + expected), "\(found)")
    }
}
