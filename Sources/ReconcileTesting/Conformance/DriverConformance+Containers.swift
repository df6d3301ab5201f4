import Reconciler
import Specs

extension DriverConformance {
    static let containerChecks: [ConformanceCheck] = [
        ConformanceCheck("a created container is observed with its name, mark and status") { bench in
            let intent = bench.intent()
            let created = try await bench.created(intent)
            let state = try await bench.observe()
            try bench.expectEqual(state.containers[created.id], created, "the observed container")
            try bench.expectEqual(created.name, intent.name, "the name")
            try bench.expectEqual(created.mark, intent.mark, "the mark")
            try bench.expectEqual(created.status, .created, "the status")
            try bench.expectEqual(created.live, LiveSettings(), "what was left open")
        },
        ConformanceCheck("creating the same member twice makes one container") { bench in
            let first = try await bench.created()
            let second = try await bench.container(.createContainer(bench.intent()))
            try bench.expectEqual(second.id, first.id, "the id")
            try bench.expectEqual(try await bench.observe().containers.count, 1, "the number of containers")
        },
        ConformanceCheck("a name that another owner's container holds is a conflict, and foreign") { bench in
            let theirs = try await bench.created(bench.intent(owner: bench.otherOwner))
            try await bench.expectRefusal(.conflict, .nameConflict, of: .createContainer(bench.intent()))
            let state = try await bench.observe()
            try bench.expectEqual(state.foreignNames[theirs.name], theirs.id, "the holder of the name")
            try bench.expect(state.containers.isEmpty, "a foreign container counts as ours")
            let single = try await bench.driver.observe(container: theirs.id, owner: bench.owner)
            try bench.expect(single == nil, "a foreign container is observed as ours")
        },
        ConformanceCheck("a foreign container is neither stopped nor removed") { bench in
            let theirs = try await bench.started(bench.intent(owner: bench.otherOwner))
            var reference = ContainerReference(theirs)
            reference.owner = bench.owner
            try await bench.expectRefusal(.conflict, .conflict, of: .stop(reference, timeout: .zero))
            try await bench.expectRefusal(.conflict, .conflict, of: .remove(reference))
            let still = try await bench.driver.observe(container: theirs.id, owner: bench.otherOwner)
            try bench.expectEqual(still?.status, .running, "the status of the foreign container")
        },
        ConformanceCheck("an image that is not on the host is refused for good") { bench in
            _ = try await bench.driver.apply(.createNetwork(bench.networkIntent()))
            let intent = bench.intent(template: ContainerTemplate(image: bench.environment.missingImage))
            try await bench.expectRefusal(.terminal, .imageNotFound, of: .createContainer(intent))
        },
        ConformanceCheck("a bind mount whose path is missing is refused for good") { bench in
            _ = try await bench.driver.apply(.createNetwork(bench.networkIntent()))
            var template = bench.template
            template.mounts = [Mount(.bind(bench.environment.missingPath), target: "/data")]
            try await bench.expectRefusal(
                .terminal, .mountSourceMissing, of: .createContainer(bench.intent(template: template)))
        },
        ConformanceCheck("containers of one object are told apart by slot and incarnation") { bench in
            let old = try await bench.created(bench.intent(slot: 1, incarnation: 1))
            let new = try await bench.container(.createContainer(bench.intent(slot: 1, incarnation: 2)))
            let state = try await bench.observe()
            try bench.expectEqual(state.containers(of: bench.object).map(\.id), [old.id, new.id], "the containers")
        },
    ]

    static let lifecycleChecks: [ConformanceCheck] = [
        ConformanceCheck("starting twice equals once") { bench in
            let started = try await bench.started()
            try bench.expectEqual(started.status, .running, "the status")
            try bench.expect(!started.startedAt.isEmpty, "a running container has no start")
            let again = try await bench.container(.start(ContainerReference(started)))
            try bench.expectEqual(again.startedAt, started.startedAt, "the start")
        },
        ConformanceCheck("stopping and removing twice equals once") { bench in
            let reference = ContainerReference(try await bench.started())
            for _ in 0..<2 {
                let stopped = try await bench.container(.stop(reference, timeout: .zero))
                try bench.expectEqual(stopped.status, .exited, "the status")
            }
            for _ in 0..<2 { try await bench.expectGone(.remove(reference)) }
            try bench.expect(try await bench.observe().containers.isEmpty, "the removed container is still there")
        },
        ConformanceCheck("a running container is not removed") { bench in
            let started = try await bench.started()
            try await bench.expectRefusal(.conflict, .conflict, of: .remove(ContainerReference(started)))
            try bench.expectEqual(try await bench.observe().containers[started.id]?.status, .running, "the status")
        },
        ConformanceCheck("a container that is gone is a result of every step, not an error") { bench in
            let reference = ContainerReference(try await bench.created())
            try await bench.expectGone(.remove(reference))
            let steps: [Step] = [
                .start(reference), .stop(reference, timeout: .zero), .unpause(reference),
                .rename(reference, to: reference.name + "x"), .update(reference, LiveSettings(pids: 10)),
                .probe(reference, HealthCheck(command: ["true"])), .remove(reference),
            ]
            for step in steps { try await bench.expectGone(step) }
            let observed = try await bench.driver.observe(container: reference.id, owner: bench.owner)
            try bench.expect(observed == nil, "a container that is gone is observed")
        },
        ConformanceCheck("renaming twice equals once, and a taken name is a conflict") { bench in
            let first = try await bench.created()
            let second = try await bench.container(.createContainer(bench.intent(slot: 1)))
            let name = first.name + "-renamed"
            for _ in 0..<2 {
                let renamed = try await bench.container(.rename(ContainerReference(first), to: name))
                try bench.expectEqual(renamed.name, name, "the name")
            }
            try await bench.expectRefusal(
                .conflict, .nameConflict, of: .rename(ContainerReference(second), to: name))
        },
        ConformanceCheck("unpausing a container that is not paused changes nothing") { bench in
            var started = try await bench.started()
            var unpaused = try await bench.container(.unpause(ContainerReference(started)))
            // What it uses is another amount at every look.
            (started.kernel, unpaused.kernel) = (nil, nil)
            try bench.expectEqual(unpaused, started, "the container")
        },
        ConformanceCheck("a container without its network does not start, and the plan is made anew") { bench in
            let created = try await bench.created()
            guard let network = try await bench.observe().networks[bench.networkName] else {
                throw ConformanceFailure(description: "the network is not observed")
            }
            _ = try await bench.driver.apply(
                .removeNetwork(name: network.name, id: network.id, owner: bench.owner))
            try await bench.expectRefusal(.conflict, .notFound, of: .start(ContainerReference(created)))
        },
        ConformanceCheck("a port that is taken refuses the start, not the create") { bench in
            let port = PublishedPort(hostPort: bench.environment.hostPort, container: ContainerPort(80))
            let first = try await bench.started(bench.intent(publish: [port]))
            let second = try await bench.container(.createContainer(bench.intent(slot: 1, publish: [port])))
            try await bench.expectRefusal(.transient, .portTaken, of: .start(ContainerReference(second)))
            _ = try await bench.driver.apply(.stop(ContainerReference(first), timeout: .zero))
            let started = try await bench.container(.start(ContainerReference(second)))
            try bench.expectEqual(started.status, .running, "the status once the port is free")
        },
    ]
}
