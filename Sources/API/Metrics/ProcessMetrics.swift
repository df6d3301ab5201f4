import Foundation

/// The program as the kernel sees it, under the names of Prometheus' client libraries.
enum ProcessMetrics {
    static func families() -> [MetricFamily] {
        // Fields of proc(5), the third being the first after the name; all of them unknown where there is no /proc.
        guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return [] }
        let fields = text[text.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
        guard fields.count > 21 else { return [] }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        var families = [
            MetricFamily(
                "process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.",
                (fields[11] + fields[12]) / ticks),
            MetricFamily(
                "process_resident_memory_bytes", .gauge, "Resident memory size in bytes.",
                fields[21] * Double(sysconf(Int32(_SC_PAGESIZE)))),
        ]
        if let boot = bootTime {
            families.append(
                MetricFamily(
                    "process_start_time_seconds", .gauge,
                    "Start time of the process since unix epoch in seconds.", boot + fields[19] / ticks))
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            families.append(
                MetricFamily("process_open_fds", .gauge, "Number of open file descriptors.", Double(open)))
        }
        return families
    }

    private static let bootTime: Double? = {
        guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("btime ") })
        else { return nil }
        return Double(line.dropFirst("btime ".count))
    }()
}
