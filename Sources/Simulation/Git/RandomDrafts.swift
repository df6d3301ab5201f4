package import Invariants
import Reconciler
import Specs

/// Revisions made of dice: few names and few values, so that one revision often takes back what another said.
package struct RandomDrafts: Sendable {
    static let images = ["app:1", "app:2", "app:3"]
    /// Of workloads and pools that nobody claims from.
    private let names: [String]
    private let fewestNames: Int
    /// Pools that people claim from.
    let claimable: [String]
    /// Tasks that are due in the first minutes of a world.
    private let tasks: [String]
    /// Objects whose number follows what is measured.
    private let scaled: [String]
    /// Of all revisions.
    private let freeze: FreezeFacts?
    private static let fewestObjects = 5
    /// Of the objects that are this host's alone, so that there is something to break.
    private static let fewestContainers = 20

    package init(_ scale: SeedRun.Scale, _ cast: Cast, freeze: FreezeFacts? = nil) {
        self.freeze = freeze
        switch scale {
        case .small:
            names = ["a", "b", "c", "d", "e"]
            claimable = cast.claims ? ["p"] : []
            tasks = cast.tasks ? ["t"] : []
            scaled = cast.scaling ? ["s"] : []
            fewestNames = Self.fewestObjects - claimable.count - tasks.count - scaled.count
        case .large:
            (names, fewestNames) = (["a", "b", "c", "d", "e", "f", "g", "h", "i"], 6)
            claimable = cast.claims ? ["p", "q"] : []
            tasks = cast.tasks ? ["t", "u"] : []
            scaled = cast.scaling ? ["r", "s"] : []
        }
    }

    /// All kinds of objects, with at least twenty containers that are ours.
    func draft(using random: inout SplitMix64) -> Draft {
        let count = Int.random(in: fewestNames...names.count, using: &random)
        var draft = Draft(names.prefix(count).map { object($0, using: &random) })
        draft.objects += claimable.map { pool($0, using: &random) }
        draft.objects += tasks.map { task($0, using: &random) }
        draft.objects += scaled.map { scaled($0, using: &random) }
        draft.freeze = freeze
        fill(&draft, using: &random)
        return draft
    }

    /// Another revision: one to three changes, as people make them.
    func change(_ draft: Draft, using random: inout SplitMix64) -> Draft {
        var next = draft
        next.brokenObject = nil
        for _ in 0..<Int.random(in: 1...3, using: &random) { changeOnce(&next, using: &random) }
        fill(&next, using: &random)
        return next
    }

    private func changeOnce(_ draft: inout Draft, using random: inout SplitMix64) {
        let index = Int.random(in: draft.objects.indices, using: &random)
        let name = draft.objects[index].name
        let other = any(name, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: draft.objects[index].image = other.image
        case 1:
            draft.objects[index].replicas = draft.objects[index].isOfOne ? 1 : other.replicas
            draft.objects[index].scaling = other.scaling
        case 2: draft.objects[index].env = other.env
        case 3:
            draft.objects[index].cpus = other.cpus
            draft.objects[index].memory = other.memory
            draft.objects[index].isSwapUnlimited = other.isSwapUnlimited
            draft.objects[index].pids = other.pids
        case 4: draft.objects[index].hasHealthCheck.toggle()
        case 5: draft.objects[index].isRecreated.toggle()
        case 6 where draft.objects.count > fewestNames + claimable.count + tasks.count + scaled.count:
            draft.objects.remove(at: index)
        case 7:
            let free = (names + claimable + tasks + scaled).filter { name in !draft.objects.contains { $0.name == name }
            }
            if let name = free.randomElement(using: &random) {
                draft.objects.append(any(name, using: &random))
            }
        case 8: draft.slack = Int.random(in: 0...3, using: &random)
        default: draft.objects[index] = other
        }
    }

    private func any(_ name: String, using random: inout SplitMix64) -> DraftObject {
        if tasks.contains(name) { return task(name, using: &random) }
        if scaled.contains(name) { return scaled(name, using: &random) }
        return claimable.contains(name) ? pool(name, using: &random) : object(name, using: &random)
    }

    private func task(_ name: String, using random: inout SplitMix64) -> DraftObject {
        var task = DraftObject(name, replicas: 0)
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &random)] }

        // Full minutes after the world has begun.
        let first = World.wallAtStart - World.wallAtStart % 60
        let minutes = (1...3).filter { _ in Bool.random(using: &random) }
        task.due = (minutes.isEmpty ? [1] : minutes).map { Instant(secondsSince1970: first + Int64($0) * 60) }
        task.policy = pick([.allow, .forbid, .replace])
        task.retries = Int.random(in: 0...2, using: &random)
        task.successful = Int.random(in: 0...2, using: &random)
        task.failed = Int.random(in: 0...2, using: &random)
        task.activeDeadline = pick([nil, nil, 8])
        task.lasts = pick([1, 5, 20, 40])
        task.exitCodes = pick([[0], [0], [1], [1, 0], [1, 1, 0]])
        task.image = pick(Self.images)
        task.memory = pick([nil, 64])
        return task
    }

    private func scaled(_ name: String, using random: inout SplitMix64) -> DraftObject {
        var object = DraftObject(name)
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &random)] }

        object.isWarmPool = chance(25)
        object.replicas = Int.random(in: 1...6, using: &random)
        let least = Int.random(in: 1...3, using: &random)
        let pressure = ScalingFacts.Metric.pressure(above: 8, below: 4, step: pick([1, 2]))
        let bounds = least...least + Int.random(in: 1...5, using: &random)
        var scaling = ScalingFacts(
            bounds, pick([[.load], [pressure], [.load, pressure]]),
            upWindow: pick([0, 0, 6]), downWindow: pick([0, 5, 15, 30]), maxAge: pick([15, 30]),
            interval: pick([3, 5, 10]))
        // Over before the trouble is, whatever the clock shows then.
        let begin = World.wallAtStart - World.wallAtStart % 60 + 60
        let (from, to) = (Instant(secondsSince1970: begin), Instant(secondsSince1970: begin + 120))
        if chance(40) { scaling.night = .init(pick([1...1, 2...3, 5...9]), from: from, to: to) }
        object.scaling = scaling
        object.image = pick(Self.images)
        object.hasHealthCheck = chance(30)
        object.memory = pick([nil, 64])
        return object
    }

    private func pool(_ name: String, using random: inout SplitMix64) -> DraftObject {
        var pool = DraftObject(name)
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &random)] }

        pool.isWarmPool = true
        pool.pool = chance(5) ? "theirs" : "ours"
        pool.replicas = Int.random(in: 0...4, using: &random)
        pool.maxMembers = chance(40) ? pool.replicas + Int.random(in: 1...4, using: &random) : nil
        pool.isIdlePaused = chance(30)
        pool.coldStarts = chance(70)
        pool.replacesLost = chance(60)
        pool.claimTTL = Int.random(in: 5...60, using: &random)
        pool.afterClaim = pick([nil, nil, nil, "ok", "ok", "false"])
        pool.beforeRelease = pick([nil, nil, "ok", "false"])
        pool.onRestore = pick([nil, nil, "ok", "false"])
        pool.image = pick(Self.images)
        pool.env = pick([[:], ["A": "1"]])
        pool.hasHealthCheck = chance(30)
        pool.cpus = pick([nil, 500])
        pool.memory = pick([nil, 64])
        return pool
    }

    private func object(_ name: String, using random: inout SplitMix64) -> DraftObject {
        var object = DraftObject(name)
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &random)] }

        object.isWarmPool = chance(25)
        object.pool = pick(["ours", "ours", "ours", "ours", "ours", "bounded", "bounded", "theirs"])
        object.replicas = Int.random(in: 0...6, using: &random)
        object.isRecreated = !object.isWarmPool && chance(40)
        if !object.isWarmPool && chance(15) {
            object.hostPort = 8_000 + UInt16(name.utf8.first ?? 0)
            // By its name, so that revisions agree mostly.
            object.isLed = ["a", "b", "c", "d"].contains(name)
            object.isRecreated = !object.isLed
            if object.isOfOne { object.replicas = 1 }
        }
        object.image = pick(Self.images)
        object.followsTag = chance(20)
        object.env = pick([[:], [:], ["A": "1"], ["TOKEN": World.canary]])
        object.hasHealthCheck = chance(40)
        object.volume = chance(20) ? "data" : nil
        object.cpus = pick([nil, 500, 1_000])
        object.memory = pick([nil, 64, 128])
        object.isSwapUnlimited = chance(20)
        object.pids = pick([nil, nil, 100])
        object.maxUnavailable = pick([nil, nil, nil, 1, 2])
        (object.maxSurge, object.maxMissing) = pick([
            (nil, nil), (nil, nil), (nil, nil), (2, nil), (0, 1), (1, 1), (0, 2),
        ])
        object.minHealthyTime = pick([nil, nil, nil, nil, 3])
        object.dependsOn = chance(15) ? [pick(names)] : []
        return object
    }

    /// Raises one object of this host until there are enough containers.
    private func fill(_ draft: inout Draft, using random: inout SplitMix64) {
        let workloads = Set(draft.objects.filter { !$0.isWarmPool && $0.pool == "ours" }.map(\.name))
        for index in draft.objects.indices {
            let name = draft.objects[index].name
            // Fewer than the size are not valid.
            if let most = draft.objects[index].maxMembers {
                draft.objects[index].maxMembers = max(most, draft.objects[index].replicas)
            }
            // No circles, and nothing that is elsewhere or not there.
            draft.objects[index].dependsOn.removeAll { $0 >= name || !workloads.contains($0) }
        }
        let ours = draft.objects.filter { $0.pool == "ours" && $0.scaling == nil }.reduce(0) { $0 + $1.replicas }
        if ours >= Self.fewestContainers { return }
        let index = draft.objects.firstIndex {
            $0.pool == "ours" && $0.hostPort == nil && !$0.isTask && !claimable.contains($0.name) && $0.scaling == nil
        }
        if let index {
            draft.objects[index].replicas += Self.fewestContainers - ours
        } else {
            draft.objects[0].pool = "ours"
            (draft.objects[0].hostPort, draft.objects[0].isLed) = (nil, false)
            draft.objects[0].replicas += Self.fewestContainers - ours
        }
    }
}

extension DraftObject {
    /// The engine gives a port to one container.
    fileprivate var isOfOne: Bool { hostPort != nil && !isLed }
}
