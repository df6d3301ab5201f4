import FoundationEssentials
import Glibc
import ReconcileTesting
import Testing

@Suite("the process that a tool runs in")
struct LauncherTests {
    @Test(
        "a tool runs as whom it is told, with limits and no way to more rights",
        .enabled(if: geteuid() == 0, "only root can be less"))
    func privileges() async throws {
        try await ScratchFolder.with { folder in
            // What is signed comes from a pipe that stays open, so that the tool waits and can be looked at.
            let script = """
                cd '\(folder.path)' && mkfifo signed
                echo "{\\"tool\\": \\"gpgv\\", \\"arguments\\": [\\"--\\", \\"-\\"], \\"parent\\": $$,
                    \\"user\\": {\\"user\\": 65429, \\"group\\": 65428}}" > request
                '\(BuiltProduct.reconcile)' run-verifier < request 3<> signed &
                child=$!
                for _ in $(seq 500); do
                    if grep -q '^Name:.gpgv' /proc/$child/status; then cat /proc/$child/status /proc/$child/limits; break; fi
                    sleep 0.02
                done
                kill -9 $child
                """
            let shown = try await TestCommand.run("sh", ["-c", script])
            let lines = shown.split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" }.joined(separator: " ") }
            let user = Array(repeating: "65429", count: 4).joined(separator: " ")
            let group = Array(repeating: "65428", count: 4).joined(separator: " ")
            let none = String(repeating: "0", count: 16)
            for line in [
                "Uid: \(user)", "Gid: \(group)", "Groups:", "NoNewPrivs: 1", "CapEff: \(none)", "CapPrm: \(none)",
                "CapAmb: \(none)", "Max processes 0 0 processes",
            ] {
                #expect(lines.contains(line), "\(line): \(shown)")
            }
            #expect(lines.contains("Max cpu time 10 11 seconds"), "\(shown)")
            #expect(lines.contains("Max core file size 0 0 bytes"), "\(shown)")
        }
    }

    @Test(
        "where it may not become somebody else it becomes nothing",
        .enabled(if: geteuid() == 0, "only root can be less"),
        arguments: ["setuid", "setgid"])
    func refusedUser(capability: String) async throws {
        let script =
            "setpriv --bounding-set -\(capability) '\(BuiltProduct.reconcile)' run-verifier 2>&1 3< /dev/null; echo $?"
        let request =
            #"{"tool": "gpgv", "arguments": ["--version"], "parent": 1, "user": {"user": 65429, "group": 65428}}"#
        let said = try await TestCommand.run("sh", ["-c", script], input: Array(request.utf8))
        #expect(said.hasSuffix("96") && said.contains("operation not permitted"), "\(said)")
        #expect(said.contains("CAP_SETUID"), "\(said)")
    }

    @Test(
        "it becomes nothing else, and says why",
        arguments: [
            ("{}", "no request"), (#"{"tool": "sh", "arguments": [], "parent": 1}"#, "no request"), ("", "no request"),
        ])
    func refusals(request: String, reason: String) async throws {
        let script = "'\(BuiltProduct.reconcile)' run-verifier 2>&1; echo $?"
        let said = try await TestCommand.run("sh", ["-c", script], input: Array(request.utf8))
        #expect(said.hasSuffix("96") && said.contains(reason), "\(said)")
    }
}
