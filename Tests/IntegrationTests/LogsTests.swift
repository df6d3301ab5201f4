import Drivers
import Foundation
import ReconcileTesting
import Testing

/// `reconcile logs` against a real engine and a real daemon.
@Suite("logs", .timeLimit(.minutes(3)))
struct LogsTests {
    /// Writes to both streams, then sleeps and writes a line whenever a file in it grows.
    private static func writing(_ word: String) -> String {
        #"[sh, -c, "echo \#(word) out; echo \#(word) err >&2; printf 'Gr\\303\\274\\303\\237e \\033[2J\\n'; touch /tmp/say; trap 'exit 0' TERM; tail -f /tmp/say & wait"]"#
    }

    /// `sh -c` that sends the streams of the program behind it to files, so that they can be read while it runs.
    private static func files(_ bed: Bed) -> [String] {
        ["sh", "-c", #"exec "$0" "$@" >"\#(bed.folder.path)/out" 2>"\#(bed.folder.path)/err""#]
    }

    private static func written(_ bed: Bed, _ name: String) -> String {
        // Not there yet is nothing.
        (try? String(contentsOfFile: bed.folder.path + "/" + name, encoding: .utf8)) ?? ""
    }

    private static func say(_ word: String, in name: String, on bed: Bed) async throws {
        let member = try #require(try await bed.members().first { $0.name.hasSuffix(name) })
        _ = try await bed.engine.exec(["sh", "-c", "echo '\(word)' >>/tmp/say"], in: member.id)
    }

    @Test("all members come together, with their streams apart and the bytes that they wrote")
    func together() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", replicas: 2, command: Self.writing("hello")))
            #expect(try await bed.once().exitCode == 0)
            let object = "Workload/\(bed.name)-web"
            bed.proxy.forget()
            let all = try await bed.program.run(bed.arguments(["logs", object]))
            #expect(all.exitCode == 0, "\(all)")
            for slot in 0...1 {
                let name = "\(bed.name)-web-\(slot)-1"
                #expect(all.output.contains("\(name) | hello out\n"), "\(all)")
                #expect(all.output.contains("\(name) | Grüße \u{1B}[2J\n"), "\(all)")
                #expect(all.errors.contains("\(name) ! hello err\n"), "\(all)")
            }
            #expect(all.output.split(separator: "\n").count == 4)
            #expect(bed.proxy.calls.allSatisfy { $0.method == "GET" }, "nothing is written")

            let one = try await bed.program.run(bed.arguments(["logs", object + "/1", "--tail", "1", "--no-prefix"]))
            #expect(one.output == "Grüße \u{1B}[2J\n" || one.errors == "hello err\n", "\(one)")
            let json = try await bed.program.run(bed.arguments(["logs", object, "--slot", "0", "-o", "json"]))
            let lines = try json.output.split(separator: "\n").map { try JSONDocument(Data($0.utf8)) }
            #expect(Set(lines.compactMap { $0["text"]?.text }) == ["hello out", "hello err", "Grüße \u{1B}[2J"])
            #expect(Set(lines.compactMap { $0["stream"]?.text }) == ["stdout", "stderr"] && json.errors.isEmpty)
            // Docker reads each stream by itself: two lines of different streams may have the times the other way round.
            for stream in ["stdout", "stderr"] {
                let times = lines.filter { $0["stream"]?.text == stream }.compactMap { $0["time"]?.text }
                #expect(times == times.sorted() && times.count == (stream == "stdout" ? 2 : 1), "\(json)")
            }
            let later = try await bed.program.run(bed.arguments(["logs", object, "--since", "2100-01-01T00:00:00Z"]))
            #expect(later.exitCode == 0 && later.output.isEmpty && later.errors.isEmpty, "\(later)")

            let none = try await bed.program.run(bed.arguments(["logs", object + "/7"]))
            #expect(none.exitCode == 1 && none.errors.contains("there is no container of \(object)/7 here"), "\(none)")
        }
    }

    @Test("with --follow members that come later join, those that go leave, and no line is lost or doubled")
    func following() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", command: Self.writing("first")))
            #expect(try await bed.once().exitCode == 0)
            var program = bed.program
            program.launcher = Self.files(bed)
            let name = "\(bed.name)-web"
            try await program.running(bed.arguments(["logs", "Workload/\(name)", "--follow"])) { process in
                func awaitLine(_ text: String) async throws {
                    try await eventually("'\(text)'", within: .seconds(40)) {
                        Self.written(bed, "out").contains(text)
                    }
                }
                try await awaitLine("\(name)-0-1 | first out")
                for number in 0..<20 { try await Self.say("word\(number);", in: "web-0-1", on: bed) }
                try await awaitLine("word19;")
                // Scaled, and replaced.
                try bed.write(bed.workload("web", replicas: 2, command: Self.writing("second")))
                #expect(try await bed.once().exitCode == 0)
                try await awaitLine("\(name)-0-2 | second out")
                try await awaitLine("\(name)-1-1 | second out")
                // The same container, started again.
                let member = try #require(try await bed.members().first { $0.name.hasSuffix("web-1-1") })
                try await bed.engine.send(.post, "/containers/\(member.id)/restart", query: [("t", "0")])
                try await eventually("the second run", within: .seconds(40)) {
                    let runs = Self.written(bed, "out").components(separatedBy: "\(name)-1-1 | second out\n").count - 1
                    return runs == 2
                }
                #expect(process.isRunning)
            }
            let output = Self.written(bed, "out")
            for number in 0..<20 {
                #expect(output.components(separatedBy: "word\(number);").count == 2, "word\(number): \(output)")
            }
            #expect(output.components(separatedBy: "first out").count == 2)
            #expect(output.components(separatedBy: "\(name)-0-2 | second out").count == 2)
            #expect(Self.written(bed, "err").contains("\(name)-0-1 ! first err"))
        }
    }

    @Test("the daemon's log is asked for by level, event and text, and followed")
    func controller() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["web": bed.workload("web")])
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let all = try await daemon.tell("logs", "--controller", "--tail", "all", "-o", "json")
                #expect(all.exitCode == 0 && all.output.contains(#""event":"daemon.started""#), "\(all)")
                let started = try await daemon.tell("logs", "--controller", "--event", "daemon.started")
                #expect(started.output.split(separator: "\n").count == 1, "\(started)")
                let none = try await daemon.tell("logs", "--controller", "--grep", "no such text anywhere")
                #expect(none.exitCode == 0 && none.output.isEmpty && none.errors == "no entries\n", "\(none)")

                var program = bed.program
                program.launcher = Self.files(bed)
                let words = ["logs", "--controller", "--follow", "--event", "command.heard"]
                try await program.running(words + ["--state-dir", bed.stateDirectory]) { process in
                    #expect(try await daemon.tell("pause", "--reason", "log test").exitCode == 0)
                    try await eventually("the command in the log", within: .seconds(30)) {
                        Self.written(bed, "out").contains("this host is paused")
                    }
                    #expect(process.isRunning)
                }
                let lines = Self.written(bed, "out").split(separator: "\n").filter {
                    $0.contains("this host is paused")
                }
                #expect(lines.count == 1, "\(lines)")
            }
        }
    }
}
