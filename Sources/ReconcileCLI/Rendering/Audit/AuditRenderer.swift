import Reconciler
import Specs
import Storage

/// What `reconcile audit` prints.
enum AuditRenderer {
    /// - Parameter count: how many there are of which these are the newest.
    static func text(_ records: [AuditRecord], of count: Int) -> String {
        if records.isEmpty { return "no entries" }
        let rows = records.map { record in
            let entry = record.entry
            return [
                String(record.number), entry.time.description, entry.actor, entry.action,
                entry.object.isEmpty ? "-" : entry.object, entry.revision.map { String($0.prefix(7)) } ?? "-",
                entry.detail,
            ].map(shown)
        }
        let head = ["SEQ", "TIME", "ACTOR", "ACTION", "OBJECT", "REVISION", "DETAIL"]
        var lines = Table.lines([head] + rows)
        if records.count < count { lines += ["", "the newest \(records.count) of \(count); --all shows all"] }
        return lines.joined(separator: "\n")
    }

    /// The bytes of the file are whatever somebody made of them: nothing of it may steer the terminal.
    private static func shown(_ text: String) -> String { String(Diagnostic.quote(text).dropFirst().dropLast()) }

    static func json(_ records: [AuditRecord]) -> JSON {
        let entries = records.map { record -> JSON in
            let entry = record.entry
            return .object([
                JSON.Member("seq", .integer(Int64(clamping: record.number))),
                JSON.Member("time", .string(entry.time.description)), JSON.Member("actor", .string(entry.actor)),
                JSON.Member("action", .string(entry.action)), JSON.Member("object", .string(entry.object)),
                JSON.Member("detail", .string(entry.detail)),
                JSON.Member("revision", entry.revision.map { .string($0) } ?? .null),
                JSON.Member("hash", .string(record.hash)), JSON.Member("file", .string(record.file)),
                JSON.Member("line", .integer(Int64(record.line))),
            ])
        }
        return .object([JSON.Member("version", .integer(1)), JSON.Member("entries", .array(entries))])
    }

    static func text(_ verdict: AuditVerdict) -> String {
        var lines: [String] = []
        if let finding = verdict.finding {
            lines.append("\(finding.file):\(finding.line): \(words(finding.kind))")
            lines.append("lines before it that are as they were written: \(verdict.goodLines)")
        } else {
            lines.append("as it was written, lines: \(verdict.goodLines)")
        }
        if let head = verdict.head { lines.append("head: \(head.number):\(head.digest)") }
        if verdict.unfinishedBytes > 0 {
            lines.append("a last line that is being written, or that a crash left, bytes: \(verdict.unfinishedBytes)")
        }
        return lines.joined(separator: "\n")
    }

    private static func words(_ kind: AuditVerdict.Finding.Kind) -> String {
        switch kind {
        case .altered: "altered: this line is not as it was written"
        case .removed: "removed: lines that stood before this place are gone"
        case .inserted: "inserted: this line was not written by the log"
        case .reordered: "reordered: this line stood at another place"
        }
    }

    static func json(_ verdict: AuditVerdict) -> JSON {
        let finding = verdict.finding.map { finding -> JSON in
            .object([
                JSON.Member("kind", .string(finding.kind.rawValue)), JSON.Member("file", .string(finding.file)),
                JSON.Member("line", .integer(Int64(finding.line))),
            ])
        }
        let head = verdict.head.map { head -> JSON in
            .object([
                JSON.Member("number", .integer(Int64(clamping: head.number))),
                JSON.Member("digest", .string(head.digest)),
            ])
        }
        return .object([
            JSON.Member("version", .integer(1)), JSON.Member("ok", .boolean(finding == nil)),
            JSON.Member("goodLines", .integer(Int64(verdict.goodLines))), JSON.Member("head", head ?? .null),
            JSON.Member("finding", finding ?? .null),
            JSON.Member("unfinishedBytes", .integer(Int64(verdict.unfinishedBytes))),
        ])
    }
}
