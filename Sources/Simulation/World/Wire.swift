import Invariants
import Reconciler
import Specs

/// A call of the program on its way to the engine and back.
struct WireCall: Sendable {
    /// What becomes of it.
    enum Fate: Hashable, Sendable {
        case good
        /// The engine cannot answer now; nothing happens.
        case refused
        /// The connection breaks before the request arrives.
        case requestLost
        /// It happens, and the connection breaks before the answer.
        case replyLost
        /// The request arrives twice.
        case requestDoubled
        /// The answer arrives twice.
        case replyDoubled
        /// The driver's deadline passes first; it happens later.
        case late
        /// It never arrives, and only the driver's deadline ends it.
        case hung
    }

    enum Request: Sendable {
        case observe(Interest)
        case look(containers: [String], owner: String, preflight: Bool)
        case apply(Step, CallFacts)
        case bind(ClaimBinding)
        case run(WarmPool.Hook, ContainerReference)
    }

    /// What comes back, and what the trace says of it.
    enum Answer: Sendable {
        case observed(Result<ObservedState, DriverError>, asOf: Int, made: Duration, unread: [String])
        case looked(Result<[String: ObservedContainer?], DriverError>, asOf: Int, made: Duration, PreflightFacts?)
        case stepEnded(Result<StepResult, DriverError>, TraceEvent.Reply)
        case bound(Result<BindingOutcome, DriverError>)
        case ran(Result<String?, DriverError>)
    }

    var run: Int
    var ticket: Ticket
    var request: Request
    var fate: Fate
    /// The containers that the list has shown, before they are inspected.
    var listed: Set<String>?
    /// Containers whose inspect fails.
    var unreadable: Set<String> = []
    var answer: Answer?
    /// Sent by a seeded bug: the program knows nothing of it.
    var isForged = false
    /// The answer was given once already.
    var isEcho = false

    init(run: Int, ticket: Ticket, request: Request, fate: Fate) {
        self.run = run
        self.ticket = ticket
        self.request = request
        self.fate = fate
    }
}

/// What happens at a moment of the simulated time.
enum Happening: Sendable {
    /// The request is at the engine; for an observation the list is made.
    case arrives(UInt64)
    /// The containers of a list are inspected.
    case inspected(UInt64)
    case answered(UInt64)
    case hint(run: Int, ChangeHint)
    case streamOpens(run: Int)
    case streamBreaks(run: Int)
    case looksAtGit(run: Int)
    case boots
    /// What canaries are judged by, or autoscalers go by, is known.
    case measured(run: Int, Ticket, [MetricReading])
    /// Docker's own health check comes to a verdict about this run of a container.
    case verdict(container: String, startedAt: String)
    /// The container of a run has done what it was to do.
    case exits(container: String, startedAt: String)
    /// Somebody asks for a member, hears the answer, hangs up, or does something with what it has.
    case asks(Person.ID)
    case hears(Person.ID, ask: Ticket, Result<Claim, ClaimRefusal>)
    case hangsUp(Person.ID, ask: Ticket)
    case acts(Person.ID)
    /// Somebody ends the drain of the host.
    case uncordons
    case tick
    case ends(Fault)
}

/// Something that goes wrong for a while.
enum Fault: String, Hashable, Sendable, CaseIterable {
    case engineDown, engineDownWithContainers, diskFull, storeFull, gitAway, badConnection
}
