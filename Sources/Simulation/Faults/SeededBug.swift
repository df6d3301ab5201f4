package import Invariants
import Reconciler

/// Something that is wrong on purpose, around the program rather than in it, to prove that the checker sees it.
package enum SeededBug: String, CaseIterable, Hashable, Sendable {
    /// Stops a good container.
    case deleteWithoutReason
    /// Puts in force what can be read of a revision that is not valid.
    case followBrokenRevision
    /// Follows empty and rewritten revisions without asking.
    case followVanishedRevision
    /// Renames what is not ours.
    case touchForeign
    /// Stops a second member while the first is replaced.
    case ignoreBudget
    /// Lets a rollout spend what members beyond the replicas leave of the budget, and takes those away as well.
    case spendBudgetTwice
    /// A program that has ended still sends what it wanted to send.
    case actAfterEnd
    /// Starts again what was just started.
    case repeatStep
    /// The journal says that an intent is written down, and forgets it.
    case loseIntents
    /// Leaves a container behind that no list shows.
    case leaveOrphan
    /// Creates another container as soon as the first is there.
    case createTwice
    /// Sends a call again at once when its answer is lost.
    case forgetDoubt
    /// Tries what fails again and again without a pause.
    case neverBackOff
    /// Acts before it has looked.
    case actBlind
    /// Makes plans that depend on the order of a dictionary.
    case dependOnOrder
    /// Writes the values of environment variables into events.
    case tellSecrets
    /// Never hears of one of the objects.
    case forgetObject
    /// Lets nobody pass while one key fails.
    case blockTheLine
    /// Ends elsewhere when it comes another way.
    case rememberTheWay
    /// Believes that rules are in force when they are not.
    case trustTheFilter
    /// Waits for ever for a call without an answer.
    case neverAnswer
    /// Tells one holder of the container of another.
    case giveTwice
    /// Stops a container that somebody has.
    case takeClaimed
    /// Makes members of a pool without counting.
    case overCreate
    /// Does not look at idempotency keys.
    case forgetKeys
    /// Answers claims that it does not write down anywhere.
    case forgetClaims
    /// Takes containers for running that somebody has and that have ended.
    case hideLoss
    /// Never answers those who wait in vain.
    case leaveWaiting
    /// Does not start new members in place of claimed ones.
    case neverRefill
    /// Makes the successor of a second member beside that of the first.
    case rushRollout
    /// Leaves a rollout that has failed as it is.
    case neverRollBack
    /// Does not hear that git drains.
    case neverDrain
    /// Does not write down what a person drains, and says that it does.
    case ignorePerson
    /// Takes members away by a drain without their budget.
    case drainPastBudget
    /// Takes away what tolerates a drain.
    case drainTolerant
    /// Goes on with a drain whose deadline is over.
    case drainForEver
    /// Leaves at the deadline of a drain what is to go by force.
    case spareAtDeadline
    /// Does not wait for the deadline of a drain.
    case evictEarly
    /// Starts nothing again of what stays after the deadline of a drain.
    case leaveUnrepaired
    /// Forgets with its run what git drains.
    case forgetDrain
    /// Starts the container of a run again when it has ended.
    case repeatRun
    /// Lets runs overlap that must not.
    case overlapRuns
    /// Takes every task for suspended.
    case forgetRuns
    /// Has ports lead to a member that is not ready.
    case leadToUnready
    /// Ports go on leading to whoever they led to once, and nobody hears of it.
    case leadToStopped
    /// Does not keep old members after a switch.
    case retireEarly
    /// Takes all members of a canary for its first step.
    case rushCanary
    /// Lets a number of members go beyond its bounds.
    case leaveBounds
    /// Does not bring a number within bounds that have changed.
    case keepBeyondBounds
    /// Takes what was not measured for nothing.
    case scaleBlind
    /// Does not wait until what was asked for lately is over.
    case shrinkAtOnce
    /// Does not write down how many members were decided on.
    case forgetSize
    /// Begins each run with the number that git says, and writes that down.
    case beginWithGit
    /// Never hears what was measured.
    case neverScale
    /// Does not look at maintenance windows.
    case ignoreWindows
    /// Takes windows that speak of removals for such that do not.
    case removeInFreeze
    /// Takes a stop for something that needs no time.
    case ignoreLead
    /// Leaves in a freeze what may be finished.
    case neverFinish
    /// Starts nothing again in a freeze.
    case holdRepair
    /// Switches to new members whatever a window says of it.
    case switchInFreeze
    /// Takes what was begun for something that may be finished, whatever a window says of it.
    case overrunWindow
    /// Never notices that a freeze is over.
    case forgetOpening

    /// What must be reported.
    package var invariant: Invariant {
        switch self {
        case .deleteWithoutReason: .justifiedDeletion
        case .followBrokenRevision: .brokenRevision
        case .followVanishedRevision: .vanishedRevision
        case .touchForeign: .foreign
        case .ignoreBudget, .spendBudgetTwice: .budget
        case .actAfterEnd: .singleController
        case .repeatStep: .idempotence
        case .loseIntents: .crash
        case .leaveOrphan: .orphan
        case .createTwice: .storm
        case .forgetDoubt: .timeTravel
        case .neverBackOff: .quiet
        case .actBlind: .failStatic
        case .dependOnOrder: .determinism
        case .tellSecrets: .secret
        case .forgetObject: .convergence
        case .blockTheLine: .headOfLine
        case .rememberTheWay: .routeIndependence
        case .trustTheFilter: .restriction
        case .neverAnswer: .wedgedCall
        case .giveTwice: .oneHolder
        case .takeClaimed: .claimedStays
        case .overCreate: .overCreation
        case .forgetKeys: .claimKey
        case .forgetClaims: .claimMemory
        case .hideLoss: .lossAnnounced
        case .leaveWaiting: .claimAnswer
        case .neverRefill: .refill
        case .rushRollout: .rolloutBounds
        case .neverRollBack: .rollback
        case .neverDrain, .ignorePerson, .spareAtDeadline, .leaveUnrepaired: .convergence
        case .drainPastBudget, .drainTolerant: .budget
        case .drainForEver: .justifiedDeletion
        case .evictEarly: .claimedStays
        case .forgetDrain: .storm
        case .repeatRun: .oneAttempt
        case .overlapRuns: .noOverlap
        case .forgetRuns: .noRunForgotten
        case .leadToUnready: .ledAreReady
        case .leadToStopped: .stoppedUnled
        case .retireEarly: .holdIsKept
        case .rushCanary: .canaryStep
        case .leaveBounds, .keepBeyondBounds, .scaleBlind, .shrinkAtOnce, .forgetSize, .beginWithGit: .scaling
        case .neverScale: .convergence
        case .ignoreWindows, .removeInFreeze, .switchInFreeze, .overrunWindow, .ignoreLead, .neverFinish, .holdRepair:
            .window
        case .forgetOpening: .heldWork
        }
    }

    /// The story in which it shows; nil for what shows in any seed.
    var story: Scenario? {
        switch self {
        case .rushRollout: .rollout
        case .neverRollBack: .failingRollout
        case .spendBudgetTwice: .shrinkingRollout
        case .neverDrain: .drain
        case .ignorePerson: .drainByPerson
        case .drainPastBudget: .drainWithinBudget
        case .drainTolerant: .drainSparing
        case .drainForEver: .drainFindingAnother
        case .spareAtDeadline: .drainByForce
        case .evictEarly: .drainEvictingHolder
        case .leaveUnrepaired: .drainRepairing
        case .forgetDrain: .drainOutlastingRestart
        case .forgetRuns: .run
        case .overlapRuns, .repeatRun: .runsInTurn
        case .leadToUnready: .portScaledUp
        case .leadToStopped: .portHandedOver
        case .retireEarly: .blueGreen
        case .rushCanary: .canary
        case .keepBeyondBounds: .raisedBounds
        case .ignoreWindows, .forgetOpening: .frozen
        case .removeInFreeze: .frozenScaledDown
        case .ignoreLead: .frozenTooNear
        case .neverFinish: .frozenFinishing
        case .holdRepair: .frozenRepaired
        case .switchInFreeze: .frozenSwitch
        case .overrunWindow: .frozenHalfDone
        default: nil
        }
    }

    /// What a broken revision would come to if it were followed all the same.
    func desired(_ commit: SimulatedGit.Commit) -> DesiredState? {
        self == .followBrokenRevision ? commit.readablePart : nil
    }
}

/// What a seeded bug remembers.
struct Sabotage: Sendable {
    /// Containers that no list shows and no event tells of.
    var hidden: Set<String> = []
    /// The container whose starts all fail.
    var unstartable: MemberID?
    var isDone = false
    var lastIntent: Int64 = 1 << 40
    /// Where ports lead besides what the program is told.
    var keptAddresses: Set<String> = []
}
