import Foundation
import ReconcileTesting
import Testing

/// `--once` on a terminal, and without one.
@Suite("progress", .timeLimit(.minutes(2)))
struct ProgressTests {
    /// Runs the program with standard error on a terminal of its own, 60 columns wide, and keeps what comes there.
    private static let terminal = """
        import fcntl, os, struct, sys, termios, threading
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        child = os.fork()
        if child == 0:
            os.dup2(slave, 2)
            os.execv(sys.argv[2], sys.argv[2:])
        os.close(slave)
        def copy():
            with open(sys.argv[1], "wb") as file:
                while True:
                    try:
                        data = os.read(master, 4096)
                    except OSError:
                        return
                    if not data:
                        return
                    file.write(data)
        reader = threading.Thread(target=copy)
        reader.start()
        status = os.waitpid(child, 0)[1]
        reader.join()
        sys.exit(os.waitstatus_to_exitcode(status))
        """

    /// Ready only after a while, so that there is something to wait for.
    private static let slow = #"[sh, -c, "trap 'exit 0' TERM; sleep 1; touch /tmp/ready; sleep 1000000 & wait"]"#
    private static let probe = "healthCheck: {command: [test, -e, /tmp/ready], interval: 1s, startPeriod: 30s}"

    private static func once(_ bed: Bed, on kind: String, _ more: [String] = []) async throws -> (
        ending: Program.Ending, shown: String
    ) {
        var bed = bed
        bed.program = Program(environment: ["TERM": kind])
        bed.program.launcher = ["python3", "-c", terminal, bed.folder.path + "/shown"]
        let ending = try await bed.program.run(
            bed.arguments(["--once", "--specs", bed.specsDirectory] + more), deadline: .seconds(80))
        return (ending, try String(contentsOfFile: bed.folder.path + "/shown", encoding: .utf8))
    }

    @Test("on a terminal one line is drawn again and again, and nothing of it stays")
    func onTerminal() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", replicas: 3, command: Self.slow, template: Self.probe))
            let (ending, shown) = try await Self.once(bed, on: "xterm")
            #expect(ending.exitCode == 0, "\(ending) \(shown)")
            let lines = shown.components(separatedBy: "\r\u{1B}[K")
            #expect(lines.contains { $0.contains("0 of 3 done, 0 %") }, "\(lines)")
            #expect(lines.allSatisfy { $0.count < 60 })
            #expect(!shown.contains("\n") && lines.last == "", "\(lines)")
        }
    }

    @Test("a dumb terminal, JSON and a pipe have none of it")
    func elsewhere() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", command: Self.slow, template: Self.probe))
            #expect(try await Self.once(bed, on: "dumb").shown.isEmpty)
            try bed.write(bed.workload("web", replicas: 2, command: Self.slow, template: Self.probe))
            let json = try await Self.once(bed, on: "xterm", ["-o", "json"])
            #expect(json.ending.exitCode == 0 && json.shown.isEmpty, "\(json)")
            try bed.write(bed.workload("web", replicas: 3, command: Self.slow, template: Self.probe))
            #expect(try await bed.once().errors.isEmpty)
        }
    }
}
