package import Logging
package import NIOCore
import NIOPosix

/// The DNS filter: listens on bridges' addresses, and answers the names that the rules of each bridge allow.
///
/// ```
///  container --query--> DatagramHandler --> FilterCore: allowed? known? open? --yes--> reply
///                       StreamHandler            | no
///                                                v
///                             upstream resolver -> VettedAnswer -> GrantQueue -> AddressSets -> reply
/// ```
package actor FilterServer {
    package nonisolated let engine: FilterEngine
    private let group: any EventLoopGroup
    private let logger: Logger
    private let tell: @Sendable (FilterEvent) -> Void
    private var tasks: [Listener: Task<Void, Never>] = [:]
    private var ports: [Listener: UInt16] = [:]

    /// Between two attempts to listen: at first, and at most.
    private static let retry = (least: Duration.milliseconds(250), most: Duration.seconds(30))

    /// - Parameters:
    ///   - sets: the kernel's, as the firewall keeps them.
    ///   - group: where sockets live; nil is that of the whole program.
    ///   - tell: takes events for people; all of them are also logged.
    package init(
        sets: any AddressSets, logger: Logger, group: (any EventLoopGroup)? = nil,
        tell: @escaping @Sendable (FilterEvent) -> Void = { _ in }
    ) {
        let group = group ?? MultiThreadedEventLoopGroup.singleton
        self.group = group
        self.logger = logger
        self.tell = { event in
            event.log(to: logger)
            tell(event)
        }
        engine = FilterEngine(sets: sets, group: group, tell: self.tell)
    }

    /// Puts other rules in force, and listens where they say.
    ///
    /// The rules of a bridge change between two queries; listeners that stay are not touched. Returns when names that are
    /// not allowed any more are closed in the kernel too; listeners may still be trying to begin.
    package func apply(_ configuration: FilterConfiguration) async {
        let listeners = configuration.listeners
        let gone = tasks.filter { !listeners.contains($0.key) }
        for (listener, task) in gone {
            task.cancel()
            tasks[listener] = nil
            ports[listener] = nil
        }
        // The rules first, so that no query meets a listener without them.
        await engine.apply(configuration)
        // An address may have moved to another bridge.
        for task in gone.values { await task.value }
        for listener in listeners where tasks[listener] == nil {
            tasks[listener] = Task { await self.serve(listener) }
        }
    }

    /// Where it listens for a bridge now; nil while it cannot.
    package func port(of listener: Listener) -> UInt16? { ports[listener] }

    /// Whether it listens wherever it should.
    package var isListening: Bool { tasks.keys.allSatisfy { ports[$0] != nil } }

    /// Ends all listening; returns when the sockets are closed. Open addresses stay until they expire.
    package func stop() async {
        let tasks = tasks.values
        self.tasks = [:]
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        ports = [:]
    }

    private func serve(_ listener: Listener) async {
        var delay = Self.retry.least
        while !Task.isCancelled {
            do {
                let sockets = try await ListenerSockets.open(listener, engine, on: group)
                // A listener that was taken back meanwhile has no place in the table.
                if !Task.isCancelled { ports[listener] = sockets.port }
                tell(.listening(listener))
                delay = Self.retry.least
                await sockets.untilClosed()
                if !Task.isCancelled { ports[listener] = nil }
            } catch {
                tell(.notListening(listener, message: "\(error)"))
                delay = min(delay * 2, Self.retry.most)
            }
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: delay)
        }
    }
}

extension FilterEvent {
    fileprivate func log(to logger: Logger) {
        switch self {
        case .refused(let name):
            logger.info(
                "name refused",
                metadata: [
                    "event": "names.refused", "bridge": "\(name.bridge)", "name": "\(name.name)",
                    "type": "\(name.type.rawValue)", "reason": "\(name.outcome.rawValue)",
                ])
        case .listening(let listener):
            logger.debug(
                "listening for names",
                metadata: [
                    "event": "names.listening", "bridge": "\(listener.bridge)", "address": "\(listener.address)",
                ])
        case .notListening(let listener, let message):
            logger.warning(
                "not listening for names",
                metadata: [
                    "event": "names.notListening", "bridge": "\(listener.bridge)", "address": "\(listener.address)",
                    "message": "\(message)",
                ])
        case .setFailed(let bridge, let error):
            logger.error(
                "addresses not opened",
                metadata: ["event": "names.setFailed", "bridge": "\(bridge)", "message": "\(error)"])
        }
    }
}
