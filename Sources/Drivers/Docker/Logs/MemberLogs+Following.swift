import FoundationEssentials
import Reconciler

extension MemberLogs {
    /// Goes on after what was read, until the task is cancelled: members that come later join with all that they wrote, and
    /// one that starts again goes on where it ended.
    ///
    /// The engine is asked once a second who is there, and says itself who starts. While it does not answer, it is asked on.
    ///
    /// - Parameters:
    ///   - window: for members whose log has had no line yet.
    ///   - outcome: how far members were read already.
    ///   - body: called from several threads.
    ///   - notice: hears when the engine is away and back, and which logs cannot be read.
    package func follow(
        _ window: LogWindow, after outcome: Outcome, _ body: @escaping @Sendable (LoggedMember, OutputLine) -> Void,
        notice: (String) -> Void
    ) async {
        var window = window
        window.follows = true
        var roster = FollowedMembers(window: window, positions: outcome.positions)
        let (signals, signal) = AsyncStream<FollowSignal>.makeStream()
        await withDiscardingTaskGroup { group in
            group.addTask { await watch(signal) }
            var isAway = false
            for await next in signals {
                switch next {
                case .look:
                    do throws(DriverError) {
                        for start in roster.starts(among: try await members()) {
                            group.addTask { await read(start, signal, body) }
                        }
                        if isAway { notice("the engine answers again") }
                        isAway = false
                    } catch {
                        if !isAway { notice("the engine is asked again until it answers: \(error)") }
                        isAway = true
                    }
                case .started(let id): roster.noteStart(of: id)
                case .ended(let member, let position, let failure):
                    roster.noteEnd(of: member.id, at: position, isBroken: failure != nil)
                    if let failure, failure.disposition == .terminal, failure.code != .notFound {
                        notice("\(member.name): \(failure)")
                        roster.giveUp(member.id)
                    }
                }
            }
            group.cancelAll()
        }
    }

    /// Has everybody looked for once a second, and when the engine says that one starts.
    private func watch(_ signal: AsyncStream<FollowSignal>.Continuation) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    signal.yield(.look)
                    // A cancelled sleep ends the loop by its condition.
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    // An engine that does not answer is told of by whoever looks.
                    if let events = try? await client.containerEvents(label: OwnershipMark.filterLabel(of: object)) {
                        for await event in events where event.action == "start" {
                            guard let id = event.actor?.id else { continue }
                            signal.yield(.started(id))
                            signal.yield(.look)
                        }
                        // What started in between is not known.
                        signal.yield(.started(nil))
                    }
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
        signal.finish()
    }

    private func read(
        _ start: FollowedMembers.Start, _ signal: AsyncStream<FollowSignal>.Continuation,
        _ body: @Sendable (LoggedMember, OutputLine) -> Void
    ) async {
        var position = start.position
        var failure: DriverError?
        do {
            for try await line in try await client.log(of: start.member.id, start.window, after: position) {
                position.pass(line)
                body(start.member, line)
            }
        } catch let error as DriverError {
            failure = error
        } catch {
            failure = DriverError(.transient, .serverError, "\(error)", at: OutputReader.place)
        }
        signal.yield(.ended(start.member, position, failure))
    }
}

enum FollowSignal: Sendable {
    case look
    /// nil: perhaps any.
    case started(String?)
    case ended(LoggedMember, LogPosition, DriverError?)
}

/// Which members are followed, and how far the logs of the others were read.
struct FollowedMembers {
    struct Start: Hashable, Sendable {
        var member: LoggedMember
        var window: LogWindow
        var position: LogPosition
    }

    private enum State {
        case followed(startedAgain: Bool)
        /// - Parameter isDue: there may be more.
        case ended(LogPosition, isDue: Bool)
        case givenUp
    }

    private var states: [String: State] = [:]
    /// Of members that are there from the beginning.
    private let window: LogWindow
    private var isFirst = true

    init(window: LogWindow, positions: [String: LogPosition]) {
        self.window = window
        states = positions.mapValues { .ended($0, isDue: true) }
    }

    /// Those that are to be followed from now on. Whoever comes after the first look is read from its beginning.
    mutating func starts(among members: [LoggedMember]) -> [Start] {
        var starts: [Start] = []
        let fresh = isFirst ? window : LogWindow(follows: true)
        for member in members {
            switch states[member.id] {
            case nil: starts.append(Start(member: member, window: fresh, position: LogPosition()))
            case .ended(let position, isDue: true):
                starts.append(Start(member: member, window: window, position: position))
            default: continue
            }
            states[member.id] = .followed(startedAgain: false)
        }
        isFirst = false
        let ids = Set(members.map(\.id))
        states = states.filter { id, state in
            if case .followed = state { return true }
            return ids.contains(id)
        }
        return starts
    }

    /// - Parameter id: nil is any.
    mutating func noteStart(of id: String?) {
        for known in id.map({ [$0] }) ?? Array(states.keys) {
            switch states[known] {
            case .ended(let position, _): states[known] = .ended(position, isDue: true)
            // Its stream ends with the run before, and that may be heard later.
            case .followed where id != nil: states[known] = .followed(startedAgain: true)
            default: break
            }
        }
    }

    mutating func noteEnd(of id: String, at position: LogPosition, isBroken: Bool) {
        if case .followed(let startedAgain) = states[id] {
            states[id] = .ended(position, isDue: isBroken || startedAgain)
        }
    }

    mutating func giveUp(_ id: String) { states[id] = .givenUp }
}
