import API
import Dispatch
import Foundation
import Glibc
import Reconciler
import Specs

/// Brings keys, answers and time to a screen, and what comes of it to the terminal and the daemons.
struct TopSession {
    private enum Event: Sendable {
        case bytes([UInt8])
        case overview(Result<OverviewDocument, ClientFailure>, host: Int)
        case description(String, of: ResourceID)
        case message(String)
        case tick, resized, ended
    }

    private static let interval = Duration.seconds(1)

    let clients: [DaemonClient]
    var screen: TopScreen
    let terminal: TerminalSession
    let style: Style

    init(clients: [DaemonClient], screen: TopScreen, terminal: TerminalSession, style: Style) {
        self.clients = clients
        self.screen = screen
        self.terminal = terminal
        self.style = style
    }

    /// Until somebody ends it, by a key or a signal; the terminal is as it was then.
    func run() async {
        var session = self
        let (events, sink) = AsyncStream.makeStream(of: Event.self)
        let sources = Self.listen(sink)
        let clock = Task {
            while !Task.isCancelled {
                sink.yield(.tick)
                // A cancelled sleep ends the loop by its condition.
                try? await Task.sleep(for: Self.interval)
            }
        }
        await session.follow(events, sink)
        clock.cancel()
        for source in sources { source.cancel() }
        terminal.end()
    }

    /// What is typed, and signals; each is told of until its source is cancelled.
    private static func listen(_ sink: AsyncStream<Event>.Continuation) -> [any DispatchSourceProtocol] {
        let queue = DispatchQueue(label: "top")
        let keys = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        keys.setEventHandler {
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            // Nobody types any more.
            sink.yield(count > 0 ? .bytes(Array(buffer[..<count])) : .ended)
        }
        keys.resume()
        let signals = [(SIGWINCH, Event.resized), (SIGTERM, .ended), (SIGINT, .ended), (SIGHUP, .ended)]
        return [keys]
            + signals.map { number, event in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { sink.yield(event) }
                source.resume()
                return source
            }
    }

    private mutating func follow(_ events: AsyncStream<Event>, _ sink: AsyncStream<Event>.Continuation) async {
        var reader = KeystrokeReader()
        // One question at a time to each: a daemon that is slow is not asked more often.
        var asked: Set<Int> = []
        for await event in events {
            switch event {
            case .ended: return
            case .tick:
                for (host, client) in clients.enumerated() where asked.insert(host).inserted {
                    Task { sink.yield(.overview(await Self.overview(of: client), host: host)) }
                }
            case .overview(let result, let host):
                asked.remove(host)
                switch result {
                case .success(let overview): screen.take(overview, from: host)
                case .failure(let failure): screen.take(problem: failure.description, from: host)
                }
            case .bytes(let bytes):
                for key in reader.take(bytes) {
                    guard let effect = screen.take(key, page: renderer.page(of: screen)) else { continue }
                    if effect == .quit { return }
                    perform(effect, sink)
                }
            case .description(let text, let id):
                screen.show(id.description, text)
                layOut()
            case .message(let text): screen.say(text)
            case .resized:
                terminal.forget()
                layOut()
            }
            draw()
        }
    }

    private var renderer: TopRenderer {
        let size = terminal.size
        return TopRenderer(rows: size.rows, columns: size.columns, style: style)
    }

    private mutating func layOut() {
        let renderer = renderer
        screen.layOut(page: renderer.page(of: screen), renderer.wrapped)
    }

    private func draw() {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { ($0 < 10 ? "0" : "") + String($0) }
        let renderer = renderer
        terminal.draw(
            renderer.rows < TopRenderer.leastRows
                ? ["too few rows: \(TopRenderer.leastRows) are needed"]
                : renderer.frame(screen, clock: clock.joined(separator: ":")))
    }

    private static func overview(of client: DaemonClient) async -> Result<OverviewDocument, ClientFailure> {
        do throws(ClientFailure) { return .success(try await client.overview()) } catch { return .failure(error) }
    }

    private func perform(_ effect: TopScreen.Effect, _ sink: AsyncStream<Event>.Continuation) {
        switch effect {
        case .quit: break
        case .describe(let subject):
            let client = clients[subject.host]
            Task {
                do throws(ClientFailure) {
                    let description = try await DescribedObject(of: subject.object, from: client)
                    sink.yield(.description(description.text(now: .ofWallClock), of: subject.object))
                } catch {
                    sink.yield(.message(error.description))
                }
            }
        case .pause(let subject, let reason): request(.pause(subject.object, reason: reason), subject.host, sink)
        case .resume(let subject): request(.resume(subject.object), subject.host, sink)
        }
    }

    private func request(_ request: CommandRequest, _ host: Int, _ sink: AsyncStream<Event>.Continuation) {
        let socketPath = clients[host].socketPath
        Task {
            do throws(ClientFailure) {
                sink.yield(.message(try await CommandClient.send(request, socketPath: socketPath)))
            } catch {
                sink.yield(.message(error.description))
            }
        }
    }
}
