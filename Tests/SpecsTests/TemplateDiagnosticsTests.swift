import Specs
import Testing

@Suite("What is wrong with a container template is said at its place")
struct TemplateDiagnosticsTests {
    /// Lines behind `image: a` on line 13; the first of them is on line 14, and all begin at column 5.
    @Test(
        "fields",
        arguments: [
            (
                "memry: 64Mi",
                "14:5: error: unknown key 'memry' (known keys: image, command, args, env, labels, mounts, ports, user, healthCheck, stopTimeout, pullPolicy, resources, securityProfile, network)"
            ),
            ("comand: [a]", "14:5: error: unknown key 'comand' (did you mean 'command'?)"),
            ("command: sleep 1", "14:14: error: 'spec.template.command' must be a list, not the string 'sleep 1'"),
            (
                "command: [sleep, 1]",
                "14:22: error: 'spec.template.command.1' must be a string, not the integer '1' (put it in quotes)"
            ),
            (
                "args: []",
                "14:11: error: 'spec.template.args' must have at least one item (leave it out for the default)"
            ),
            ("env: [A=b]", "14:10: error: 'spec.template.env' must be a map"),
            ("env: {A: }", "14:14: error: 'spec.template.env.A' has no value (write \"\" for an empty string)"),
            ("env: {A: [b]}", "14:14: error: 'spec.template.env.A' must be a string, not a list"),
            (
                "env: {1A: b}",
                "14:11: error: key '1A' of 'spec.template.env' must be a variable name of A-Z, a-z, 0-9, '_', '-' and '.' that does not begin with a digit"
            ),
            (
                "env: {A=: b}",
                "14:11: error: key 'A=' of 'spec.template.env' must be a variable name of A-Z, a-z, 0-9, '_', '-' and '.' that does not begin with a digit"
            ),
            (
                "labels: {dev.reconcile.slot: a}",
                "14:14: error: label 'dev.reconcile.slot' is reserved for the controller (keys must not begin with 'dev.reconcile.')"
            ),
            ("ports: [0]", "14:13: error: 'spec.template.ports.0' must be 1-65535, not '0'"),
            (
                "ports: [53/icmp]",
                "14:13: error: 'spec.template.ports.0' must be a port such as 80 or 53/udp, not '53/icmp' (ports are 1-65535, protocols are tcp, udp and sctp)"
            ),
            ("ports: [80, 80/tcp]", "14:17: error: port '80/tcp' is listed twice, first at web.yaml:14:13"),
            (
                "user: 0:0:0",
                "14:11: error: 'spec.template.user' must be a user such as 'app', 'app:app', 1000 or '1000:1000', not '0:0:0' (ids are 0-2147483647)"
            ),
            (
                "user: 4294967296",
                "14:11: error: 'spec.template.user' must be a user such as 'app', 'app:app', 1000 or '1000:1000', not '4294967296' (ids are 0-2147483647)"
            ),
            (
                "stopTimeout: 10",
                "14:18: error: 'spec.template.stopTimeout' must be a duration such as 90s or 1h30m, not '10' (give it a unit: '10s' is seconds)"
            ),
            ("stopTimeout: 1500ms", "14:18: error: 'spec.template.stopTimeout' must be whole seconds, not '1s500ms'"),
            ("stopTimeout: 2h", "14:18: error: 'spec.template.stopTimeout' must be 0s to 1h, not '2h'"),
            (
                "pullPolicy: always",
                "14:17: error: 'spec.template.pullPolicy' must be Always, IfNotPresent or Never, not 'always' (did you mean 'Always'?)"
            ),
            ("healthCheck: {}", "14:18: error: 'spec.template.healthCheck' needs 'command'"),
            (
                "healthCheck: {command: []}",
                "14:28: error: 'spec.template.healthCheck.command' must have at least one item (leave it out for the default)"
            ),
            (
                "healthCheck: {command: [a], interval: 500ms}",
                "14:43: error: 'spec.template.healthCheck.interval' must be 1s to 24h, not '500ms'"
            ),
            (
                "healthCheck: {command: [a], retries: 0}",
                "14:42: error: 'spec.template.healthCheck.retries' must be 1-100, not '0'"
            ),
            (
                "healthCheck: {command: [a], startPeriod: 1us}",
                "14:46: error: 'spec.template.healthCheck.startPeriod' must be 0s, or 1ms or more, not '1000ns'"
            ),
        ])
    func fields(lines: String, expected: String) {
        #expect(findings(workload(template: "image: a\n" + lines)) == ["web.yaml:" + expected])
    }

    @Test(
        "mounts",
        arguments: [
            (
                "{type: volume, source: data, target: data}",
                "'spec.template.mounts.0.target' must be an absolute path in the container without '.', '..' or a '/' at its end, other than / and /proc, not 'data'"
            ),
            (
                "{type: volume, source: data, target: /a/../b}",
                "'spec.template.mounts.0.target' must be an absolute path in the container without '.', '..' or a '/' at its end, other than / and /proc, not '/a/../b'"
            ),
            (
                "{type: volume, source: data, target: /proc/sys}",
                "'spec.template.mounts.0.target' must be an absolute path in the container without '.', '..' or a '/' at its end, other than / and /proc, not '/proc/sys'"
            ),
            (
                "{type: volume, source: ./data, target: /a}",
                "'spec.template.mounts.0.source' must be a volume name of 2-255 characters of A-Z, a-z, 0-9, '_', '-' and '.', with a letter or digit first, not './data'"
            ),
            ("{type: volume, target: /a}", "'spec.template.mounts.0' needs 'source'"),
            (
                "{type: tmpfs, source: a, target: /a}",
                "'spec.template.mounts.0.source' does not belong to a mount of type 'tmpfs' (remove it)"
            ),
            (
                "{type: bind, source: /srv, target: /a, size: 1Mi}",
                "'spec.template.mounts.0.size' does not belong to a mount of type 'bind' (remove it)"
            ),
            ("{type: tmpfs, target: /a, size: 1}", "'spec.template.mounts.0.size' must be 4Ki to 64Ti, not '1'"),
            (
                "{type: tmpfs, target: /a, readOnly: yes}",
                "'spec.template.mounts.0.readOnly' must be true or false, not the string 'yes'"
            ),
            ("{type: nfs, target: /a}", "'spec.template.mounts.0.type' must be volume, bind or tmpfs, not 'nfs'"),
            (
                "{type: bind, source: data, target: /a}",
                "'spec.template.mounts.0.source' must be an absolute path of the host without '.', '..' or a '/' at its end, not 'data'"
            ),
            (
                "{type: bind, source: /srv/, target: /a}",
                "'spec.template.mounts.0.source' must be an absolute path of the host without '.', '..' or a '/' at its end, not '/srv/'"
            ),
            (
                "{type: tmpfs, target: /a}, {type: tmpfs, target: /a}",
                "target '/a' is mounted twice, first at web.yaml:14:36"
            ),
        ])
    func mounts(mounts: String, expected: String) {
        let found = findings(workload(template: "image: a\nmounts: [\(mounts)]"))
        #expect(found.map { $0.drop { $0 != " " }.dropFirst(8) } == [expected[...]])
    }

    @Test(
        "paths of the host that would give it away",
        arguments: [
            "/", "/etc", "/etc/cron.d", "/proc", "/sys/fs/cgroup", "/run", "/run/docker.sock", "/var/run/docker.sock",
            "/srv/docker.sock", "/dev/sda", "/boot", "/var/lib/docker", "/var/lib/docker/volumes", "/var/lib", "/var",
        ])
    func closedPaths(path: String) {
        let diagnostics = load(workload(template: "image: a\nmounts: [{type: bind, source: \(path), target: /a}]"))
            .diagnostics
        #expect(diagnostics.map(\.code) == [.reserved])
        #expect(diagnostics.first?.message.contains("must not be '\(path)'") == true)
    }

    @Test(
        "paths beside the closed ones are open",
        arguments: ["/srv", "/etcetera", "/var/lib/dockers", "/var/data", "/home/a"])
    func openPaths(path: String) {
        #expect(
            template("image: a\nmounts: [{type: bind, source: \(path), target: /a}]")?.mounts == [
                Mount(.bind(path), target: "/a")
            ])
    }

    @Test(
        "resources",
        arguments: [
            ("cpus: 5m", "cpus' must be 10m to 10000, not '5m'"),
            ("cpus: 0.001", "cpus' must be 10m to 10000, not '0.001'"),
            (
                "cpus: two",
                "cpus' must be an amount of CPU time such as 500m or 1.5, not 'two' (it begins with a digit)"
            ),
            (
                "cpus: 1e3",
                "cpus' must be an amount of CPU time such as 500m or 1.5, not '1e3' (the only unit is 'm', thousandths of a CPU)"
            ),
            (
                "cpus: 010",
                "cpus' must be an amount of CPU time such as 500m or 1.5, not '010' (remove the leading zero)"
            ),
            ("cpus: true", "cpus' must be an amount of CPU time such as 500m or 1.5, not the boolean 'true'"),
            ("memory: 5Mi", "memory' must be 6Mi to 64Ti, not '5Mi'"),
            ("memory: 999999Gi", "memory' must be 6Mi to 64Ti, not '999999Gi'"),
            ("memory: 99999999999Ei", "memory' must be 6Mi to 64Ti, not '99999999999Ei'"),
            ("memory: 1GB", "memory' must be an amount of bytes such as 512Mi or 4Gi, not '1GB' (write G)"),
            ("memorySwap: 1Gi", "memorySwap' needs 'memory' (swap counts on top of it)"),
            (
                "memory: 64Mi\nmemorySwap: 32Mi",
                "memorySwap' must be 64Mi or more, not '32Mi' (it counts memory and swap together; 'memory' alone is no swap)"
            ),
            ("pids: 0", "pids' must be 1-4194304, not '0'"),
            ("ulimits: {nofiles: 1}", "unknown key 'nofiles' (did you mean 'nofile'?)"),
            ("ulimits: {nofile: -2}", "ulimits.nofile' must be -1 or more, not '-2'"),
            ("ulimits: {nofile: {soft: 2, hard: 1}}", "ulimits.nofile.soft' must be at most 'hard', 1, not '2'"),
            ("ulimits: {nofile: {soft: -1, hard: 1}}", "ulimits.nofile.soft' must be at most 'hard', 1, not '-1'"),
            ("ulimits: {nofile: {soft: 1}}", "ulimits.nofile' needs 'hard'"),
            ("shm: 1", "shm' must be 4Ki to 64Ti, not '1'"),
        ])
    func resources(lines: String, expected: String) {
        let found = findings(workload(template: "image: a\nresources:\n" + indented(lines, by: 2)))
        let texts = found.map { $0.replacing("'spec.template.resources.", with: "").drop { $0 != " " }.dropFirst(8) }
        #expect(texts == [expected[...]])
    }

    @Test(
        "images that Docker takes",
        arguments: [
            "busybox", "busybox:local", "nginx:1.27-alpine", "team/app", "registry.example.com/team/app:v1",
            "localhost/app", "localhost:5000/app", "registry:5000/a/b/c:x", "127.0.0.1:5000/app", "[::1]:5000/app",
            "a--b/c__d.e",
            "app@sha256:" + String(repeating: "0a", count: 32), "app:v1@sha256:" + String(repeating: "f", count: 64),
        ])
    func images(image: String) {
        #expect(template("image: \"\(image)\"")?.image == image)
    }

    @Test(
        "images that Docker refuses",
        arguments: [
            "", "Nginx", "nginx:", "nginx:-a", "nginx:a b", "/nginx", "nginx/", "a//b", "a___b", "a..b", "-a", "a-",
            "a@b",
            "app@sha256:abc", "app@md5:" + String(repeating: "a", count: 32), "registry:x/app", "registry:70000/app",
            "http://a/b",
            "app:" + String(repeating: "a", count: 129), String(repeating: "a", count: 256),
            String(repeating: "0", count: 64),
            "$(reboot)", "a;b", "ä",
        ])
    func noImages(image: String) {
        let diagnostics = load(workload(template: "image: \"\(image)\"")).diagnostics
        #expect(diagnostics.map(\.code) == [.invalidValue])
        #expect(diagnostics.first?.message.hasPrefix("'spec.template.image' must be an image such as") == true)
    }
}
