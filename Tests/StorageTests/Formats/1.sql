-- A state file as the first version of the format left it.
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES ('1: revisions, incarnations, probed starts');
CREATE TABLE accepted_revision (
    only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL, reference TEXT NOT NULL
) STRICT;
INSERT INTO accepted_revision VALUES (1, '3f2c9e1', 'main');
CREATE TABLE accepted_file (path TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
INSERT INTO accepted_file VALUES ('web.yaml', X'6b696e64'), ('profiles/web.JSON', X'7b7d'), ('a.yml', X'');
CREATE TABLE incarnation (
    kind TEXT NOT NULL, name TEXT NOT NULL, slot INTEGER NOT NULL, highest INTEGER NOT NULL,
    PRIMARY KEY (kind, name, slot)
) STRICT, WITHOUT ROWID;
INSERT INTO incarnation VALUES ('Workload', 'web', 3, 4), ('Gadget', 'of-a-newer-version', 0, 7);
CREATE TABLE probed_start (container TEXT PRIMARY KEY, started_at TEXT NOT NULL) STRICT;
INSERT INTO probed_start VALUES ('c1', '2026-01-01T00:00:00Z');
