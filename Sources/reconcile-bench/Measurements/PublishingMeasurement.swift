import Foundation

/// Published ports under `wrk`, which tries nothing twice, from another network namespace: throughput through a port of ours
/// against the engine's own publishing of the same server, and failed requests while members are replaced.
struct PublishingMeasurement {
    let bench: Workbench
    let rounds: Int
    /// Of load, each time.
    let seconds: Int

    private static let ours = 18_080
    private static let engines = 18_081
    private static let host = "192.175.48.1"

    /// What one run of `wrk` came to.
    private struct Load {
        var perSecond: Double
        /// Connections that were refused, broken or too slow, and answers that were no success.
        var failed: Int
    }

    func measure(into report: inout Report) throws(BenchError) {
        let server = try bench.write(HTTPServer.source, beside: "server/server.c")
        try run("gcc -O2 -static -pthread -o \(bench.folder)/server/server \(server)")
        try run(
            """
            ip netns add wrk; ip link add cable0 type veth peer name eth0 netns wrk
            ip addr add \(Self.host)/24 dev cable0; ip link set cable0 up
            ip -n wrk addr add 192.175.48.2/24 dev eth0; ip -n wrk link set eth0 up
            """)
        let daemon: ChildProcess
        do throws(BenchError) {
            try commit(version: "1", .rolling, replicas: 1)
            daemon = try bench.start(["--interval", "1s"], from: .repository, state: "publishing")
        } catch {
            try run("ip netns del wrk")
            throw error
        }
        let result = Result { () throws(BenchError) in try measure(beside: daemon, into: &report) }
        let end = Result { () throws(BenchError) in try daemon.stop() }
        try run("ip netns del wrk")
        try result.get()
        _ = try end.get()
    }

    private func measure(beside daemon: ChildProcess, into report: inout Report) throws(BenchError) {
        for port in [Self.ours, Self.engines] { try awaitAnswers(of: "1", at: port) }
        var (own, docker): ([Double], [Double]) = ([], [])
        for round in 1...rounds {
            // Whoever comes first has the colder caches.
            for port in round % 2 == 0 ? [Self.ours, Self.engines] : [Self.engines, Self.ours] {
                let load = try load(port, for: seconds)
                guard load.failed == 0 else { throw BenchError("\(load.failed) requests failed at rest") }
                if port == Self.ours { own.append(load.perSecond) } else { docker.append(load.perSecond) }
            }
            progress("requests a second: ours \(own.last ?? 0), the engine's \(docker.last ?? 0)")
        }
        for (what, samples) in [("the engine's published port", Samples(docker)), ("a port of ours", Samples(own))] {
            report.add(
                "requests through \(what)", "\(samples.median.text(0))/s",
                "\(samples.minimum.text(0))-\(samples.maximum.text(0)), \(samples.count) runs of \(seconds) s")
        }
        let ratios = zip(own, docker).map { $0 / $1 }
        report.add("a port of ours / the engine's publishing", ratio: Samples(ratios), atLeast: 0.95)
        for (index, strategy) in [Strategy.rolling, .blueGreen].enumerated() {
            let version = "\(index + 2)"
            let ending = try self.load(Self.ours, for: 30) { () throws(BenchError) in
                Thread.sleep(forTimeInterval: 2)
                try commit(version: version, strategy, replicas: 3)
            }
            try awaitAnswers(of: version, at: Self.ours)
            progress("\(strategy.rawValue): \(ending.failed) failed at \(ending.perSecond) requests a second")
            report.add(
                "failed requests, \(strategy.rawValue) update of 3 members under load", "\(ending.failed)",
                "of \((ending.perSecond * 30).text(0))", goal: Report.Goal(text: "0", isMet: ending.failed == 0))
        }
    }

    private enum Strategy: String { case rolling, blueGreen = "blue-green" }

    private func commit(version: String, _ strategy: Strategy, replicas: Int) throws(BenchError) {
        // A mount takes no path with an empty part.
        let folder = "/" + bench.folder.split(separator: "/").joined(separator: "/")
        func workload(_ name: String, _ port: Int, replicas: Int, _ version: String, _ strategy: String) -> String {
            """
            ---
            apiVersion: reconcile.dev/v1
            kind: Workload
            metadata: {name: \(name)}
            spec:
              hostPool: bench
              replicas: \(replicas)
              strategy: {\(strategy)}
              publish: [{hostPort: \(port), containerPort: 8080}]
              template:
                image: busybox:local
                pullPolicy: Never
                command: [/server/server, "\(version)"]
                stopTimeout: 10s
                mounts: [{type: bind, source: \(folder)/server, target: /server, readOnly: true}]
                healthCheck: {command: [busybox, wget, -q, -O, /dev/null, "http://127.0.0.1:8080/"], interval: 1s}

            """
        }
        let kind = strategy == .rolling ? "type: rolling" : "type: blueGreen, blueGreen: {hold: 1s}"
        let text =
            workload("web", Self.ours, replicas: replicas, version, kind)
            + workload("docker", Self.engines, replicas: 1, "1", "type: recreate")
        try bench.commit(text, as: "web.yaml")
    }

    // MARK: On the other side of the cable

    /// Waits until all of ten answers in a row are these.
    private func awaitAnswers(of version: String, at port: Int) throws(BenchError) {
        try run(
            """
            for try in $(seq 150); do
                answers=$(for i in $(seq 10); do timeout 2 ip netns exec wrk busybox wget -q -O - http://\(Self.host):\(port)/ 2>/dev/null; done) || true
                if [[ $answers == \(String(repeating: version, count: 10)) ]]; then exit 0; fi; sleep 0.2
            done; tail -3 \(bench.folder)/stderr >&2; echo "no answers '\(version)' at \(port): $answers" >&2; exit 1
            """)
    }

    private func load(
        _ port: Int, for seconds: Int, meanwhile body: () throws(BenchError) -> Void = {}
    ) throws(BenchError) -> Load {
        let file = "\(bench.folder)/wrk.out"
        let words =
            "ip netns exec wrk wrk --threads 1 --connections 32 --duration \(seconds)s http://\(Self.host):\(port)/"
        let process = try ChildProcess(
            "/bin/bash", ["-c", "exec \(words) > \(file)"], errorFile: bench.folder + "/wrk.errors")
        let outcome = Result { () throws(BenchError) in try body() }
        _ = try process.wait()
        try outcome.get()
        let text = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let rate = text.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec:") }),
            let perSecond = Double(rate.split(separator: " ").last ?? "")
        else { throw BenchError("wrk says nothing of requests: \(text)") }
        // `Socket errors: connect 0, read 0, write 0, timeout 0` and `Non-2xx or 3xx responses: 1` come only with errors.
        let complaints = text.split(separator: "\n").filter { $0.contains("errors:") || $0.contains("responses:") }
        let failed = complaints.flatMap { $0.split(whereSeparator: { ": ,".contains($0) }) }.compactMap { Int($0) }
        return Load(perSecond: perSecond, failed: failed.reduce(0, +))
    }

    private func run(_ script: String) throws(BenchError) {
        _ = try ChildProcess("/bin/bash", ["-ec", script], errorFile: bench.folder + "/publishing.errors").wait()
    }
}

/// A small server of one page that keeps connections open, and ends at SIGTERM when everybody has their answer.
private enum HTTPServer {
    static let source = #"""
        #include <netinet/in.h>
        #include <netinet/tcp.h>
        #include <poll.h>
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/socket.h>
        #include <unistd.h>
        static volatile sig_atomic_t stopping;
        static int open_connections;
        static const char *page;
        static void stop(int signal) { stopping = 1; }
        static void *serve(void *argument) {
            int fd = (int)(long)argument, used = 0;
            char request[8192], reply[256];
            for (;;) {
                ssize_t count = read(fd, request + used, sizeof request - 1 - used);
                if (count <= 0) break;
                used += count;
                request[used] = 0;
                if (!strstr(request, "\r\n\r\n")) continue;
                used = 0;
                int last = stopping;
                int length = snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: %s\r\n\r\n%s",
                    strlen(page), last ? "close" : "keep-alive", page);
                if (write(fd, reply, length) != length || last) break;
            }
            close(fd);
            __sync_fetch_and_sub(&open_connections, 1);
            return NULL;
        }
        int main(int count, char **words) {
            page = count > 1 ? words[1] : "none";
            struct sigaction action = {.sa_handler = stop};
            sigaction(SIGTERM, &action, NULL);
            signal(SIGPIPE, SIG_IGN);
            int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
            setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
            struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080)};
            if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) return 1;
            for (int rest = 10; rest > 0;) {
                struct pollfd ready = {.fd = listener, .events = POLLIN};
                if (poll(&ready, 1, 50) <= 0) {
                    /* Whoever was led here at the last moment is let in. */
                    if (stopping) rest--;
                    continue;
                }
                int fd = accept(listener, NULL, NULL);
                if (fd < 0) continue;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                __sync_fetch_and_add(&open_connections, 1);
                pthread_t thread;
                if (pthread_create(&thread, NULL, serve, (void *)(long)fd)) return 1;
                pthread_detach(thread);
            }
            while (open_connections > 0) usleep(10000);
            return 0;
        }

        """#
}
