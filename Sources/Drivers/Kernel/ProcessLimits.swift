/// The limits of setrlimit(2), as `/proc/PID/limits` shows them (proc(5)).
enum ProcessLimits {
    private static let names: [(line: String, name: String)] = [
        ("Max cpu time", "cpu"), ("Max file size", "fsize"), ("Max data size", "data"), ("Max stack size", "stack"),
        ("Max core file size", "core"), ("Max resident set", "rss"), ("Max processes", "nproc"),
        ("Max open files", "nofile"), ("Max locked memory", "memlock"), ("Max file locks", "locks"),
        ("Max pending signals", "sigpending"), ("Max msgqueue size", "msgqueue"), ("Max nice priority", "nice"),
        ("Max realtime priority", "rtprio"), ("Max realtime timeout", "rttime"),
    ]

    /// Soft and hard limits by Docker's names; -1 is unlimited.
    static func all(in text: String) -> [String: (soft: Int64, hard: Int64)] {
        var limits: [String: (soft: Int64, hard: Int64)] = [:]
        for line in text.split(separator: "\n") {
            guard let known = names.first(where: { line.hasPrefix($0.line + " ") }) else { continue }
            let words = line.dropFirst(known.line.count).split(separator: " ")
            guard words.count >= 2, let soft = value(words[0]), let hard = value(words[1]) else { continue }
            limits[known.name] = (soft, hard)
        }
        return limits
    }

    private static func value(_ word: Substring) -> Int64? { word == "unlimited" ? -1 : Int64(word) }
}
