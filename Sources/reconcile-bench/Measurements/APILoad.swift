import Foundation
import Synchronization

/// Requests at fixed times over the daemon's socket, and beside them messages to servers that only send back what comes.
///
/// What the machine itself costs is in the servers beside it: their threads do nothing but wait for a message. One of them is
/// scheduled like everything else, and one before everything else.
struct APILoad {
    struct Figures {
        /// Milliseconds, by what was asked for.
        var byKind: [String: [Double]] = [:]
        var ordinaryEcho: [Double] = []
        var promptEcho: [Double] = []
        var isPrompt = false
        var seconds = 0

        var all: Samples { Samples(byKind.values.flatMap { $0 }) }
    }

    let socket: String
    /// Requests a second, and for how long.
    let rate: Int
    let seconds: Int
    let target: @Sendable (Int) -> String

    private static let connections = 8
    /// Messages a second to each of the servers beside it.
    private static let echoes = 100

    /// - Parameter folder: for the sockets of the servers beside it.
    func measure(beside folder: String) throws(BenchError) -> Figures {
        let ordinary = try EchoServer(at: folder + "/echo.sock", isPrompt: false)
        let prompt = try EchoServer(at: folder + "/prompt-echo.sock", isPrompt: true)
        defer {
            ordinary.stop()
            prompt.stop()
        }
        let figures = Mutex(Figures(isPrompt: PromptThread.isAllowed, seconds: seconds))
        let threads = Counter(Self.connections + 2)
        let begun = ContinuousClock.now + .milliseconds(50)
        let requests = Counter(rate * seconds)
        try onThreads(Self.connections + 2) { () throws(BenchError) in
            // A client that waits for a processor would measure itself.
            PromptThread.enter()
            switch threads.next() {
            case 0:
                let times = try echo(ordinary.path, from: begun)
                figures.withLock { $0.ordinaryEcho = times }
            case 1:
                let times = try echo(prompt.path, from: begun)
                figures.withLock { $0.promptEcho = times }
            default:
                let times = try ask(requests, from: begun)
                figures.withLock { $0.byKind.merge(times) { $0 + $1 } }
            }
        }
        return figures.withLock { $0 }
    }

    /// Milliseconds from when each request was due, whether or not the one before was answered by then.
    private func ask(
        _ requests: Counter, from begun: ContinuousClock.Instant
    ) throws(BenchError) -> [String: [Double]] {
        var connection = try RawConnection(socket)
        var times: [String: [Double]] = [:]
        let period = Duration.seconds(1) / rate
        while let number = requests.next() {
            let due = begun + period * number
            sleep(until: due)
            let target = target(number)
            _ = try connection.call("GET", target)
            times[Self.kind(target), default: []].append(due.duration(to: .now).milliseconds)
        }
        return times
    }

    private func echo(_ path: String, from begun: ContinuousClock.Instant) throws(BenchError) -> [Double] {
        let descriptor = try UnixSocket.connect(to: path)
        defer { close(descriptor) }
        var times: [Double] = []
        for number in 0..<Self.echoes * seconds {
            let due = begun + Duration.seconds(1) / Self.echoes * number
            sleep(until: due)
            // One message is under way at a time: what kept the one before is counted there.
            let sent = ContinuousClock.now
            var answer: [UInt8] = []
            guard UnixSocket.send([1], to: descriptor), UnixSocket.receive(from: descriptor, into: &answer) else {
                throw BenchError("the echo at '\(path)' broke")
            }
            times.append(sent.duration(to: .now).milliseconds)
        }
        return times
    }

    private static func kind(_ target: String) -> String {
        let words = target.split(whereSeparator: { $0 == "/" || $0 == "?" })
        return words.count > 2 && words[1] == "objects"
            ? "one object" : words.first == "v1" ? String(words[1]) : String(words[0])
    }
}

extension APILoad.Figures {
    func add(to report: inout Report, while work: String) {
        let all = all
        let kinds = byKind.sorted { $0.key < $1.key }.map { "\($0.key) \(Samples($0.value).percentile(99).text(1))" }
        report.add(
            "API, \(all.count / max(seconds, 1)) requests/s while \(work): p99", "\(all.percentile(99).text(1)) ms",
            "median \(all.median.text(1)), p99.9 \(all.percentile(99.9).text(1)), most \(all.maximum.text(1)), \(all.count) requests; p99 of \(kinds.joined(separator: ", "))",
            goal: .init(text: "< 5 ms", isMet: all.percentile(99) < 5))
        let echoes = [
            ("a thread like all others that sends back one byte", ordinaryEcho),
            (
                isPrompt ? "the same, scheduled before all others" : "the same; it may not be scheduled before others",
                promptEcho
            ),
        ]
        for (name, times) in echoes {
            let samples = Samples(times)
            report.add(
                "beside it, \(name): p99", "\(samples.percentile(99).text(1)) ms",
                "median \(samples.median.text(1)), p99.9 \(samples.percentile(99.9).text(1)), most \(samples.maximum.text(1)); the API takes \((all.percentile(99) / max(samples.percentile(99), 0.001)).text(2))x of it"
            )
        }
    }
}
