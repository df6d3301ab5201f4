import Dispatch
import Reconciler
import Specs
import Synchronization

private typealias Bench = JournalBench

extension JournalConformance {
    static let recordChecks = [
        JournalCheck("the newest events are kept, oldest first") { bench in
            for number in 0..<300 { try bench.commit(.event(Bench.event(number))) }
            let newest = (280..<300).map(Bench.event)
            try bench.expectEqual(try bench.journal.events(limit: .max), newest, "all events")
            try bench.expectEqual(try bench.journal.events(limit: 3), Array(newest.suffix(3)), "the last three events")
            try bench.expectEqual(try bench.journal.events(limit: 0), [], "no events")
            try bench.expectEqual(try bench.journal.events(limit: -1), [], "fewer than no events")
        },
        JournalCheck("the history has one record of each revision, the newest last") { bench in
            let commit = CommitFacts(author: "Ada <ada@example.org>", time: Bench.now, subject: "Grow")
            try bench.commit(
                .history(Bench.record("one", .accepted, commit: commit)), .history(Bench.record("two", .held)))
            try bench.commit(.history(Bench.record("one", .applied)))
            try bench.expectEqual(
                try bench.journal.history(limit: .max),
                [Bench.record("two", .held), Bench.record("one", .applied, commit: commit)], "the history")
            try bench.expectEqual(try bench.journal.history(limit: 1).map(\.revision.id), ["one"], "the last record")
            try bench.expectEqual(try bench.journal.history(limit: -1), [], "no history")
        },
        JournalCheck("the history is bounded, and the same commit by another branch is another revision") { bench in
            for number in 0..<9 { try bench.commit(.history(Bench.record("r\(number)", .rejected))) }
            var other = Bench.record("r8", .accepted)
            other.revision.reference = "stable"
            try bench.commit(.history(other))
            try bench.expectEqual(
                try bench.journal.history(limit: .max).map { "\($0.revision.id) \($0.revision.reference)" },
                ["r5 main", "r6 main", "r7 main", "r8 main", "r8 stable"], "the history")
        },
        JournalCheck("an object has one pin, with or without a revision") { bench in
            try bench.commit(.pin(Bench.pin(Bench.web, to: "one")), .pin(Bench.pin(Bench.agents, to: nil)))
            var requested = Bench.pin(Bench.web, to: nil)
            requested.cause = .requested
            try bench.commit(.pin(requested))
            try bench.expect(\.pins, [Bench.pin(Bench.agents, to: nil), requested], "the pins")
            try bench.commit(.unpin(Bench.agents), .unpin(ResourceID(.workload, "never seen")))
            try bench.expect(\.pins, [requested], "the pins")
        },
        JournalCheck("the host and its objects are paused and resumed apart") { bench in
            let pauses = [nil, Bench.agents, Bench.web].map {
                Pause(object: $0, reason: "upgrade", by: "ada", since: Bench.now)
            }
            for pause in pauses.reversed() { try bench.commit(.pause(pause)) }
            try bench.expect(\.pauses, pauses, "the pauses")
            try bench.commit(.resume(nil), .resume(nil))
            try bench.expect(\.pauses, Array(pauses.dropFirst()), "the pauses of objects")
            var again = pauses[1]
            again.by = "grace"
            try bench.commit(.pause(again), .resume(Bench.web))
            try bench.expect(\.pauses, [again], "the pauses")
        },
        JournalCheck("windows are overridden for the host and for objects apart") { bench in
            let overrides = [nil, Bench.agents].map {
                WindowOverride(
                    object: $0, reason: "an outage", by: "ada", since: Bench.now,
                    until: Bench.now.advanced(bySeconds: 7_200))
            }
            for override in overrides.reversed() { try bench.commit(.override(override)) }
            try bench.expect(\.overrides, overrides, "the overrides")
            var longer = overrides[1]
            longer.until = longer.until.advanced(bySeconds: 60)
            try bench.commit(.override(longer), .endOverride(nil), .endOverride(Bench.web))
            try bench.expect(\.overrides, [longer], "the overrides")
        },
        JournalCheck("the host and its pools are drained apart, and each keeps its stage") { bench in
            var drains = [nil, "agents"].map {
                Drain(
                    pool: $0, reason: "a new kernel", by: "ada", since: Bench.now,
                    deadline: $0 == nil ? nil : Bench.now.advanced(bySeconds: 60), force: $0 != nil)
            }
            for drain in drains.reversed() { try bench.commit(.drain(drain)) }
            try bench.expect(\.drains, drains, "the drains")
            (drains[1].stage, drains[1].isOverdue) = (.forced, true)
            try bench.commit(.drain(drains[1]), .endDrain(pool: nil), .endDrain(pool: "web"))
            try bench.expect(\.drains, [drains[1]], "the drains")
        },
        JournalCheck("what an autoscaler remembers is replaced, and forgotten") { bench in
            var state = ScalingState(
                size: 4, recommendations: [.init(4, at: Bench.now)], upEvents: [.init(2, at: Bench.now)],
                lastUp: Bench.now)
            try bench.commit(.scaled(Bench.web, state), .scaled(Bench.agents, ScalingState(size: 1)))
            state.size = 5
            try bench.commit(.scaled(Bench.web, state), .forgetScaling(Bench.agents))
            try bench.expect(\.scaling, [Bench.web: state], "what autoscalers remember")
        },
        JournalCheck("what is remembered of tasks is replaced, and forgotten") { bench in
            let task = ResourceID(.scheduledTask, "report")
            var memory = TaskMemory(schedule: "0 7 * * *", decided: Bench.now)
            try bench.commit(.task(task, memory), .task(Bench.agents, memory))
            memory.open = [TaskMemory.OpenRun(Bench.now)]
            memory.open[0].ending = .deadlineExceeded
            memory.ended = [
                TaskResult(scheduled: Bench.now, attempts: 2, outcome: .failed(.exitCode(3)), ended: Bench.now)
            ]
            (memory.lastResult, memory.lastScheduled) = (memory.ended[0], Bench.now)
            try bench.commit(.task(task, memory), .forgetTask(Bench.agents))
            try bench.expect(\.tasks, [task: memory], "what is remembered of tasks")
        },
        JournalCheck("what is remembered of rollouts is replaced, forgotten, and keeps files of revisions") { bench in
            func state(_ phase: RolloutState.Phase, lastGood: String?) -> RolloutState {
                var state = RolloutState(
                    generation: "m1:ab", revision: Bench.accepted("two", "b").revision, at: Bench.now)
                state.phase = phase
                state.lastGood = lastGood.map { Bench.accepted($0, "").revision }
                state.restart = RestartMark(incarnations: [1, 0], by: "ada", at: Bench.now)
                return state
            }
            try bench.commit(.accept(Bench.accepted("one", "a")))
            try bench.commit(
                .accept(Bench.accepted("two", "b")), .rollout(Bench.web, state(.progressing, lastGood: "one")))
            for id in ["three", "four"] { try bench.commit(.accept(Bench.accepted(id, "c"))) }
            try bench.expect(
                { $0.earlierRevisions.map(\.revision.id) }, ["one", "three"], "the revisions of an open rollout")
            try bench.commit(.rollout(Bench.web, state(.complete, lastGood: "one")))
            try bench.expect({ $0.earlierRevisions.map(\.revision.id) }, ["one", "three"], "those of a complete one")
            try bench.expect(\.rollouts, [Bench.web: state(.complete, lastGood: "one")], "the rollouts")
            try bench.commit(.forgetRollout(Bench.web), .forgetRollout(Bench.agents))
            try bench.expect({ $0.earlierRevisions.map(\.revision.id) }, ["three"], "those of none")
            try bench.expect({ $0.rollouts.count }, 0, "the rollouts")
        },
        JournalCheck("approvals are for a revision and a set; the newest are kept") { bench in
            func approval(_ revision: String, _ removals: [String], by: String = "ada") -> StateChange {
                .approve(Approval(revision: revision, removals: removals, by: by, at: Bench.now))
            }
            try bench.commit(approval("one", ["b", "a"]), approval("one", []), approval("two", ["a, \"b\"", "ü"]))
            try bench.commit(approval("one", ["a", "b"], by: "grace"))
            try bench.expect(
                { $0.approvals.map { "\($0.revision) \($0.removals) \($0.by)" } },
                ["one [] ada", "two [\"a, \\\"b\\\"\", \"ü\"] ada", "one [\"a\", \"b\"] grace"], "the approvals")
            try bench.commit(approval("three", []), approval("four", []))
            try bench.expect({ $0.approvals.map(\.revision) }, ["one", "three", "four"], "the bounded approvals")
        },
    ]

    static let groupChecks = [
        JournalCheck("an empty group changes nothing") { bench in
            try bench.commit()
            try bench.expect(\.self, StoredState(), "the state")
        },
        JournalCheck("a group is refused whole, whatever stands before the change that does not fit") { bench in
            try bench.commit(.accept(Bench.accepted("one", "a")), .pin(Bench.pin(Bench.web, to: "one")))
            try bench.expectConflict(
                .accept(Bench.accepted("two", "b")), .begin(Bench.intent(1, of: .member(MemberID(Bench.web, 0)))),
                .probed(container: "c", startedAt: "1"), .event(Bench.event(1)),
                .history(Bench.record("two", .accepted)), .unpin(Bench.web), .pin(Bench.pin(Bench.agents, to: "two")),
                .pause(Pause(object: nil, reason: "", by: "", since: Bench.now)),
                .approve(Approval(revision: "two", removals: [], by: "", at: Bench.now)),
                .transition(Bench.instance(1), from: .ready, to: .claimed),
                .transition(Bench.instance(2), from: .claimed, to: .retiring))
        },
        JournalCheck("of many who want the same member exactly one gets it") { bench in
            let journal = bench.journal
            let won = Mutex(0)
            DispatchQueue.concurrentPerform(iterations: 8) { _ in
                // Losing is what most of them must do.
                guard (try? journal.commit([.transition(Bench.instance(), from: .ready, to: .claimed)])) != nil else {
                    return
                }
                won.withLock { $0 += 1 }
            }
            try bench.expectEqual(won.withLock { $0 }, 1, "how many got the member")
        },
    ]
}
