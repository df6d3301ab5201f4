import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Stands between a program and a Docker engine on a Unix socket of its own: writes down every call, and can lose,
/// delay, answer, cut or change any of them.
///
/// Answers are passed on piece by piece, so that streams of events and of output work. Requests that ask to become
/// another protocol (`Upgrade`, as `docker exec` sends) are not supported.
package final class EngineProxy: Sendable {
    /// Where it listens.
    package let socketPath: String
    private let enginePath: String
    private let state = Mutex(State())

    fileprivate struct State {
        var calls: [ProxiedCall] = []
        var changes = 0
        var faults: [(id: Int, fault: ProxyFault)] = []
        /// How many faults were ever added; the next one's number.
        var added = 0
        var fired = 0
        var observer: (@Sendable (ProxiedCall) async -> Void)?
        /// What stale answers repeat, by the number of their fault.
        var kept: [Int: [HTTPClientResponsePart]] = [:]
        /// Calls whose answer is not over, by a number of their own.
        var open: [Int: (call: ProxiedCall, client: any Channel)] = [:]
    }

    private init(socketPath: String, enginePath: String) {
        self.socketPath = socketPath
        self.enginePath = enginePath
    }

    /// Listens while the body runs; afterwards all its connections are closed.
    ///
    /// - Parameter enginePath: the socket of the engine, which may come and go.
    package static func with<Value: Sendable>(
        engine enginePath: String, _ body: (EngineProxy) async throws -> Value
    ) async throws -> Value {
        try await ScratchFolder.with { folder in
            let proxy = EngineProxy(socketPath: folder.path + "/proxy.sock", enginePath: enginePath)
            return try await ConnectionListener.with(
                { try await $0.bind(unixDomainSocketPath: proxy.socketPath).get() }, open: ProxyPipeline.open,
                serve: { connection, inbound, outbound in
                    try await proxy.serve(inbound, ClientWriter(channel: connection.channel, outbound: outbound))
                }
            ) { _ in try await body(proxy) }
        }
    }

    // MARK: What tests ask

    /// Every call since the start, or since `forget()`, in the order of arrival.
    package var calls: [ProxiedCall] { state.withLock { $0.calls } }

    /// The calls that were meant to change something.
    package var changes: [ProxiedCall] { calls.filter { $0.changeNumber != nil } }

    /// How many faults have happened since `forget()`.
    package var firedFaults: Int { state.withLock { $0.fired } }

    /// Adds a fault. Of several that match a call, the one that was added first happens.
    package func inject(_ fault: ProxyFault) {
        state.withLock { state in
            state.faults.append((state.added, fault))
            state.added += 1
        }
    }

    /// Looks at every call before anything happens to it; the call waits until the look is over.
    package func observe(_ look: @escaping @Sendable (ProxiedCall) async -> Void) {
        state.withLock { $0.observer = look }
    }

    /// Takes all faults away; the calls stay.
    package func heal() { state.withLock { $0.faults = [] } }

    /// Begins to count anew, without faults.
    package func forget() {
        state.withLock { state in
            let old = state
            state = State()
            // Calls that are under way end as they would have.
            (state.added, state.open, state.observer) = (old.added, old.open, old.observer)
        }
    }

    /// Closes the connections of calls that have no whole answer yet, such as a stream of events.
    ///
    /// - Returns: how many there were.
    @discardableResult
    package func hangUp(where isMeant: (ProxiedCall) -> Bool) -> Int {
        let clients = state.withLock { $0.open.values.filter { isMeant($0.call) }.map(\.client) }
        for client in clients { client.close(promise: nil) }
        return clients.count
    }

    // MARK: Connections

    private func serve(
        _ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>, _ client: ClientWriter
    ) async throws {
        var head: HTTPRequestHead?
        var body = ByteBuffer()
        for try await part in inbound {
            switch part {
            case .head(let received):
                head = received
                body.clear()
            case .body(var buffer): body.writeBuffer(&buffer)
            case .end:
                guard let head else { return }
                guard try await exchange(EngineRequest(head: head, body: body), with: client) else { return }
            }
        }
    }

    // MARK: One call

    /// - Returns: false when the connection to the client is to be closed.
    private func exchange(_ request: EngineRequest, with client: ClientWriter) async throws -> Bool {
        let (number, fault) = record(request, client)
        defer { state.withLock { $0.open[number] = nil } }
        if let (call, look) = state.withLock({ state in state.open[number].map { ($0.call, state.observer) } }) {
            await look?(call)
        }
        if let fault, fault.fault.moment == .beforeForwarding {
            switch try await act(on: fault.fault, with: client) {
            case .goOn: break
            case .answered: return true
            case .hangUp: return false
            }
        }
        // A connection of its own for each call: none is ever found closed by an engine that was restarted meanwhile.
        let engine = try await EngineChannel.connect(to: enginePath, closingWith: client.channel)
        return try await engine.executeThenClose { inbound, outbound in
            for part in request.parts { try await outbound.write(part) }
            guard let fault, fault.fault.moment == .beforeReplying else {
                for try await part in inbound where try await client.pass(part) { break }
                return true
            }
            var reply: [HTTPClientResponsePart] = []
            for try await part in inbound {
                reply.append(part)
                if case .end = part { break }
            }
            switch try await self.act(on: fault.fault, with: client) {
            case .goOn: return try await self.pass(reply, changedBy: fault, to: client)
            case .answered: return true
            case .hangUp: return false
            }
        }
    }

    /// - Returns: the number of the call among those that are under way, and what is to happen to it.
    private func record(_ request: EngineRequest, _ client: ClientWriter) -> (Int, (id: Int, fault: ProxyFault)?) {
        state.withLock { state in
            let call = ProxiedCall(method: request.head.method.rawValue, uri: request.head.uri, changes: state.changes)
            state.calls.append(call)
            state.changes = call.changeNumber ?? state.changes
            state.added += 1
            state.open[state.added] = (call, client.channel)
            return (state.added, state.takeFault(for: call))
        }
    }

    private enum Continuation { case goOn, answered, hangUp }

    private func act(on fault: ProxyFault, with client: ClientWriter) async throws -> Continuation {
        await fault.hook?()
        switch fault.effect {
        case .none, .cut, .rewrite, .stale: return .goOn
        case .hangUp: return .hangUp
        case .delay(let duration): try await Task.sleep(for: duration)
        case .hang: try await client.channel.closeFuture.get()
        case .answer(let status, let message):
            try await client.answer(status: status, message: message)
            return .answered
        }
        return .goOn
    }

    /// - Returns: false when the connection to the client is to be closed.
    private func pass(
        _ reply: [HTTPClientResponsePart], changedBy fault: (id: Int, fault: ProxyFault), to client: ClientWriter
    ) async throws -> Bool {
        var reply = reply
        switch fault.fault.effect {
        case .cut(let count):
            try await client.passBeginning(of: reply, bodyBytes: count)
            return false
        case .rewrite(let change): reply = EngineReply.changing(reply, change)
        case .stale: reply = state.withLock { $0.keep(reply, for: fault.id) }
        case .none, .hangUp, .delay, .hang, .answer: break
        }
        for part in reply { _ = try await client.pass(part) }
        return true
    }
}

extension EngineProxy.State {
    /// Uses up one time of the first fault that is meant for the call.
    fileprivate mutating func takeFault(for call: ProxiedCall) -> (id: Int, fault: ProxyFault)? {
        for index in faults.indices where faults[index].fault.matches(call) {
            if faults[index].fault.skip > 0 {
                faults[index].fault.skip -= 1
                continue
            }
            let taken = faults[index]
            fired += 1
            if taken.fault.times == 1 {
                faults.remove(at: index)
            } else if taken.fault.times < .max {
                faults[index].fault.times -= 1
            }
            return taken
        }
        return nil
    }

    /// The first reply of a fault, for ever.
    fileprivate mutating func keep(_ reply: [HTTPClientResponsePart], for id: Int) -> [HTTPClientResponsePart] {
        if let first = kept[id] { return first }
        kept[id] = reply
        return reply
    }
}
