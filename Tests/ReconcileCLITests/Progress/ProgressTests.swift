import Drivers
import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

@testable import ReconcileCLI

/// What `--once` says of how far it is.
struct ProgressTests {
    private static func convergence(_ sights: [(seconds: Double, settled: Int, left: Int)]) -> Convergence {
        var convergence = Convergence()
        for sight in sights {
            convergence.note(.init(settled: sight.settled, left: sight.left), at: .seconds(sight.seconds))
        }
        return convergence
    }

    private static func line(_ convergence: Convergence, width: Int = 200) -> String {
        ProgressText.line(convergence, pulls: [], width: width)
    }

    @Test("before anything was seen it says what it does, and no number")
    func unknown() {
        #expect(Self.line(Convergence()) == "looking at the host")
        #expect(Convergence().percent == nil && Convergence().timeLeft == nil)
    }

    @Test("percent are of all members, and 100 is only what is done")
    func percent() {
        #expect(Self.convergence([(0, 0, 12)]).percent == 0)
        #expect(Self.convergence([(0, 0, 12), (1, 7, 5)]).percent == 58)
        #expect(Self.convergence([(0, 999, 1)]).percent == 99)
        #expect(Self.convergence([(0, 5, 0)]).percent == 100)
        #expect(Self.convergence([(0, 0, 0)]).percent == 100)
    }

    @Test("a daemon that is asked for its plan tells as much as the plan itself, and what follows later is left to do")
    func sights() throws {
        let base = Declared.state(warmPools: [Declared.warmPool("p", size: 4)])
        let desired = Declared.state(
            warmPools: [Declared.warmPool("p", size: 4, ContainerTemplate(image: "agent:2"))], revision: "2222222")
        let now = Instant(secondsSince1970: 0)
        let observed = ObservedState(applied: base, isForEveryPool: false, at: now)
        let plan = Preview(PreviewInput(desired, since: base, on: observed, at: now)).plan
        #expect(plan.outdated > 0)
        let sight = Convergence.Sight(plan)
        #expect(sight == Convergence.Sight(PlanDocument(plan, revision: desired.revision)))
        #expect(sight.left >= 4 && sight.settled == 0, "\(sight)")
    }

    @Test("the time left is what the rest takes at the pace so far, and nothing where there is no pace yet")
    func timeLeft() {
        #expect(Self.convergence([(0, 0, 12)]).timeLeft == nil)
        #expect(Self.convergence([(0, 0, 12), (1, 6, 6)]).timeLeft == nil, "too soon")
        #expect(Self.convergence([(0, 0, 12), (9, 2, 10)]).timeLeft == nil, "too few")
        #expect(Self.convergence([(0, 0, 12), (8, 4, 8)]).timeLeft == .seconds(16))
        #expect(Self.convergence([(0, 0, 12), (8, 12, 0)]).timeLeft == nil, "nothing is left")
        // What comes to light later begins the estimate anew.
        #expect(Self.convergence([(0, 0, 4), (4, 4, 0), (5, 4, 20)]).timeLeft == nil)
        #expect(Self.convergence([(0, 0, 4), (4, 4, 0), (5, 4, 20), (15, 14, 10)]).timeLeft == .seconds(10))
    }

    @Test(
        "the line says how far it is, how long it may take, and what is pulled",
        arguments: [
            (2.0, "6 of 12 done, 50 %, about 5 s left"), (31, "6 of 12 done, 50 %, about 35 s left"),
            (130, "6 of 12 done, 50 %, about 3 min left"), (8_000, "6 of 12 done, 50 %, about 3 h left"),
        ])
    func texts(seconds: Double, text: String) {
        #expect(Self.line(Self.convergence([(0, 0, 12), (seconds, 6, 6)])) == text)
    }

    @Test("pulls are told with the bytes of the layers whose size is known")
    func pulls() throws {
        var meter = PullMeter()
        let some = Self.convergence([(0, 0, 1)])
        #expect(
            ProgressText.line(some, pulls: [("web:2", meter)], width: 200) == "0 of 1 done, 0 %; pulling web:2")
        for line in [
            #"{"status": "Downloading", "id": "a", "progressDetail": {"current": 31000000, "total": 54000000}}"#,
            #"{"status": "Waiting", "id": "b"}"#,
        ] {
            meter.add(try JSONDecoder().decode(PullProgress.self, from: Data(line.utf8)))
        }
        #expect(
            ProgressText.line(some, pulls: [("web:2", meter), ("x", PullMeter())], width: 200)
                == "0 of 1 done, 0 %; pulling web:2 and 1 more, 31 of 54 MB known")
    }

    @Test("the line fits the terminal, and no name of an image steers it")
    func fits() {
        let some = Self.convergence([(0, 0, 1)])
        #expect(ProgressText.line(some, pulls: [("\u{1B}[2J\n", PullMeter())], width: 200).hasSuffix("\u{FFFD}[2J "))
        for width in 0...40 { #expect(Self.line(some, width: width).count <= max(0, width - 1)) }
    }

    @Test("what is written meanwhile stands above the line, which is drawn again and leaves nothing behind")
    func drawing() {
        let written = Mutex("")
        let line = StatusLine { data in written.withLock { $0 += String(decoding: data, as: UTF8.self) } }
        line.write(Data("log 1\n".utf8))
        line.show("50 %")
        line.show("50 %")
        line.write(Data("log 2\n".utf8))
        line.show("")
        line.write(Data("log 3\n".utf8))
        #expect(
            written.withLock { $0 }
                == "log 1\n\r\u{1B}[K50 %\r\u{1B}[Klog 2\n50 %\r\u{1B}[Klog 3\n")
    }

    @Test(
        "there is a line only on a terminal that can draw it again",
        arguments: [
            ("xterm", true, true), ("xterm", false, false), ("dumb", true, false), ("", true, false),
        ])
    func terminals(kind: String, isTerminal: Bool, isPossible: Bool) {
        #expect(
            StatusLine.isPossible(environment: { $0 == "TERM" ? kind : nil }, isTerminal: isTerminal) == isPossible)
    }
}
