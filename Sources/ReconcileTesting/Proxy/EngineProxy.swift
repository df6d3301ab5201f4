import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Stands between a program and a Docker engine on a Unix socket of its own: writes down every call, and can lose,
/// delay or answer any one of them.
///
/// Answers are passed on piece by piece, so that streams of events and of output work. Requests that ask to become
/// another protocol (`Upgrade`, as `docker exec` sends) are not supported.
package final class EngineProxy: Sendable {
    /// Where it listens.
    package let socketPath: String
    private let enginePath: String
    private let state = Mutex(State())

    private struct State {
        var calls: [ProxiedCall] = []
        var changes = 0
        var faults: [ProxyFault] = []
        var fired = 0
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
            let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(unixDomainSocketPath: proxy.socketPath) { channel in
                    channel.eventLoop.makeCompletedFuture { try ClientChannel(channel) }
                }
            let serving = Task { try await proxy.accept(on: listener) }
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await body(proxy)) } catch { outcome = .failure(error) }
            serving.cancel()
            // Cancelled, so the only outcome is the error that says so.
            _ = await serving.result
            return try outcome.get()
        }
    }

    // MARK: What tests ask

    /// Every call since the start, or since `forget()`, in the order of arrival.
    package var calls: [ProxiedCall] { state.withLock { $0.calls } }

    /// The calls that were meant to change something.
    package var changes: [ProxiedCall] { calls.filter { $0.changeNumber != nil } }

    /// How many faults have happened since `forget()`.
    package var firedFaults: Int { state.withLock { $0.fired } }

    /// Adds a fault; each happens once.
    package func inject(_ fault: ProxyFault) { state.withLock { $0.faults.append(fault) } }

    /// Begins to count anew, without faults.
    package func forget() { state.withLock { $0 = State() } }

    // MARK: Connections

    private func accept(on listener: NIOAsyncChannel<ClientChannel, Never>) async throws {
        try await listener.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in clients {
                    group.addTask {
                        // A program that hangs up, or is killed, is what this proxy is for.
                        try? await client.channel.executeThenClose { inbound, outbound in
                            try await self.serve(
                                inbound, ClientWriter(channel: client.channel.channel, outbound: outbound))
                        }
                    }
                }
            }
        }
    }

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
        let fault = record(request)
        if let fault, fault.moment == .beforeForwarding {
            switch try await act(on: fault, with: client) {
            case .goOn: break
            case .answered: return true
            case .hangUp: return false
            }
        }
        // A connection of its own for each call: none is ever found closed by an engine that was restarted meanwhile.
        let engine = try await EngineChannel.connect(to: enginePath, closingWith: client.channel)
        return try await engine.executeThenClose { inbound, outbound in
            for part in request.parts { try await outbound.write(part) }
            guard let fault, fault.moment == .beforeReplying else {
                for try await part in inbound where try await client.pass(part) { break }
                return true
            }
            var reply: [HTTPClientResponsePart] = []
            for try await part in inbound {
                reply.append(part)
                if case .end = part { break }
            }
            switch try await self.act(on: fault, with: client) {
            case .goOn: for part in reply { _ = try await client.pass(part) }
            case .answered: break
            case .hangUp: return false
            }
            return true
        }
    }

    private func record(_ request: EngineRequest) -> ProxyFault? {
        state.withLock { state in
            let call = ProxiedCall(method: request.head.method.rawValue, uri: request.head.uri, changes: state.changes)
            state.calls.append(call)
            state.changes = call.changeNumber ?? state.changes
            guard let index = state.faults.firstIndex(where: { $0.matches(call) }) else { return nil }
            state.fired += 1
            return state.faults.remove(at: index)
        }
    }

    private enum Continuation { case goOn, answered, hangUp }

    private func act(on fault: ProxyFault, with client: ClientWriter) async throws -> Continuation {
        await fault.hook?()
        switch fault.effect {
        case .none: return .goOn
        case .hangUp: return .hangUp
        case .delay(let duration): try await Task.sleep(for: duration)
        case .hang: try await client.channel.closeFuture.get()
        case .answer(let status, let message):
            try await client.answer(status: status, message: message)
            return .answered
        }
        return .goOn
    }
}
