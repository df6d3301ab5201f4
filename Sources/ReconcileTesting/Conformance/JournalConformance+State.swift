import Reconciler
import Specs

private typealias Bench = JournalBench

extension JournalConformance {
    static let revisionChecks = [
        JournalCheck("a new journal is empty") { bench in
            try bench.expect(\.self, StoredState(), "the state")
            try bench.expectEqual(try bench.journal.events(limit: 10), [], "the events")
            try bench.expectEqual(try bench.journal.history(limit: 10), [], "the history")
        },
        JournalCheck("an accepted revision keeps its files as they came") { bench in
            let revision = AcceptedRevision(
                revision: Bench.revision("one"),
                files: [
                    SpecFile(path: "z.yaml", bytes: [0, 255, 10]), SpecFile(path: "a/b.yaml", bytes: []),
                    SpecFile(path: "specs/p.json", bytes: [1], folder: "specs/"),
                    SpecFile(path: "odd.json", bytes: [2], isSpec: true), SpecFile(path: "z.yaml", bytes: [3]),
                ])
            try bench.commit(.accept(revision))
            try bench.expect(\.accepted, revision, "the accepted revision")
        },
        JournalCheck("a revision replaces the one before it, and the same one with other files as well") { bench in
            for revision in [Bench.accepted("one", "a"), Bench.accepted("two", "b"), Bench.accepted("two", "c", "d")] {
                try bench.commit(.accept(revision))
                try bench.expect(\.accepted, revision, "the accepted revision")
            }
            try bench.expect(\.earlierRevisions, [Bench.accepted("one", "a")], "the revision before")
        },
        JournalCheck("a pinned revision keeps its files until nothing pins it") { bench in
            let one = Bench.accepted("one", "a")
            try bench.commit(.accept(one))
            try bench.commit(.pin(Bench.pin(Bench.web, to: "one")), .pin(Bench.pin(Bench.agents, to: "one")))
            try bench.expect(\.earlierRevisions, [one], "what pins need while it is in force")
            let (two, three) = (Bench.accepted("two", "b"), Bench.accepted("three", "c"))
            try bench.commit(.accept(two))
            try bench.commit(.accept(three))
            try bench.commit(.unpin(Bench.web))
            try bench.expect(\.earlierRevisions, [one, two], "what the last pin needs, and the revision before")
            try bench.commit(.unpin(Bench.agents))
            try bench.expect(\.earlierRevisions, [two], "the revision before")
            try bench.commit(.pin(Bench.pin(Bench.web, to: "one")))
            try bench.expect(\.earlierRevisions, [two], "what was not dropped")
        },
        JournalCheck("one group may accept a revision and pin to the one before, in any order") { bench in
            let (one, two) = (Bench.accepted("one", "a"), Bench.accepted("two", "b"))
            try bench.commit(
                .accept(one), .accept(two), .accept(Bench.accepted("three", "c")),
                .pin(Bench.pin(Bench.web, to: "two")), .pin(Bench.pin(Bench.agents, to: "one")))
            try bench.expect(\.earlierRevisions, [one, two], "what pins need")
            try bench.expect(\.accepted?.revision.id, "three", "the accepted revision")
        },
    ]

    static let intentChecks = [
        JournalCheck("an intent is open until it ends, and its number is never forgotten") { bench in
            try bench.commit(.begin(Bench.intent(3)), .begin(Bench.intent(7, of: .member(MemberID(Bench.web, 2)))))
            try bench.expect(
                \.openIntents, [Bench.intent(3), Bench.intent(7, of: .member(MemberID(Bench.web, 2)))], "what is open")
            try bench.commit(.end(intent: 7, .retry("later")), .end(intent: 3, .done))
            try bench.expect(\.openIntents, [], "what is open")
            try bench.expect(\.lastIntent, 7, "the last number")
        },
        JournalCheck("an intent may begin and end in one group") { bench in
            try bench.commit(.begin(Bench.intent(1)), .end(intent: 1, .unknown("lost")), .begin(Bench.intent(2)))
            try bench.expect(\.openIntents, [Bench.intent(2)], "what is open")
        },
        JournalCheck("the number of an intent is never used again") { bench in
            try bench.commit(.begin(Bench.intent(5)), .end(intent: 5, .done))
            try bench.expectConflict(.begin(Bench.intent(5)))
            try bench.expectConflict(.begin(Bench.intent(4)))
            try bench.expectConflict(.begin(Bench.intent(0)))
            try bench.expectConflict(.begin(Bench.intent(6)), .begin(Bench.intent(6)))
        },
        JournalCheck("to end what is not open changes nothing") { bench in
            try bench.commit(.begin(Bench.intent(1)), .end(intent: 1, .done))
            let state = try bench.journal.load()
            try bench.commit(.end(intent: 1, .stalled("no")), .end(intent: 99, .done))
            try bench.expect(\.self, state, "the state")
        },
        JournalCheck("an open intent stays however many have ended since") { bench in
            try bench.commit(.begin(Bench.intent(1)))
            for id in 2...Int64(300) { try bench.commit(.begin(Bench.intent(id)), .end(intent: id, .done)) }
            try bench.expect(\.openIntents, [Bench.intent(1)], "what is open")
            try bench.expect(\.lastIntent, 300, "the last number")
        },
        JournalCheck("what was seen raises the incarnation of its slot, nothing lowers it, and no intent does") {
            bench in
            let member = MemberID(Bench.web, 1)
            try bench.commit(.seen(MemberInstance(member, 4)))
            try bench.commit(
                .seen(MemberInstance(member, 2)), .begin(Bench.intent(1, of: .member(member), incarnation: 9)))
            try bench.expect(\.incarnations, [member: 4], "the incarnations")
        },
    ]

    static let memberChecks = [
        JournalCheck("phases change by the table and by nothing else") { bench in
            let phases: [MemberPhase] = [.ready, .claimed, .retiring]
            var incarnation = 0
            for (current, from, to) in phases.flatMap({ a in phases.flatMap { b in phases.map { (a, b, $0) } } }) {
                incarnation += 1
                let instance = Bench.instance(incarnation)
                if current != .ready { try bench.commit(.transition(instance, from: .ready, to: current)) }
                let change = StateChange.transition(instance, from: from, to: to)
                guard current == from && from.mayBecome(to) else {
                    try bench.expectConflict(.event(Bench.event(1)), change)
                    continue
                }
                try bench.commit(change)
                try bench.expect({ $0.phases[instance] }, to, "the phase of \(instance)")
            }
        },
        JournalCheck("a group sees what its earlier changes did to a phase") { bench in
            let instance = Bench.instance()
            try bench.expectConflict(
                .transition(instance, from: .ready, to: .claimed), .transition(instance, from: .ready, to: .retiring))
            try bench.commit(
                .transition(instance, from: .ready, to: .claimed), .transition(instance, from: .claimed, to: .retiring))
            try bench.expectConflict(.forget(instance), .transition(instance, from: .retiring, to: .claimed))
            try bench.commit(.forget(instance), .transition(instance, from: .ready, to: .claimed))
            try bench.expect(\.phases, [instance: .claimed], "the phases")
        },
        JournalCheck("what is forgotten is ready, and other incarnations keep their phases") { bench in
            for incarnation in 1...2 {
                try bench.commit(.transition(Bench.instance(incarnation), from: .ready, to: .retiring))
            }
            try bench.commit(.forget(Bench.instance(1)), .forget(Bench.instance(7)))
            try bench.expect(\.phases, [Bench.instance(2): .retiring], "the phases")
        },
        JournalCheck("probes are remembered by container until they are forgotten") { bench in
            try bench.commit(.probed(container: "a", startedAt: "1"), .probed(container: "b", startedAt: "2"))
            try bench.commit(.probed(container: "a", startedAt: "3"), .forgetProbes(["b", "never seen"]))
            try bench.expect(\.probedStarts, ["a": "3"], "the probed starts")
        },
    ]
}
