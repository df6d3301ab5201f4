import Foundation
import Testing

@testable import Specs

@Suite("Profiles in Docker's format")
struct SeccompFileTests {
    private func read(_ text: String) -> (profile: SeccompProfile?, findings: [String]) {
        let (profile, diagnostics) = SeccompFile.read(SpecFile(path: "p.json", bytes: Array(text.utf8)))
        return (profile, diagnostics.map(\.description))
    }

    @Test("every part arrives")
    func everything() throws {
        let text = """
            {
            \t"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "listenerPath": null,
            \t"archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
            \t"flags": ["SECCOMP_FILTER_FLAG_LOG"],
            \t"syscalls": [
            \t\t{"names": ["write", "read", "read"], "action": "SCMP_ACT_ALLOW", "comment": "both", "args": null},
            \t\t{"name": "clone", "action": "SCMP_ACT_LOG", "includes": {"caps": ["CAP_BPF"], "minKernel": "4.8"},
            \t\t "args": [{"index": 1, "value": 3, "valueTwo": 1, "op": "SCMP_CMP_MASKED_EQ"}], "excludes": {}},
            \t\t{"names": ["kcmp"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "errno": "EPERM", "excludes": {"arches": ["x86"]}}
            \t]
            }
            """
        var expected = SeccompProfile(default: .errno)
        expected.defaultErrno = 38
        expected.hostArchitectures = [.init(.amd64, others: [.x86])]
        expected.flags = [.log]
        var masked = SeccompProfile.Condition(index: 1, comparison: .maskedEqual, value: 1)
        masked.mask = 3
        var clone = SeccompProfile.Rule(["clone"], .log, conditions: [masked])
        clone.includes.capabilities = ["CAP_BPF"]
        clone.includes.minimumKernel = "4.8"
        var kcmp = SeccompProfile.Rule(["kcmp"], .errno, errno: 1)
        kcmp.excludes.architectures = ["x86"]
        expected.rules = [SeccompProfile.Rule(["read", "write"], .allow), clone, kcmp]
        let (profile, findings) = read(text.replacing("\"listenerPath\": null,", with: ""))
        #expect(findings == [])
        #expect(profile == expected)
        #expect(
            expected.json == """
                {"archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]}],\
                "defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"flags":["SECCOMP_FILTER_FLAG_LOG"],"syscalls":[\
                {"action":"SCMP_ACT_ALLOW","names":["read","write"]},\
                {"action":"SCMP_ACT_LOG","args":[{"index":1,"op":"SCMP_CMP_MASKED_EQ","value":3,"valueTwo":1}],\
                "includes":{"caps":["CAP_BPF"],"minKernel":"4.8"},"names":["clone"]},\
                {"action":"SCMP_ACT_ERRNO","errnoRet":1,"excludes":{"arches":["x86"]},"names":["kcmp"]}]}
                """)
    }

    @Test(
        "what Docker would ignore, or refuse only when a container starts, is a finding at its place",
        arguments: [
            ("{}", ["p.json:1:1: error: the document needs 'defaultAction'"]),
            (
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscals\": []}",
                ["p.json:1:37: error: unknown key 'syscals' (did you mean 'syscalls'?)"]
            ),
            (
                "{\n\t\"defaultAction\": \"SCMP_ACT_DENY\"\n}",
                [
                    "p.json:2:19: error: 'defaultAction' must be SCMP_ACT_ALLOW, SCMP_ACT_LOG, SCMP_ACT_ERRNO, SCMP_ACT_TRACE, SCMP_ACT_TRAP, SCMP_ACT_KILL, SCMP_ACT_KILL_THREAD or SCMP_ACT_KILL_PROCESS, not 'SCMP_ACT_DENY'"
                ]
            ),
            (
                rule("\"names\": [\"read\"], \"name\": \"read\", \"action\": \"SCMP_ACT_ALLOW\""),
                ["p.json:2:29: error: 'name' cannot stand beside 'names', first at p.json:2:11 (keep one of the two)"]
            ),
            (
                rule("\"names\": [\"read\", \"wriet\"], \"action\": \"SCMP_ACT_ALLOW\""),
                [
                    "p.json:2:20: error: no architecture of Linux \(SystemCalls.kernel) has a system call 'wriet' (did you mean 'write'?)"
                ]
            ),
            (
                rule("\"names\": [\"read\"], \"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"EPERM\""),
                ["p.json:2:58: error: 'errno' needs 'errnoRet' beside it, because Docker reads only that"]
            ),
            (
                rule(
                    "\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"minKernel\": \"5.10.3\"}"),
                [
                    "p.json:2:75: error: 'syscalls.0.includes.minKernel' must be two numbers such as '4.8', not '5.10.3'"
                ]
            ),
            (
                rule("\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": [\"NET_RAW\"]}"),
                [
                    "p.json:2:71: error: 'syscalls.0.includes.caps.0' must be a capability such as 'CAP_SYS_ADMIN', not 'NET_RAW'"
                ]
            ),
            (
                rule(
                    "\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"arches\": [\"SCMP_ARCH_X86_64\"]}"
                ),
                [
                    "p.json:2:73: error: 'syscalls.0.includes.arches.0' must be an architecture as Docker names it, such as 'amd64' or 'arm64', not 'SCMP_ARCH_X86_64'"
                ]
            ),
            (
                rule(
                    "\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_GT\", \"value\": 1}, {\"index\": 0, \"op\": \"SCMP_CMP_LT\", \"value\": 9}]"
                ),
                [
                    "p.json:2:57: error: 'syscalls.0.args' has several conditions about argument 0 (runc would let one of them do; write a range as several calls)"
                ]
            ),
            (
                rule(
                    "\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 6, \"op\": \"SCMP_CMP_EQ\", \"value\": 1}]"
                ),
                ["p.json:2:68: error: 'syscalls.0.args.0.index' must be 0-5, not '6'"]
            ),
            (
                rule(
                    "\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_EQ\", \"value\": 1, \"valueTwo\": 2}]"
                ),
                ["p.json:2:116: error: 'valueTwo' needs 'op: SCMP_CMP_MASKED_EQ'"]
            ),
            (
                "{\"defaultAction\": \"SCMP_ACT_LOG\", \"architectures\": [\"SCMP_ARCH_X86\"], \"archMap\": []}",
                [
                    "p.json:1:82: error: 'archMap' cannot stand beside 'architectures', first at p.json:1:52 (keep one of the two)"
                ]
            ),
            ("[]", ["p.json:1:1: error: the document must be a map, not a list"]),
            ("", ["p.json:1:1: error: a seccomp profile is one map in JSON"]),
            ("{} {}", ["p.json:1:4: error: did not find expected <document start>"]),
        ] as [(String, [String])])
    func findings(text: String, expected: [String]) {
        let found = read(text)
        #expect(found.findings == expected)
    }

    /// A profile with one rule, which begins in column 2 of line 2.
    private static func rule(_ fields: String) -> String {
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [\n{\(fields)}\n]}"
    }

    @Test("a profile that is written reads back as itself, and is written with the same bytes")
    func roundTrip() {
        for profile in [SeccompProfile.dockerDefault, .sandbox, SeccompProfile(default: .allow)] {
            let (again, findings) = read(profile.json)
            #expect(findings == [])
            #expect(again == profile)
            #expect(again?.json == profile.json)
        }
    }

    @Test("the sandbox is a part of what Docker lets through, for the host's own architecture")
    func sandbox() {
        let (docker, sandbox) = (SeccompProfile.dockerDefault, SeccompProfile.sandbox)
        let names = Set(sandbox.rules.flatMap(\.names))
        #expect(names.isSubset(of: Set(docker.rules.flatMap(\.names))))
        #expect(
            names.isDisjoint(with: ["bpf", "keyctl", "io_uring_setup", "userfaultfd", "perf_event_open", "socketcall"]))
        #expect(sandbox.hostArchitectures.allSatisfy { $0.others.isEmpty })
        #expect(sandbox.json.utf8.count < 9_000)
        #expect(docker.rules.count == 33)
    }
}

private let corpora = ProcessInfo.processInfo.environment["RECONCILE_CORPORA"]

@Suite(
    "Profiles of other projects", .enabled(if: corpora != nil, "set RECONCILE_CORPORA to the folder that holds seccomp")
)
struct SeccompCorpusTests {
    private static let files: [String] = {
        let folder = URL(filePath: corpora ?? "/nowhere").appending(path: "seccomp")
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (found?.compactMap { ($0 as? URL)?.path } ?? []).filter { path in
            path.hasSuffix(".json")
                && (try? String(contentsOfFile: path, encoding: .utf8))?.contains("defaultAction") == true
        }.sorted()
    }()

    @Test("each reads without a finding, and reads back as itself", arguments: files)
    func decodes(path: String) throws {
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        let (profile, diagnostics) = SeccompFile.read(SpecFile(path: "p.json", bytes: bytes))
        #expect(diagnostics == [])
        let json = try #require(profile).json
        let again = SeccompFile.read(SpecFile(path: "p.json", bytes: Array(json.utf8))).profile
        #expect(again == profile)
        // What JSON's own reader makes of it has the same rules.
        let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        #expect((object?["syscalls"] as? [Any])?.count == profile?.rules.count)
    }

    @Test("there are some")
    func some() { #expect(Self.files.count >= 10) }
}
