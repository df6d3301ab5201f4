import API
import ArgumentParser
import Foundation

/// Shows the log of the controller: what the daemon keeps of it, or an archive.
struct ControllerLogs {
    /// Between two questions to the daemon.
    private static let pause = Duration.milliseconds(500)
    /// As many as the daemon answers with; all that it keeps are fewer.
    private static let most = 100_000

    let query: LogQuery
    let tail: TailCount
    let format: PlainFormat
    let style: Style

    /// What the daemon keeps, and with `follows` what it adds, until that is interrupted or the daemon ends.
    func run(_ client: DaemonClient, follows: Bool) async throws {
        let first = try await client.logs(query, limit: max(1, tail.count ?? Self.most))
        let shown = tail.count == 0 ? [] : first.items
        for record in shown { print(record) }
        if !follows {
            if shown.isEmpty { Terminal.complain("no entries") }
            return
        }
        var cursor = first.cursor
        while true {
            try await Task.sleep(for: Self.pause)
            let page: LogPage
            do throws(ClientFailure) {
                page = try await client.logs(query, limit: Self.most, after: cursor)
            } catch {
                throw error.isAbsent ? ClientFailure.ended : error
            }
            if page.missed > 0 { Terminal.complain("\(page.missed) entries came too fast to be kept for this") }
            for record in page.items { print(record) }
            cursor = page.cursor
        }
    }

    /// An archive: the lines that the daemon wrote in JSON, as `journalctl -o cat` gives them back.
    ///
    /// - Parameter path: `-` is standard input.
    func run(file path: String) throws {
        var newest: [LogRecord] = []
        var others = 0
        try Self.forEachLine(of: path) { line in
            guard let record = LogRecord(jsonLine: line) else {
                others += 1
                return
            }
            guard query.matches(record) else { return }
            guard let count = tail.count else { return print(record) }
            newest.append(record)
            // Now and then, or every line would move all of them.
            if newest.count / 2 > max(count, 500) { newest.removeFirst(newest.count - count) }
        }
        for record in newest.suffix(tail.count ?? 0) { print(record) }
        if others > 0 {
            let lines = others == 1 ? "1 line is" : "\(others) lines are"
            Terminal.complain("\(lines) no entry of the log in JSON, and left out")
        }
    }

    private func print(_ record: LogRecord) {
        let entry = LogEntry(record)
        let line = format == .json ? entry.json.map(HarmlessText.json) : Data((entry.text(style) + "\n").utf8)
        if let line { LineOutput.write(line, to: STDOUT_FILENO) }
    }

    private static func forEachLine(of path: String, _ body: (Data) -> Void) throws {
        let handle: FileHandle
        if path == "-" {
            handle = .standardInput
        } else {
            do {
                handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            } catch {
                throw UsageError("'\(path)' cannot be read: \(error.fileReason)")
            }
        }
        var rest = Data()
        while let chunk = try handle.read(upToCount: 1 << 16), !chunk.isEmpty {
            rest += chunk
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                if end > rest.startIndex { body(Data(rest[..<end])) }
                rest = rest[(end + 1)...]
            }
            rest = Data(rest)
        }
        if !rest.isEmpty { body(rest) }
    }
}
