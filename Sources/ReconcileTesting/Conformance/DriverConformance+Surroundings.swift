import Reconciler
import Specs

extension DriverConformance {
    static let surroundingChecks: [ConformanceCheck] = [
        ConformanceCheck("creating the same network twice makes one, with its bridge and subnet") { bench in
            let intent = bench.networkIntent()
            for _ in 0..<2 { _ = try await bench.driver.apply(.createNetwork(intent)) }
            let network = try await bench.observe().networks[intent.name]
            try bench.expectEqual(network?.mark, intent.mark, "the mark")
            try bench.expectEqual(network?.bridge, intent.bridge, "the bridge")
            try bench.expectEqual(network?.subnets, [intent.subnet], "the subnets")
        },
        ConformanceCheck("a network of another owner keeps its name and its range") { bench in
            var theirs = bench.networkIntent()
            theirs.mark.owner = bench.otherOwner
            _ = try await bench.driver.apply(.createNetwork(theirs))
            try await bench.expectRefusal(.conflict, .nameConflict, of: .createNetwork(bench.networkIntent()))
            var overlapping = bench.networkIntent()
            overlapping.name += "-b"
            overlapping.bridge = "cf-\(bench.number)-b"
            try await bench.expectRefusal(.conflict, .conflict, of: .createNetwork(overlapping))
            guard let network = try await bench.observe().networks[theirs.name] else {
                throw ConformanceFailure(description: "a foreign network is not observed")
            }
            try bench.expectEqual(network.mark, nil, "the mark of a foreign network")
            try await bench.expectRefusal(
                .conflict, .conflict, of: .removeNetwork(name: network.name, id: network.id, owner: bench.owner))
        },
        ConformanceCheck("a network in use is not removed, and removing twice equals once") { bench in
            let started = try await bench.started()
            guard let network = try await bench.observe().networks[bench.networkName] else {
                throw ConformanceFailure(description: "the network is not observed")
            }
            let removal = Step.removeNetwork(name: network.name, id: network.id, owner: bench.owner)
            try await bench.expectRefusal(.conflict, .conflict, of: removal)
            _ = try await bench.driver.apply(.stop(ContainerReference(started), timeout: .zero))
            for _ in 0..<2 {
                let result = try await bench.driver.apply(removal)
                try bench.expectEqual(result, .network(name: network.name, nil), "the result")
            }
        },
        ConformanceCheck("creating the same volume twice keeps it") { bench in
            // Volumes are never removed by a driver, so that both runs and checks share this one.
            let name = "reconcile-conformance"
            let mark = OwnershipMark(owner: "reconcile-conformance", object: ResourceID(.workload, "conformance"))
            for _ in 0..<2 {
                let result = try await bench.driver.apply(.createVolume(name: name, mark: mark))
                try bench.expectEqual(result, .volume(ObservedVolume(name: name, mark: mark)), "the result")
            }
            let volume = try await bench.observe().volumes[name]
            try bench.expectEqual(volume, ObservedVolume(name: name), "the volume in the eyes of another owner")
        },
        ConformanceCheck("images are observed by the references that were asked for") { bench in
            let present = bench.environment.image
            let images = try await bench.observe(images: [present, bench.environment.missingImage]).images
            try bench.expectEqual(Array(images.keys), [present], "the images on the host")
            try bench.expect(images[present]?.id.hasPrefix("sha256:") == true, "the image has no id")
            let created = try await bench.created()
            try bench.expectEqual(created.imageID, images[present]?.id ?? "", "the image of a container")
        },
        ConformanceCheck("a pull of what cannot be had fails, and not with an unknown outcome") { bench in
            do throws(DriverError) {
                _ = try await bench.driver.apply(.pullImage(reference: bench.environment.missingImage))
            } catch {
                let isClear = [.transient, .terminal].contains(error.disposition)
                try bench.expect(isClear && [.pullFailed, .imageNotFound].contains(error.code), "failed as \(error)")
                return
            }
            throw ConformanceFailure(description: "the pull did not fail")
        },
        ConformanceCheck("changes of our containers are hinted at, and only of ours") { bench in
            let hints = try await bench.driver.changes(owner: bench.owner)
            _ = try await bench.started(bench.intent(slot: 1, owner: bench.otherOwner))
            let started = try await bench.started()
            _ = try await bench.driver.apply(.stop(ContainerReference(started), timeout: .zero))
            var events: Set<String> = []
            for await hint in hints {
                try bench.expectEqual(hint.containerID, started.id, "the container of the hint '\(hint.event)'")
                events.insert(hint.event)
                if events.isSuperset(of: ["create", "start", "die"]) { break }
            }
            try bench.expect(
                events.isSuperset(of: ["create", "start", "die"]), "only \(events.sorted()) were hinted at")
        },
    ]
}
