package import Reconciler
package import Specs

/// What a container is in substance: a hash of everything that only a replacement could change, as whoever writes the
/// trace makes it out, without the label that the program itself keeps for this.
package typealias Signature = UInt64

/// A container as it really is in the engine.
package struct ContainerFacts: Hashable, Codable, Sendable {
    package var id: String
    package var name: String
    /// nil on foreign containers.
    package var member: MemberID?
    package var incarnation: Int
    package var signature: Signature
    package var imageID: String
    package var status: ObservedContainer.Status
    package var health: ObservedContainer.Health
    /// Of one that has ended.
    package var exitCode = 0
    package var startedAt: String
    package var live: LiveSettings
    package var network: String
    /// On that network, while it runs.
    package var address = ""

    package init(
        id: String, name: String, member: MemberID?, incarnation: Int, signature: Signature, imageID: String,
        status: ObservedContainer.Status, health: ObservedContainer.Health, startedAt: String, live: LiveSettings,
        network: String
    ) {
        self.id = id
        self.name = name
        self.member = member
        self.incarnation = incarnation
        self.signature = signature
        self.imageID = imageID
        self.status = status
        self.health = health
        self.startedAt = startedAt
        self.live = live
        self.network = network
    }
}

/// A network as it really is in the engine.
package struct NetworkFacts: Hashable, Codable, Sendable {
    package var name: String
    /// nil on foreign networks.
    package var object: ResourceID?

    package init(name: String, object: ResourceID?) {
        self.name = name
        self.object = object
    }
}

/// What a revision says about one object, as whoever wrote the revision means it.
package struct ObjectFacts: Hashable, Codable, Sendable {
    package var id: ResourceID
    package var slots: Int
    /// How many of the slots its pool has room for.
    package var slotsWithinCapacity: Int
    /// Its pool is this host's alone, and nothing that it asks for is missing here.
    package var isOurs: Bool
    package var isRecreated: Bool
    /// Members that may be missing when one is taken away on purpose, for whatever reason they are missing; nil where
    /// git declares no budget.
    package var maxUnavailable: Int?
    /// Members that may be missing while others come first, and while members are replaced.
    package var mayBeMissing = 0
    /// New members never become ready, or are found bad by what they are judged by.
    package var isBad = false
    /// What fails goes back to the last good revision by itself.
    package var isRolledBack = false
    /// Containers beyond the slots, while members are replaced.
    package var maxSurge: Int
    package var signature: Signature
    package var image: String
    package var followsTag: Bool
    /// The limits that it asks for; nil is none, as in `LiveSettings`.
    package var live: LiveSettings
    package var hasHealthCheck: Bool
    package var network: String
    package var dependsOn: [ResourceID]
    /// Its ports are led to its ready members by rules.
    package var isLed = false
    /// For how long old members are kept after the switch, where new ones come beside all old ones; nil where they do not.
    package var hold: Duration?
    /// Of a canary: the share of each step, in percent; nil where there are no steps.
    package var weights: [Int]?
    /// A network policy selects it.
    package var isRestricted: Bool
    /// Of a pool: claimed and unclaimed members together.
    package var maxMembers: Int?
    /// Of a pool: unclaimed members wait frozen.
    package var isIdlePaused: Bool
    /// Of a pool: a member is started for whoever finds none.
    package var startsOnDemand: Bool
    package var hostPool = ""
    /// Git has its host pool emptied.
    package var drain: DrainFacts?
    /// It stays on a host that is emptied.
    package var isExemptFromDrains = false
    /// Of a task: when it runs, and how.
    package var task: TaskFacts?
    /// What gives it its number of members; nil where git does, whose `slots` are only the first number otherwise.
    package var scaling: ScalingFacts?
    /// When its members may not be replaced; nil where no window speaks of it.
    package var freeze: FreezeFacts?

    package init(
        id: ResourceID, slots: Int, slotsWithinCapacity: Int, isOurs: Bool, isRecreated: Bool, maxUnavailable: Int?,
        maxSurge: Int, signature: Signature, image: String, followsTag: Bool, live: LiveSettings, hasHealthCheck: Bool,
        network: String, dependsOn: [ResourceID] = [], isRestricted: Bool = false, maxMembers: Int? = nil,
        isIdlePaused: Bool = false, startsOnDemand: Bool = false
    ) {
        self.id = id
        self.slots = slots
        self.slotsWithinCapacity = slotsWithinCapacity
        self.isOurs = isOurs
        self.isRecreated = isRecreated
        self.maxUnavailable = maxUnavailable
        self.maxSurge = maxSurge
        self.signature = signature
        self.image = image
        self.followsTag = followsTag
        self.live = live
        self.hasHealthCheck = hasHealthCheck
        self.network = network
        self.dependsOn = dependsOn
        self.isRestricted = isRestricted
        self.maxMembers = maxMembers
        self.isIdlePaused = isIdlePaused
        self.startsOnDemand = startsOnDemand
    }
}

/// When a task runs, and how.
package struct TaskFacts: Hashable, Codable, Sendable {
    package enum Policy: String, Hashable, Codable, Sendable {
        case allow = "Allow", forbid = "Forbid", replace = "Replace"
    }

    /// Every time at which it is due, in order.
    package var due: [Instant]
    package var policy: Policy
    /// Attempts after the first.
    package var retries: Int
    /// How many runs are kept that ended well, and that did not.
    package var successful: Int
    package var failed: Int
    /// A run may be stopped because it takes too long.
    package var hasDeadline: Bool

    package init(
        due: [Instant], policy: Policy, retries: Int, successful: Int, failed: Int, hasDeadline: Bool
    ) {
        self.due = due
        self.policy = policy
        self.retries = retries
        self.successful = successful
        self.failed = failed
        self.hasDeadline = hasDeadline
    }
}

/// How a host is to be emptied of an object.
package struct DrainFacts: Hashable, Codable, Sendable {
    /// Since it began; nil waits for ever.
    package var deadline: Duration?
    /// What is left then goes.
    package var force: Bool

    package init(deadline: Duration? = nil, force: Bool = false) {
        self.deadline = deadline
        self.force = force
    }
}

/// A revision that git shows.
package struct RevisionFacts: Hashable, Codable, Sendable {
    package enum Verdict: String, Hashable, Codable, Sendable {
        case good
        /// Some file of it says what cannot be.
        case broken
        /// Nothing that runs is declared any more.
        case empty
    }

    package var id: String
    package var verdict: Verdict
    /// Another number says that the history was rewritten in between.
    package var history: Int
    package var objects: [ResourceID: ObjectFacts]
    /// When what it does not declare may not be removed; nil where no window speaks of everything.
    package var freeze: FreezeFacts?

    package init(id: String, verdict: Verdict, history: Int, objects: [ResourceID: ObjectFacts]) {
        self.id = id
        self.verdict = verdict
        self.history = history
        self.objects = objects
    }
}

/// One call to the engine, in short.
package struct CallFacts: Hashable, Codable, Sendable {
    package enum Verb: String, Hashable, Codable, Sendable {
        case pull, createNetwork, removeNetwork, createVolume, create, start, probe, update, pause, unpause, rename,
            stop,
            remove, applyFirewall

        /// Takes a container away, or interrupts it.
        package var isDisruptive: Bool { self == .stop || self == .remove }
        /// Changes something that somebody could miss; a probe only asks.
        package var isMutating: Bool { self != .probe }
    }

    package var verb: Verb
    /// The step in the words of intents.
    package var step: String
    /// What intents call its subject: a name or an image reference.
    package var subject: String
    package var member: MemberID?
    /// The container's id; nil for what is about something else, or about nothing that exists yet.
    package var container: String?
    /// Of a container that is created.
    package var incarnation: Int?
    package var signature: Signature?
    /// Of an update; of a rename the name.
    package var live: LiveSettings?
    package var name: String?
    /// Of rules that are put in force: the addresses that ports lead to.
    package var addresses: [String] = []
    /// The part of new connections that each of these has beside the others of its port.
    package var weights: [String: Int] = [:]

    package init(
        _ verb: Verb, step: String, subject: String, member: MemberID? = nil, container: String? = nil,
        incarnation: Int? = nil, signature: Signature? = nil, live: LiveSettings? = nil, name: String? = nil
    ) {
        self.verb = verb
        self.step = step
        self.subject = subject
        self.member = member
        self.container = container
        self.incarnation = incarnation
        self.signature = signature
        self.live = live
        self.name = name
    }
}
