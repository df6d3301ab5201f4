import Reconciler
import Specs

/// The history of revisions as a table, newest first.
enum RevisionTable {
    static func text(_ records: [RevisionRecord]) -> String {
        let header = ["REVISION", "OUTCOME", "TIME", "AUTHOR", "SUBJECT"]
        let rows = records.map { record in
            [
                record.revision.description, record.outcome.rawValue, record.time.description,
                record.commit?.author ?? "", record.commit?.subject ?? "",
            ]
        }
        let notes = records.filter { !$0.message.isEmpty }.map { record in
            "\(record.outcome.rawValue.lowercased())  \(record.revision): \(record.message)"
        }
        return (Table.lines([header] + rows) + (notes.isEmpty ? [] : [""] + notes)).joined(separator: "\n")
    }
}
