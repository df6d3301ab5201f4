/// How bad a world is. Chances are in thousandths.
package struct Trouble: Hashable, Sendable {
    /// Of each tick: somebody with root does something to a container of ours.
    package var handEdit = 120
    /// Of each tick: git shows another revision.
    package var revision = 20
    /// Of each tick: a fault that lasts begins.
    package var fault = 40
    /// Of each tick: the program ends at one of its next points.
    package var crash = 25
    /// Of each tick: the wall clock jumps.
    package var clockJump = 5
    /// Of each tick: something foreign stands in our way.
    package var obstacle = 10
    /// Of each tick: somebody allows removals that are held.
    package var approval = 100
    /// Of each tick: somebody has the host emptied for a while.
    package var drain = 8
    /// Of each tick: somebody wants a member of a pool.
    package var claim = 150
    /// Of each tick: something befalls a member that somebody has, or the folder of one.
    package var claimHand = 40
    /// Of each answer to a claim: it is lost; of each request: whoever asked hangs up.
    package var lostAnswer = 60
    package var hangUp = 80
    /// Of each end of the program: the store loses the claims.
    package var lostClaims = 60
    /// Of each call, while the connection is bad and otherwise.
    package var badCall = 250
    package var call = 15
    /// Of each observation: a container cannot be inspected; or is not listed.
    package var unreadable = 30
    package var unlisted = 30
    /// Of each hint: it is lost, or comes twice.
    package var lostHint = 150
    package var doubledHint = 50
    /// Of each turn of a metric: it is measured badly for a while; of each answer about metrics: it comes late.
    package var badMetric = 500
    package var lateMetric = 100

    package init() {}

    /// Something goes wrong in most seconds.
    package static let often = Trouble()

    /// Things go wrong one or two at a time: what comes by the second comes less often, and each as badly.
    package static func seldom(_ cast: Cast) -> Trouble {
        var seldom = often
        for path in ticking { seldom[keyPath: path] /= 5 }
        // Or there would be none in many of the worlds that are to have some.
        (seldom.revision, seldom.drain) = (often.revision / 3, often.drain)
        if !cast.drains { seldom.drain = 0 }
        if !cast.claims { (seldom.claim, seldom.claimHand) = (0, 0) }
        if !cast.commits { (seldom.revision, seldom.approval) = (0, 0) }
        if !cast.hands { (seldom.handEdit, seldom.obstacle) = (0, 0) }
        if !cast.crashes { seldom.crash = 0 }
        if !cast.outages { (seldom.fault, seldom.clockJump) = (0, 0) }
        return seldom
    }

    /// Nothing goes wrong.
    package static let none = {
        var none = often
        for path in ticking + others { none[keyPath: path] = 0 }
        return none
    }()

    /// What is diced for in each tick.
    private static var ticking: [WritableKeyPath<Trouble, Int>] {
        [
            \.handEdit, \.revision, \.fault, \.crash, \.clockJump, \.obstacle, \.approval, \.drain, \.claim,
            \.claimHand,
        ]
    }

    private static var others: [WritableKeyPath<Trouble, Int>] {
        [
            \.badCall, \.call, \.unreadable, \.unlisted, \.lostHint, \.doubledHint, \.lostAnswer, \.hangUp,
            \.lostClaims, \.badMetric, \.lateMetric,
        ]
    }
}

/// What a run came to, in numbers.
package struct Figures: Hashable, Sendable {
    package var ticks = 0
    package var faults = 0
    package var handEdits = 0
    package var crashes = 0
    package var revisions = 0
    /// Calls that change something, and looks.
    package var steps = 0
    /// Those of them that change something.
    package var changes = 0
    package var reads = 0
    /// Inputs that the program took in.
    package var inputs = 0
    /// Stops of containers that ran, by us.
    package var disruptions = 0
    /// Containers of ours, counted until there were enough of them, and objects that git declares.
    package var mostContainers = 0
    package var mostObjects = 0
    /// Requests for members, and answers with one.
    package var asks = 0
    package var claims = 0

    package init() {}

    /// What every seed has at least.
    package static let least = (objects: 5, containers: 20, ticks: 200, faults: 5)

    /// Whether it has as much of everything.
    package var isEnough: Bool {
        let least = Self.least
        return mostObjects >= least.objects && mostContainers >= least.containers && ticks >= least.ticks
            && faults >= least.faults
    }

    package static func += (a: inout Figures, b: Figures) {
        a.ticks += b.ticks
        a.faults += b.faults
        a.handEdits += b.handEdits
        a.crashes += b.crashes
        a.revisions += b.revisions
        a.steps += b.steps
        a.reads += b.reads
        a.inputs += b.inputs
        a.disruptions += b.disruptions
        a.asks += b.asks
        a.claims += b.claims
        a.mostContainers = max(a.mostContainers, b.mostContainers)
        a.mostObjects = max(a.mostObjects, b.mostObjects)
    }
}
