package import Specs

/// Names one effect, so that its answer finds its way back; counts up within one control loop.
package typealias Ticket = UInt64

/// What the control loop is told by the world. Nothing else changes what it knows.
package enum Input: Sendable {
    /// A new revision is in force.
    case desired(DesiredState)
    /// The answer to `Effect.observe`.
    case observed(Ticket, Result<ObservedState, DriverError>)
    /// The answer to `Effect.look`: each of the containers by its id, nil when it is gone.
    case looked(Ticket, Result<[String: ObservedContainer?], DriverError>, preflight: PreflightFacts? = nil)
    /// The answer to `Effect.apply`.
    case stepEnded(Ticket, Result<StepResult, DriverError>)
    /// Somebody asks for a member of a pool; `Effect.answer` tells them, under a ticket of their own counting.
    case claim(Ticket, ClaimRequest, by: String)
    /// Whoever asked for a claim does not wait for the answer any more.
    case abandoned(Ticket)
    /// The answer to `Effect.bind`.
    case bound(Ticket, Result<BindingOutcome, DriverError>)
    /// The answer to `Effect.run`: why the hook failed, nil when it did not.
    case ran(Ticket, Result<String?, DriverError>)
    /// The answer to `Effect.measure`, in the order of the questions.
    case measured(Ticket, [MetricReading])
    /// The answer to `Effect.order`: why the provider could not be told, nil when it was.
    case ordered(Ticket, String?)
    /// The engine says that something happened to a container of ours.
    case hint(ChangeHint)
    /// What the packet filter enforces has changed.
    case firewall(FirewallFacts)
    /// The event stream is open, or open again.
    case streamOpened
    /// The event stream is lost: the engine may have gone away.
    case streamLost
    /// A deadline that the loop had asked for has come.
    case time
    /// A person's word: pause, resume, approve, pin.
    case command(Command)
    /// Nothing new is begun; what is under way is waited for.
    case stop
}

/// What the control loop asks of the world. Each but `rewrite` and `answer` is answered by exactly one `Input` with the same ticket.
package enum Effect: Hashable, Sendable {
    /// One full observation.
    case observe(Ticket, Interest)
    /// A look at single containers by inspect; with the facts of the preflight before something is taken away.
    case look(Ticket, containers: [String], owner: String, preflight: Bool = false)
    /// One step. Its intent is on the disk already.
    case apply(Ticket, Step)
    /// Makes a member its holder's. That it was chosen is on the disk already.
    case bind(Ticket, ClaimBinding)
    /// The hook of a claim that is over.
    case run(Ticket, WarmPool.Hook, in: ContainerReference)
    /// What the metrics of an autoscaler are.
    case measure(Ticket, [MetricQuestion])
    /// Tells the provider of a HostPool how many hosts there should be, by a hook of this host.
    case order(Ticket, HostPoolOrder, hook: String)
    /// Writes down beside the member what became of its claim. Has no answer, and nothing waits for it.
    case rewrite(Ticket, Claim)
    /// Whoever asked for a claim hears this. Has no answer.
    case answer(Ticket, Result<Claim, ClaimRefusal>)
    /// The step is given up: cancel the call. Its answer is still awaited.
    case giveUp(Ticket)

    package var ticket: Ticket {
        switch self {
        case .observe(let ticket, _), .look(let ticket, _, _, _), .apply(let ticket, _), .bind(let ticket, _),
            .run(let ticket, _, _), .measure(let ticket, _), .order(let ticket, _, _), .rewrite(let ticket, _),
            .answer(let ticket, _), .giveUp(let ticket):
            ticket
        }
    }
}
