import Logging
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Never more members than the size, whoever waits and surge, whatever becomes of calls, answers and the program.
@Suite("a pool never has too many members")
struct OverCreationTests {
    @Test("whatever is lost, late or in doubt, and wherever the program ends", arguments: Seeds.corpus(12))
    func isBounded(seed: UInt64) throws {
        var world = try AdverseWorld(seed: seed)
        for _ in 0..<400 { try world.step() }
        #expect(world.mostBeyond <= 0, "\(world.mostBeyond) more than there may be")
        #expect(world.mostInAll <= AdverseWorld.maxMembers)
        #expect(world.counted == 0)
        #expect(world.creations > 20 && world.crashes > 2)
    }

    @Test("what there is too much of all the same is counted")
    func isCounted() throws {
        var rig = try LoopRig(Rig.state(size: 1) { $0.refill.surge = 0 })
        var engine = FakeEngine(images: ["agent:1"])
        engine.machine = PreflightFacts()
        try rig.answerAll(by: &engine, until: "create-container")
        // Members that somebody has put beside ours, marks and all, before the answer to our own create.
        guard case .createContainer(let intent)? = rig.steps.last else { throw AdverseWorld.Stuck() }
        for slot in 7...8 {
            var other = intent
            other.mark.member?.slot = slot
            other.name = "agents-\(slot)-1"
            _ = try engine.apply(.createContainer(other))
        }
        rig.tell(.streamOpened)
        try rig.answerAll(by: &engine, until: "start")
        #expect(rig.overCreated == 2 || rig.overCreated == 1)
    }

    @Test("one that is gone, and whose removal nobody has answered, is not taken for one that comes")
    func isNotComing() throws {
        let three = Rig.state(size: 3)
        var rig = try LoopRig(three)
        var state = ObservedState(converged: three)
        let surplus = state.add(3, of: try #require(three.objects[Rig.pool]))
        rig.observed(state)
        #expect(rig.looks == [[surplus]])
        rig.looked([surplus: state.containers[surplus]])
        #expect(rig.stepNames == ["stop"])
        state.change("agents-3-1") { $0.status = .exited }
        rig.ended(.success(.container(id: surplus, state.containers[surplus])))
        rig.looked([surplus: state.containers[surplus]])
        #expect(rig.stepNames == ["remove"])
        rig.ended(.failure(DriverError(.unknown, .timedOut, "no answer", at: "DELETE /containers/agents-3-1")))
        rig.looked([surplus: .none])
        rig.wait(.seconds(1))
        #expect(rig.stepNames.isEmpty && !rig.looks.joined().contains { $0 != surplus }, "\(rig.looks)")
    }

    @Test("a pool that git names again has the size that git says now, and not the one of before")
    func isNamedAgain() throws {
        let three = Rig.state(size: 3)
        var rig = try LoopRig(three)
        var state = ObservedState(converged: three)
        state.images["agent:2"] = ObservedImage(id: "sha256:2")
        rig.observed(state)
        rig.tell(.desired(Declared.state(revision: "2222222")))
        rig.observed(state)
        rig.tell(.desired(Rig.state(size: 1, image: "agent:2", revision: "3333333")))
        rig.observed(state)
        #expect(rig.loop.desired?.revision.id == "3333333")
        #expect(!rig.stepNames.contains("create-container"), "\(rig.stepNames)")
    }

    @Test("what was begun for whoever has gone meanwhile is not too much")
    func isNotCounted() throws {
        var rig = try LoopRig(Rig.state(size: 1) { $0.refill.surge = 0 })
        var engine = FakeEngine(images: ["agent:1"])
        engine.machine = PreflightFacts()
        try rig.answerAll(by: &engine, until: "start")
        for claimant in 1...2 as ClosedRange<Ticket> {
            rig.tell(.claim(claimant, ClaimRequest(pool: Rig.pool, holder: "h\(claimant)"), by: "test"))
        }
        rig.tell(.time)
        #expect(rig.stepNames.count { $0 == "create-container" } == 2, "one for each of them: \(rig.stepNames)")
        for claimant in 1...2 as ClosedRange<Ticket> { rig.tell(.abandoned(claimant)) }
        for step in rig.steps where step.name == "create-container" {
            let ticket = rig.take { if case .apply(_, let other) = $0 { other == step } else { false } }
            rig.tell(.stepEnded(try #require(ticket), .success(try engine.apply(step))))
        }
        #expect(rig.overCreated == 0)
    }

    @Test("one whose claim is over at this moment is not too much")
    func isNotCountedOnItsWayOut() throws {
        var rig = try LoopRig(Rig.state(size: 1) { $0.refill.surge = 0 })
        var engine = FakeEngine(images: ["agent:1"])
        engine.machine = PreflightFacts()
        try rig.answerAll(by: &engine, until: "start")
        rig.ended(.success(try engine.apply(try #require(rig.steps.first))))
        rig.tell(.claim(1, ClaimRequest(pool: Rig.pool, holder: "ada"), by: "test"))
        for _ in 0..<2 { rig.tell(.time) }
        let bind = try #require(rig.take { if case .bind = $0 { true } else { false } })
        rig.tell(.bound(bind, .success(.bound)))
        rig.wait(.milliseconds(20))
        #expect(rig.stepNames == ["create-container"], "in its place")
        let claim = try #require(rig.loop.knownClaims.first)
        let (_, effects) = try rig.loop.release(claim.id, by: "ada", now: Now(uptime: rig.uptime, wall: rig.wall))
        rig.add(effects)
        rig.ended(.success(try engine.apply(try #require(rig.steps.first))))
        #expect(rig.overCreated == 0)
    }
}

/// A pool on an engine whose answers come when the dice say, if ever, and a program that ends now and then.
struct AdverseWorld {
    struct Stuck: Error {}

    static let (size, surge, maxMembers) = (3, 2, 8)
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private var engine = FakeEngine(images: ["agent:1"])
    private let store = InMemoryStateStore()
    private var loop: ControlLoop
    private var dice: SplitMix64
    private var uptime = Duration.zero
    private var wall: Int64 = 1_700_000_000
    /// What the program will be told some time.
    private var answers: [Input] = []
    private var lastClaimant: Ticket = 0
    private var waiting: Set<Ticket> = []

    private(set) var mostBeyond = Int.min
    private(set) var mostInAll = 0
    private var countedBefore = 0
    private(set) var creations = 0
    private(set) var crashes = 0

    init(seed: UInt64) throws {
        dice = SplitMix64(seed: seed)
        loop = Self.loop(store, seed)
        try boot()
    }

    private static func loop(_ store: InMemoryStateStore, _ seed: UInt64) -> ControlLoop {
        ControlLoop(
            journal: store, host: Declared.host,
            settings: ControllerSettings(resyncInterval: .seconds(5), backoff: .init(base: .milliseconds(50))),
            logger: logger, seed: seed)
    }

    private static var state: DesiredState {
        Rig.state(size: size) { pool in
            pool.refill.surge = surge
            pool.maxMembers = maxMembers
        }
    }

    private var now: Now { Now(uptime: uptime, wall: Instant(secondsSince1970: wall)) }

    private mutating func boot() throws {
        countedBefore = counted
        loop = Self.loop(store, dice.next())
        (answers, waiting) = ([], [])
        perform(loop.take(.desired(Self.state), now: now))
        perform(try loop.start(.forever, now: now))
    }

    /// Something comes in, or time passes, or somebody wants a member, or the program ends.
    mutating func step() throws {
        switch Int.random(in: 0..<20, using: &dice) {
        case 0:
            crashes += 1
            try boot()
        case 1...2: ask()
        case 3...5:
            uptime += .milliseconds(Int.random(in: 1...2_000, using: &dice))
            tell(.time)
        default:
            guard let index = answers.indices.randomElement(using: &dice) else { return tell(.time) }
            tell(answers.remove(at: index))
        }
        measure()
    }

    private mutating func ask() {
        guard waiting.isEmpty else { return }
        lastClaimant += 1
        waiting.insert(lastClaimant)
        let request = ClaimRequest(pool: Rig.pool, holder: "h\(lastClaimant)", ttl: .seconds(3))
        tell(.claim(lastClaimant, request, by: "test"))
    }

    private mutating func tell(_ input: Input) { perform(loop.take(input, now: now)) }

    private mutating func perform(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .observe(let ticket, let interest):
                answers.append(.observed(ticket, Result { () throws(DriverError) in try engine.observe(interest) }))
            case .look(let ticket, let ids, let owner, _):
                var found: [String: ObservedContainer?] = [:]
                for id in ids { found.updateValue(engine.containers[id]?.observed(by: owner), forKey: id) }
                answers.append(.looked(ticket, .success(found), preflight: engine.preflight))
            case .apply(let ticket, let step): answers.append(.stepEnded(ticket, carryOut(step)))
            case .bind(let ticket, let binding):
                answers.append(.bound(ticket, Result { () throws(DriverError) in try engine.bind(binding) }))
            case .run(let ticket, _, _): answers.append(.ran(ticket, .success(nil)))
            case .answer(let claimant, _): waiting.remove(claimant)
            case .rewrite, .giveUp, .measure, .order: break
            }
        }
    }

    /// It happens or not, and is heard of or not.
    private mutating func carryOut(_ step: Step) -> Result<StepResult, DriverError> {
        if case .createContainer = step { creations += 1 }
        let fate = Int.random(in: 0..<6, using: &dice)
        let lost = DriverError(.unknown, .timedOut, "no answer", at: "a step")
        if fate == 0 { return .failure(lost) }
        let result = Result { () throws(DriverError) in try engine.apply(step, probeSucceeds: true) }
        return fate == 1 ? .failure(lost) : result
    }

    private mutating func measure() {
        let all = engine.containers.values.filter { $0.mark?.object == Rig.pool }
        let given = Set(loop.knownClaims.compactMap(\.container?.id))
        let unclaimed = all.count { !given.contains($0.id) }
        mostBeyond = max(mostBeyond, unclaimed - Self.size - Self.surge - 1)
        mostInAll = max(mostInAll, all.count)
    }

    /// What the program itself has counted, in all of its runs.
    var counted: Int { countedBefore + (loop.report(asOf: now).figures.pools[Rig.pool]?.overCreated ?? 0) }
}

extension LoopRig {
    var overCreated: Int {
        loop.report(asOf: Now(uptime: uptime, wall: wall)).figures.pools[Rig.pool]?.overCreated ?? 0
    }

    /// Answers everything as the engine does, until such a step is asked for; that one is not answered.
    fileprivate mutating func answerAll(by engine: inout FakeEngine, until name: String) throws {
        for _ in 0..<50 {
            if observations.isEmpty, let step = steps.first, step.name == name { return }
            if let interest = observations.first {
                observed(.success(try engine.observe(interest)))
            } else if let step = steps.first {
                ended(.success(try engine.apply(step)))
            } else {
                wait(.seconds(1))
            }
        }
        throw AdverseWorld.Stuck()
    }
}
