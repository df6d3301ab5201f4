import GRDB
import Reconciler
import Specs

/// The highest incarnation of each slot.
enum IncarnationTable {
    /// A lower number than the stored one changes nothing.
    static func raise(_ member: MemberID, to incarnation: Int, in database: Database) throws {
        try database.run(
            """
            INSERT INTO incarnation (kind, name, slot, highest) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET highest = max(highest, excluded.highest)
            """, [member.object.kind.rawValue, member.object.name, member.slot, incarnation])
    }

    static func all(in database: Database) throws -> [MemberID: Int] {
        var incarnations: [MemberID: Int] = [:]
        for row in try database.rows("SELECT kind, name, slot, highest FROM incarnation") {
            // A kind that this version does not know belongs to a newer one, and is kept for it.
            guard let member = MemberID(row) else { continue }
            incarnations[member] = row["highest"]
        }
        return incarnations
    }
}

/// Who may have each instance; one without a row is ready.
enum PhaseTable {
    /// - Throws: `StateStoreError` with `conflict` when the phase is another, or must not become the new one.
    static func move(
        _ instance: MemberInstance, from: MemberPhase, to: MemberPhase, in database: Database
    ) throws {
        let found = try String.fetchOne(
            database.cachedStatement(
                sql: "SELECT phase FROM phase WHERE kind = ? AND name = ? AND slot = ? AND incarnation = ?"),
            arguments: key(instance))
        guard (found ?? MemberPhase.ready.rawValue) == from.rawValue, from.mayBecome(to) else {
            throw StateStoreError(
                .conflict,
                "\(instance) is '\(found ?? MemberPhase.ready.rawValue)', and was to go from '\(from.rawValue)' to "
                    + "'\(to.rawValue)'")
        }
        try database.run(
            "INSERT OR REPLACE INTO phase (kind, name, slot, incarnation, phase) VALUES (?, ?, ?, ?, ?)",
            key(instance) + [to.rawValue])
    }

    static func forget(_ instance: MemberInstance, in database: Database) throws {
        try database.run(
            "DELETE FROM phase WHERE kind = ? AND name = ? AND slot = ? AND incarnation = ?", key(instance))
    }

    static func all(in database: Database) throws -> [MemberInstance: MemberPhase] {
        var phases: [MemberInstance: MemberPhase] = [:]
        for row in try database.rows("SELECT kind, name, slot, incarnation, phase FROM phase") {
            guard let member = MemberID(row) else { continue }
            // A phase of a newer version: neither handed out nor taken away, and no compare-and-set matches it.
            phases[MemberInstance(member, row["incarnation"])] = MemberPhase(rawValue: row["phase"]) ?? .claimed
        }
        return phases
    }

    private static func key(_ instance: MemberInstance) -> StatementArguments {
        let member = instance.member
        return [member.object.kind.rawValue, member.object.name, member.slot, instance.incarnation]
    }
}

/// The run in which our own probe found each container ready.
enum ProbeTable {
    static func record(_ container: String, _ start: String, in database: Database) throws {
        try database.run(
            "INSERT OR REPLACE INTO probed_start (container, started_at) VALUES (?, ?)", [container, start])
    }

    static func forget(_ containers: Set<String>, in database: Database) throws {
        for container in containers {
            try database.run("DELETE FROM probed_start WHERE container = ?", [container])
        }
    }

    static func all(in database: Database) throws -> [String: String] {
        let rows = try database.rows("SELECT container, started_at FROM probed_start")
        return Dictionary(rows.map { ($0["container"], $0["started_at"]) }, uniquingKeysWith: { _, new in new })
    }
}

extension MemberID {
    /// Of the columns `kind`, `name` and `slot`; nil for a kind that this version does not know.
    fileprivate init?(_ row: Row) {
        guard let kind = ResourceKind(rawValue: row["kind"]) else { return nil }
        self.init(ResourceID(kind, row["name"]), row["slot"])
    }
}
