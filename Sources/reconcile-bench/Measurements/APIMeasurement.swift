import Foundation
import Glibc

/// The daemon's API on a host with 500 objects: under load while the host converges, scraped, listened to, and woken up.
///
/// The 500 objects are paused, so that the engine has nothing to do with them; the workload of the bench is what converges.
struct APIMeasurement {
    private static let objects = 500
    private static let secret = "a secret of the bench"

    let bench: Workbench
    /// Requests a second, and for how long.
    let rate = 500
    let seconds: Int
    let subscribers: Int
    let repetitions: Int

    /// Expects an empty engine.
    func measure(into report: inout Report) throws(BenchError) {
        for (number, text) in Self.pausedObjects.enumerated() {
            try bench.commit(text, as: "paused-\(number).yaml")
        }
        let configuration = try bench.write(
            "api: {webhookSecretFile: \(bench.folder)/secret}\n", beside: "api.yaml")
        let secret = try bench.write(Self.secret + "\n", beside: "secret")
        chmod(secret, 0o600)
        let (proxy, path) = try bench.makeProxy("api")
        defer { proxy.stop() }
        let daemon = try bench.start(
            // Every object has a network of its own.
            ["--config", configuration, "--interval", "1h", "--network-range", "10.0.0.0/8"], from: .repository,
            state: "api", socketPath: path)
        do throws(BenchError) {
            try measure(daemon, proxy, into: &report)
        } catch {
            _ = try daemon.stop()
            throw error
        }
        _ = try daemon.stop()
    }

    private func measure(_ daemon: ChildProcess, _ proxy: RecordingProxy, into report: inout Report) throws(BenchError)
    {
        let socket = bench.folder + "/api/reconcile.sock"
        try waitFor("the daemon") { access(socket, W_OK) == 0 }
        try waitFor("the first plan") {
            // There is a file a moment before anybody listens.
            guard var connection = try? RawConnection(socket), let body = try? connection.call("GET", "/v1/status")
            else { return false }
            return String(decoding: body, as: UTF8.self).contains("\"Paused\"")
        }
        let load = APILoad(socket: socket, rate: rate, seconds: seconds) { Self.target($0) }
        let figures = try load.measure(beside: bench.folder)
        progress("API: p99 \(figures.all.percentile(99).text(1)) ms, \(try bench.engine.runningCount()) containers run")
        figures.add(to: &report, while: "\(bench.replicas) containers start")
        try waitFor("\(bench.replicas) containers") { () throws(BenchError) in
            try bench.engine.runningCount() == bench.replicas
        }
        try scrape(socket, into: &report)
        try listen(socket, daemon, into: &report)
        try wakeUp(socket, proxy, into: &report)
    }

    // MARK: Load

    /// What dashboards and scripts ask for; a whole status once in twenty.
    private static func target(_ number: Int) -> String {
        switch number % 20 {
        case 0: "/v1/status"
        case 1: "/v1/events?limit=20"
        case 2: "/metrics"
        case 3, 4: "/readyz"
        default: "/v1/objects/Workload/paused-\(number % objects)"
        }
    }

    // MARK: The rest

    private func scrape(_ socket: String, into report: inout Report) throws(BenchError) {
        var connection = try RawConnection(socket)
        var times: [Double] = []
        for _ in 0..<repetitions {
            // Longer than anything is kept, as between two scrapes.
            Thread.sleep(forTimeInterval: 1.2)
            let begun = ContinuousClock.now
            _ = try connection.call("GET", "/metrics")
            times.append((ContinuousClock.now - begun).milliseconds)
        }
        report.add("/metrics, \(Self.objects) objects", milliseconds: Samples(times), below: 10)
    }

    private func listen(_ socket: String, _ daemon: ChildProcess, into report: inout Report) throws(BenchError) {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        if getrlimit(resource, &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            setrlimit(resource, &limit)
        }
        let before = try ProcessUsage(of: daemon.id)
        var descriptors: [CInt] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        let request = Array("GET /v1/events/stream HTTP/1.1\r\nHost: bench\r\n\r\n".utf8)
        for number in 0..<subscribers {
            let descriptor = try UnixSocket.connect(to: socket)
            descriptors.append(descriptor)
            var answer: [UInt8] = []
            guard UnixSocket.send(request, to: descriptor), UnixSocket.receive(from: descriptor, into: &answer) else {
                throw BenchError("listener \(number) was not let in")
            }
        }
        Thread.sleep(forTimeInterval: 1)
        let after = try ProcessUsage(of: daemon.id)
        report.add(
            "\(subscribers) listeners of the event stream: resident memory of the daemon", after.resident.mebibytes,
            "\(before.resident.mebibytes) before them",
            goal: .init(text: "< 100 MB", isMet: after.resident < 100_000_000))
    }

    /// From the webhook of a push to the first call that changes something.
    private func wakeUp(_ socket: String, _ proxy: RecordingProxy, into report: inout Report) throws(BenchError) {
        var times: [Double] = []
        for number in 0..<repetitions {
            try bench.commit(Self.workload("pushed-\(number)", isPaused: false), as: "pushed-\(number).yaml")
            // The source is looked at once a second at most, and what was begun before must have ended.
            Thread.sleep(forTimeInterval: 2.5)
            _ = proxy.takeRequests()
            var connection = try RawConnection(socket)
            let begun = ContinuousClock.now
            _ = try connection.call(
                "POST", "/v1/webhooks/gitlab",
                headers: "X-Gitlab-Token: \(Self.secret)\r\nX-Gitlab-Event: Push Hook\r\n")
            try waitFor("a change after webhook \(number)") { !proxy.takeRequests().writes.isEmpty }
            times.append((ContinuousClock.now - begun).milliseconds)
        }
        report.add(
            "webhook to the first call that changes something, \(Self.objects) objects", milliseconds: Samples(times),
            below: 300)
    }

    private func waitFor(_ what: String, _ condition: () throws(BenchError) -> Bool) throws(BenchError) {
        let end = ContinuousClock.now + .seconds(60)
        while !(try condition()) {
            guard ContinuousClock.now < end else { throw BenchError("waited in vain for \(what)") }
            usleep(1_000)
        }
    }

    // MARK: Specs

    /// File by file: one may have 256 documents.
    private static var pausedObjects: [String] {
        stride(from: 0, to: objects, by: 100).map { first in
            (first..<min(first + 100, objects)).map { workload("paused-\($0)", isPaused: true) }
                .joined(separator: "---\n")
        }
    }

    private static func workload(_ name: String, isPaused: Bool) -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: \(name), annotations: {reconcile.dev/paused: "\(isPaused ? "for the bench" : "false")"}}
        spec:
          hostPool: bench
          replicas: 1
          template:
            image: busybox:local
            pullPolicy: Never
            command: [sleep, "2147483647"]
            stopTimeout: 0s

        """
    }
}
