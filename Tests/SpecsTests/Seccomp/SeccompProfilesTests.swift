import Specs
import Testing

@Suite("Seccomp profiles of a revision")
struct SeccompProfilesTests {
    private func profile(_ seccomp: String, _ more: String = "") -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: SecurityProfile
        metadata: {name: sandbox}
        spec:
          seccomp: \(seccomp)
        \(more)
        """
    }

    /// Warnings and errors; that this version does not carry out profiles is another matter.
    private func findings(_ text: String, _ others: [SpecFile] = []) -> [String] {
        let files = [SpecFile(path: "a.yaml", bytes: Array(text.utf8))] + others
        return SpecLoader.load(files).diagnostics.filter { $0.code != .notYetEnforced }.map(\.description)
    }

    private func json(_ text: String, path: String = "profiles/p.json", folder: String = "") -> SpecFile {
        SpecFile(path: folder + path, bytes: Array(text.utf8), folder: folder)
    }

    private static let open = "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}"

    @Test(
        "names of calls",
        arguments: [
            ("{deny: [mount, ptrace]}", []), ("{deny: [mont], allowUnknownSyscalls: true}", []),
            (
                "{deny: [mont]}",
                ["a.yaml:5:20: error: no architecture of Linux 7.2 has a system call 'mont' (did you mean 'mount'?)"]
            ),
            (
                "{allow: [{name: zzzzzz}]}",
                [
                    "a.yaml:5:28: error: no architecture of Linux 7.2 has a system call 'zzzzzz' ('allowUnknownSyscalls: true' lets it pass)"
                ]
            ),
            (
                "{deny: [mount, spu_run]}",
                [
                    "a.yaml:5:27: info: no host of reconcile has a system call 'spu_run': it belongs to other architectures (hosts run amd64 or arm64; leave it out)"
                ]
            ),
            // A call of 32-bit programs is one of a host.
            ("{deny: [socketcall, sync_file_range2]}", []),
        ] as [(String, [String])])
    func names(seccomp: String, expected: [String]) { #expect(findings(profile(seccomp)) == expected) }

    @Test(
        "what containers need to start",
        arguments: [
            ("{base: sandbox}", "", nil), ("{base: docker-default}", "  noNewPrivileges: false", nil),
            (
                "{deny: [execve, futex]}", "",
                "a.yaml:5:19: error: the profile refuses 'execve' and 'futex', without which"
            ),
            ("{deny: [getppid]}", "", nil),
            (
                "{deny: [getppid]}", "  noNewPrivileges: false",
                "a.yaml:5:19: error: the profile refuses 'getppid', without"
            ),
            // Refused for some arguments only, and refused in the log only.
            ("{deny: [{name: write, args: [{index: 0, op: EQ, value: 9}]}]}", "", nil),
            ("{deny: [execve], mode: log}", "", nil),
        ] as [(String, String, String?)])
    func start(seccomp: String, more: String, expected: String?) throws {
        let found = findings(profile(seccomp, more))
        guard let expected else { return #expect(found == []) }
        #expect(found.count == 1)
        #expect(try #require(found.first).hasPrefix(expected), "\(found)")
    }

    @Test("a file that lets too little through says what is missing")
    func smallFile() {
        let text =
            "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\", \"write\"], \"action\": \"SCMP_ACT_ALLOW\"}]}"
        let spec = profile("{file: profiles/p.json, allow: [execve, close, exit_group, fstatfs]}")
        #expect(
            findings(spec, [json(text)]) == [
                "a.yaml:5:12: error: the profile refuses 'futex', 'getdents64', 'openat' and 'rt_sigreturn', without which runc cannot start a container"
            ])
    }

    @Test(
        "which file is meant",
        arguments: [
            ("profiles/p.json", []),
            (
                "profiles/q.json",
                [
                    "a.yaml:5:19: error: there is no file 'profiles/q.json' in the specs folder (did you mean 'profiles/p.json'?)"
                ]
            ),
            (
                "other.json",
                [
                    "a.yaml:5:19: error: there is no file 'other.json' in the specs folder (the path begins at the specs folder)"
                ]
            ),
            (
                "p.txt",
                [
                    "a.yaml:5:19: error: there is no file 'p.txt' in the specs folder (the file's name must end in '.json')"
                ]
            ),
        ] as [(String, [String])])
    func files(path: String, expected: [String]) {
        #expect(findings(profile("{file: \(path)}"), [json(Self.open)]) == expected)
    }

    @Test("a file is named from the specs folder, wherever that is, and must be the only one of its name")
    func folders() {
        let spec = profile("{file: profiles/p.json}")
        #expect(findings(spec, [json(Self.open, folder: "examples/specs/")]) == [])
        let two = [json(Self.open, folder: "one/"), json(Self.open, folder: "two/")]
        #expect(
            findings(spec, two) == [
                "a.yaml:5:19: error: there are several files 'profiles/p.json', one of them: one/profiles/p.json:1:1, one of them: two/profiles/p.json:1:1 (name one folder only)"
            ])
    }

    @Test("what is wrong in a file stands there, once for all who name it")
    func fileFindings() {
        let text = Self.open.replacing(
            "}", with: ",\n \"syscalls\": [{\"names\": [\"mont\"], \"action\": \"SCMP_ACT_KILL\"}]}")
        let spec = profile("{file: profiles/p.json}") + "\n---\n"
        let twice = spec + spec.replacing("sandbox", with: "other")
        let expected =
            "profiles/p.json:2:26: error: no architecture of Linux 7.2 has a system call 'mont' (did you mean 'mount'?)"
        #expect(findings(twice, [json(text)]) == [expected])
        let allowed = profile("{file: profiles/p.json, allowUnknownSyscalls: true}")
        #expect(findings(allowed, [json(text)]) == [])
        #expect(findings(spec, [json("{\"a\": ")]).count == 1)
    }

    @Test("JSON that nobody names is not looked at")
    func unnamed() {
        #expect(findings(profile("{}"), [json("no profile at all: [")]) == [])
    }

    @Test("a profile of the revision is what an engine is told, and changes with its file")
    func resolved() throws {
        func resolve(_ text: String) throws -> SpecSet {
            let spec = profile("{file: profiles/p.json, deny: [ptrace]}")
            let files = [SpecFile(path: "a.yaml", bytes: Array(spec.utf8)), json(text)]
            return try #require(SpecLoader.load(files).specs)
        }
        let set = try resolve(Self.open)
        let resolved = try #require(try set.securityProfiles.first?.spec.seccomp?.profile())
        #expect(
            resolved.json
                == "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"action\":\"SCMP_ACT_ERRNO\",\"names\":[\"ptrace\"]}]}"
        )
        #expect(try resolve("\n" + Self.open) == set)
        #expect(try resolve(Self.open.replacing("ALLOW", with: "LOG")) != set)
    }

    @Test("conditions of a call are about one argument each, and a mask covers its value")
    func conditions() {
        let both = "{index: 0, op: GT, value: 1}, {index: 0, op: LT, value: 9}"
        #expect(
            findings(profile("{deny: [{name: read, args: [\(both)]}]}")) == [
                "a.yaml:5:39: error: 'spec.seccomp.deny.0.args' has several conditions about argument 0 (runc would let one of them do; write a range as several calls)"
            ])
        #expect(findings(profile("{deny: [{name: clone, args: [{index: 0, op: GT, value: 99999}]}]}")).count == 1)
        let outside = "{deny: [{name: read, args: [{index: 0, op: MASKED_EQ, value: 8, mask: 3}]}]}"
        #expect(
            findings(profile(outside)) == [
                "a.yaml:5:73: error: 'spec.seccomp.deny.0.args.0' fits no argument ('value' has bits outside 'mask')"
            ], "it would deny nothing")
        #expect(
            findings(profile(outside.replacing("MASKED_EQ, value: 8, mask: 3", with: "LT, value: 0"))) == [
                "a.yaml:5:66: error: 'spec.seccomp.deny.0.args.0' fits no argument (no number is less than 0)"
            ])
    }

    @Test(
        "denials of arguments that multiply each other are refused before they fill the memory",
        arguments: [
            (0..<6).map { "[{index: \($0), op: MASKED_EQ, value: 1, mask: 9223372036854775807}]" },
            (1..<8).map { number in
                "["
                    + (0..<6).map { "{index: \($0), op: GT, value: \(100_000 * (number * ($0 + 7) % 11 + 1))}" }
                    .joined(separator: ", ") + "]"
            },
        ])
    func multiplying(arguments: [String]) {
        let calls = arguments.map { "{name: read, args: \($0)}" }.joined(separator: ", ")
        #expect(
            findings(profile("{deny: [\(calls)]}")) == [
                "a.yaml:5:19: error: what is denied of 'read' comes to more than 256 rules (deny fewer arguments or bits of them, or the whole call)"
            ])
    }

    @Test("many profiles cost little")
    func cost() {
        let one =
            "apiVersion: reconcile.dev/v1\nkind: SecurityProfile\nmetadata: {name: p}\nspec: {seccomp: {deny: [mont, read]}}\n---\n"
        let text = String(repeating: one, count: 255)
        let files = (0..<16).map { SpecFile(path: "\($0).yaml", bytes: Array(text.utf8)) }
        let start = ContinuousClock.now
        #expect(SpecLoader.load(files).specs == nil)
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}
