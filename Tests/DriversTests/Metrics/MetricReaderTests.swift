import Glibc
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// What autoscalers go by, as it is read and as it is refused.
struct MetricReaderTests {
    // MARK: Answers

    struct Number: Sendable {
        var text: String
        var pointer: String?
        /// nil is none.
        var value: Double?
    }

    @Test(
        "a number is the whole answer, or what a pointer leads to",
        arguments: [
            Number(text: "42\n", value: 42), Number(text: " -1.5e3 ", value: -1500), Number(text: "many", value: nil),
            Number(text: #"{"queue": {"length": 7}}"#, pointer: "/queue/length", value: 7),
            Number(text: #"{"lengths": ["3", 4]}"#, pointer: "/lengths/0", value: 3),
            Number(text: #"{"a/b": {"c~d": 5}}"#, pointer: "/a~1b/c~0d", value: 5),
            Number(text: "[1, 2]", pointer: "/2", value: nil), Number(text: "{}", pointer: "/x", value: nil),
            Number(text: #"{"x": "much"}"#, pointer: "/x", value: nil), Number(text: "8", pointer: "", value: 8),
        ])
    func jsonNumber(_ number: Number) {
        let found = try? JSONNumber.find(number.pointer, in: Array(number.text.utf8))
        #expect(found == number.value)
    }

    @Test("Prometheus' answers are one number with its time, and everything else says why it is none")
    func prometheus() throws {
        func number(_ result: String, type: String = "vector") throws -> (Double, Instant) {
            try PrometheusServers.number(
                in: Array(
                    #"{"status":"success","data":{"resultType":"\#(type)","result":\#(result)}}"#.utf8))
        }
        let vector = try number(#"[{"metric":{"job":"web"},"value":[1700000000.781,"12.5"]}]"#)
        #expect(vector.0 == 12.5 && vector.1 == Instant(secondsSince1970: 1_700_000_000))
        #expect(try number(#"[1700000000,"3"]"#, type: "scalar").0 == 3)
        #expect(try number(#"[1700000000,"NaN"]"#, type: "scalar").0.isNaN, "what is no number is refused later")
        for (result, type, words) in [
            ("[]", "vector", "gives no number"), ("[]", "matrix", "gives a matrix"),
            (#"[{"value":[1,"1"]},{"value":[1,"2"]}]"#, "vector", "gives 2 numbers"),
        ] {
            let failure = #expect(throws: MetricFailure.self) { try number(result, type: type) }
            #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
        }
        let refused = #expect(throws: MetricFailure.self) {
            try PrometheusServers.number(in: Array(#"{"status":"error","error":"parse error"}"#.utf8))
        }
        #expect(refused?.message == "parse error")
    }

    // MARK: This host

    @Test("CPU of the host is what was busy between two looks, and memory what programs cannot have")
    func host() throws {
        let first = try #require(ProcessorTimes("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3\n"))
        let second = try #require(ProcessorTimes("cpu  160 0 110 720 110 0 0 0 60 0\n"))
        #expect(second.busy(since: first) == 70)
        #expect(first.busy(since: first) == nil)
        #expect(ProcessorTimes("intr 5") == nil)
        let memory = try #require(HostUsage.memory("MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    250 kB\n"))
        #expect(memory.used == 768_000 && memory.total == 1_024_000)
        #expect(HostUsage.memory("MemTotal: 0 kB\n") == nil)
    }

    @Test("all who ask within a second hear the same, and never a share of next to nothing")
    func manyAskers() throws {
        let looks = try [(0, 0), (1, 0), (50, 150), (51, 150), (51, 151), (150, 151)].map { busy, idle in
            try #require(ProcessorTimes("cpu  \(busy) 0 0 \(idle) 0 0 0 0 0 0\n"))
        }
        var meter = ProcessorMeter()
        #expect(meter.share(looks[0], at: .zero) == nil)
        #expect(meter.share(looks[1], at: .milliseconds(10)) == nil)
        #expect(meter.share(looks[2], at: .seconds(2)) == 25)
        // A tick later all of one tick was busy, and a moment later none was.
        #expect(meter.share(looks[3], at: .milliseconds(2_010)) == 25)
        #expect(meter.share(looks[4], at: .milliseconds(2_020)) == 25)
        #expect(meter.share(looks[5], at: .seconds(3)) == 10_000.0 / 101)
    }

    @Test("the rate of a container is of a second at least, and the same for all who ask within it")
    func containerRate() {
        var meter = CPUMeter()
        #expect(meter.rate(nanoseconds: 0, at: .zero) == nil)
        #expect(meter.rate(nanoseconds: 10_000_000, at: .milliseconds(10)) == nil)
        let half = MemberUsage.Rate(nanoCPUs: 500_000_000, seconds: 3)
        #expect(meter.rate(nanoseconds: 1_000_000_000, at: .seconds(2)) == half)
        #expect(meter.rate(nanoseconds: 1_000_000_000, at: .milliseconds(2_001)) == half)
        #expect(meter.rate(nanoseconds: 5, at: .seconds(3)) == nil, "the count began anew")
    }

    @Test("the host itself answers with shares")
    func realHost() async throws {
        let reader = MetricReader(kernel: nil, disk: { 40 })
        let questions: [MetricQuestion] = [.host(.cpu), .host(.memory), .host(.disk)]
        #expect(
            await eventually {
                if case .whole = await reader.measure([.host(.cpu)])[0] { true } else { false }
            })
        for reading in await reader.measure(questions) {
            guard case .whole(let share, _) = reading else {
                Issue.record("\(reading)")
                continue
            }
            #expect((0...100).contains(share))
        }
    }

    // MARK: Hooks

    private func hook(_ script: String, _ body: (MetricReader) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try folder.write("#!/bin/sh\n\(script)\n", to: "hook")
        #expect(chmod(folder.path + "/hook", 0o755) == 0)
        try await body(MetricReader(kernel: nil, hooks: ["hook": folder.path + "/hook"]))
    }

    private func queue(_ name: String, timeout: Duration = .seconds(5)) -> MetricQuestion {
        var source = Autoscaler.QueueSource()
        (source.name, source.hook, source.timeout) = (name, "hook", timeout)
        return .queue(source)
    }

    @Test("a program answers for the queue that it is asked about")
    func program() async throws {
        try await hook("[ \"$1\" = orders ] && echo 17") { reader in
            let readings = await reader.measure([queue("orders"), queue("others")])
            guard case .whole(17, _) = readings[0], case .failed(let message) = readings[1] else {
                Issue.record("\(readings)")
                return
            }
            #expect(message.hasPrefix("hook 'hook': it ended with"), "\(message)")
        }
    }

    @Test("a program that does not answer is ended at its time")
    func slowProgram() async throws {
        try await hook("exec sleep 60") { reader in
            let begun = ContinuousClock.now
            let readings = await reader.measure([queue("orders", timeout: .milliseconds(300))])
            #expect(readings == [.failed("hook 'hook': it did not answer within 300ms")])
            #expect(begun.duration(to: .now) < .seconds(20))
        }
    }

    @Test("whatever a program has started ends with it")
    func sleepers() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        // A shell that waits for another program, and would leave it behind.
        try await hook("sleep 600 & echo $! > \(folder.path)/pid; wait; echo 1") { reader in
            let asking = Task { await reader.measure([queue("orders", timeout: .seconds(60))]) }
            let file = folder.path + "/pid"
            func sleeper() -> Int32? { (try? KernelFile.read(file)).flatMap { Int32(CgroupText.trimmed($0)) } }
            #expect(await eventually { sleeper() != nil })
            let pid = try #require(sleeper())
            func isThere() -> Bool {
                (try? KernelFile.read("/proc/\(pid)/cmdline"))?.hasPrefix("sleep") ?? false
            }
            #expect(await eventually { isThere() })
            asking.cancel()
            _ = await asking.value
            #expect(await eventually { !isThere() })
        }
    }

    @Test("a path with a '=' is a path, and the name of a queue never a program")
    func pathWithEquals() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try folder.write("#!/bin/sh\necho 5\n", to: "a=b")
        #expect(chmod(folder.path + "/a=b", 0o755) == 0)
        let reader = MetricReader(kernel: nil, hooks: ["hook": folder.path + "/a=b"])
        let readings = await reader.measure([queue("touch")])
        guard case .whole(5, _)? = readings.first else {
            Issue.record("\(readings)")
            return
        }
    }

    @Test("what the configuration does not name can never be measured")
    func unknownNames() async {
        let reader = MetricReader(kernel: nil)
        let readings = await reader.measure([
            queue("orders"), .prometheus(MetricQuery(server: "main", query: "up"), maxAge: .seconds(60)),
            .members(.cpu, containers: ["a"]),
        ])
        #expect(
            readings == [
                .unsupported("'hooks.hook' is not in this host's configuration"),
                .unsupported("'prometheus.main' is not in this host's configuration"),
                .unsupported("the engine is on another machine"),
            ])
    }

    @Test("a provider hears the number of hosts on its standard input")
    func order() async throws {
        try await hook("grep -q '\"desired\":4' || { echo 'no quota' >&2; exit 1; }") { reader in
            let bounds = ScalingBounds(min: 1, max: 9)
            let order = HostPoolOrder(hostPool: "edge", desired: 4, current: 2, bounds: bounds, reason: "busy")
            #expect(await reader.order(order, from: "hook") == nil)
            var other = order
            other.desired = 5
            let problem = await reader.order(other, from: "hook")
            #expect(problem?.contains("no quota") == true, "\(problem ?? "")")
        }
    }
}
