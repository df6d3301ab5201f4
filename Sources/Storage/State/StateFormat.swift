import GRDB
import Reconciler

/// The format of the state file: one migration for each version. A migration that has shipped never changes.
enum StateFormat {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: revisions, incarnations, probed starts") { try $0.execute(sql: first) }
        migrator.registerMigration("2: journal of the control loop") { try $0.execute(sql: second) }
        migrator.registerMigration("3: claims") { try $0.execute(sql: third) }
        migrator.registerMigration("4: autoscalers, overrides of windows") { try $0.execute(sql: fourth) }
        migrator.registerMigration("5: drains, rollouts") { try $0.execute(sql: DrainTable.definition + fifth) }
        migrator.registerMigration("6: tasks") { try $0.execute(sql: TaskTable.definition) }
        return migrator
    }

    /// - Throws: `StateStoreError` with `newerFormat` when a newer version has brought the file up to its own format.
    static func refuseNewer(_ database: Database, _ path: String) throws {
        guard try migrator.hasBeenSuperseded(database) else { return }
        throw StateStoreError(
            .newerFormat,
            "'\(path)' was written by a newer version of reconcile; run that version, or move the file away")
    }

    /// Whether the tables of the journal are there; false for a file that only the first version has seen.
    static func hasJournal(_ database: Database) throws -> Bool { try database.tableExists("intent") }

    private static let first = """
        CREATE TABLE accepted_revision (
            only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL, reference TEXT NOT NULL
        ) STRICT;
        CREATE TABLE accepted_file (path TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
        CREATE TABLE incarnation (
            kind TEXT NOT NULL, name TEXT NOT NULL, slot INTEGER NOT NULL, highest INTEGER NOT NULL,
            PRIMARY KEY (kind, name, slot)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE probed_start (container TEXT PRIMARY KEY, started_at TEXT NOT NULL) STRICT;
        """

    /// Files belong to revisions now, in the order in which they came. Times are seconds since 1970; keys are texts
    /// such as `Workload/web/3`, so that a kind of a newer version can be kept.
    private static let second = """
        CREATE TABLE host (only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL) STRICT;

        CREATE TABLE revision (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL, reference TEXT NOT NULL,
            is_accepted INTEGER NOT NULL CHECK (is_accepted IN (0, 1)), UNIQUE (id, reference)
        ) STRICT;
        CREATE TABLE revision_file (
            revision INTEGER NOT NULL REFERENCES revision ON DELETE CASCADE, position INTEGER NOT NULL,
            path TEXT NOT NULL, folder TEXT NOT NULL, is_spec INTEGER NOT NULL CHECK (is_spec IN (0, 1)),
            bytes BLOB NOT NULL, PRIMARY KEY (revision, position)
        ) STRICT;
        INSERT INTO revision (number, id, reference, is_accepted)
            SELECT 1, id, reference, 1 FROM accepted_revision;
        INSERT INTO revision_file (revision, position, path, folder, is_spec, bytes)
            SELECT 1, row_number() OVER (ORDER BY path) - 1, path, '', lower(substr(path, -5)) <> '.json', bytes
            FROM accepted_file WHERE EXISTS (SELECT * FROM revision);
        DROP TABLE accepted_file;
        DROP TABLE accepted_revision;

        CREATE TABLE intent (
            id INTEGER PRIMARY KEY, format INTEGER NOT NULL, key TEXT NOT NULL, step TEXT NOT NULL,
            subject TEXT NOT NULL, incarnation INTEGER, revision TEXT NOT NULL, observation INTEGER NOT NULL,
            engine TEXT NOT NULL, begun INTEGER NOT NULL, outcome TEXT, message TEXT
        ) STRICT;
        CREATE INDEX intent_open ON intent (id) WHERE outcome IS NULL;

        CREATE TABLE phase (
            kind TEXT NOT NULL, name TEXT NOT NULL, slot INTEGER NOT NULL, incarnation INTEGER NOT NULL,
            phase TEXT NOT NULL, PRIMARY KEY (kind, name, slot, incarnation)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE event (
            number INTEGER PRIMARY KEY, time INTEGER NOT NULL, severity TEXT NOT NULL, key TEXT, reason TEXT NOT NULL,
            message TEXT NOT NULL, revision TEXT
        ) STRICT;
        CREATE TABLE history (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL, reference TEXT NOT NULL, outcome TEXT NOT NULL,
            message TEXT NOT NULL, time INTEGER NOT NULL, author TEXT, commit_time INTEGER, subject TEXT,
            UNIQUE (id, reference)
        ) STRICT;

        CREATE TABLE pin (
            object TEXT PRIMARY KEY, id TEXT, reference TEXT, cause TEXT NOT NULL, reason TEXT NOT NULL,
            rejected TEXT NOT NULL, since INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE pause (
            object TEXT PRIMARY KEY, reason TEXT NOT NULL, requested_by TEXT NOT NULL, since INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE approval (
            number INTEGER PRIMARY KEY, revision TEXT NOT NULL, removals TEXT NOT NULL, granted_by TEXT NOT NULL,
            granted_at INTEGER NOT NULL, UNIQUE (revision, removals)
        ) STRICT;
        """

    /// `ended` counts up as claims end, and is null for those that are open.
    private static let third = """
        CREATE TABLE claim (
            id TEXT PRIMARY KEY, ended INTEGER UNIQUE, document TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// What autoscalers remember by what they scale; the empty object of an override is the whole host.
    private static let fourth = """
        CREATE TABLE scaling (object TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE window_override (
            object TEXT PRIMARY KEY, reason TEXT NOT NULL, requested_by TEXT NOT NULL, since INTEGER NOT NULL,
            until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// What is remembered of rollouts. The last good revision stands beside the document, since it keeps files.
    private static let fifth = """
        CREATE TABLE rollout (
            object TEXT PRIMARY KEY, is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)), good_id TEXT,
            good_reference TEXT, document TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
