-- A state file as the second version of the format left it, with some records that a newer program may have written.
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES ('1: revisions, incarnations, probed starts'), ('2: journal of the control loop');
CREATE TABLE incarnation (
    kind TEXT NOT NULL, name TEXT NOT NULL, slot INTEGER NOT NULL, highest INTEGER NOT NULL,
    PRIMARY KEY (kind, name, slot)
) STRICT, WITHOUT ROWID;
INSERT INTO incarnation VALUES ('Workload', 'web', 3, 4), ('Gadget', 'g', 0, 7);
CREATE TABLE probed_start (container TEXT PRIMARY KEY, started_at TEXT NOT NULL) STRICT;
INSERT INTO probed_start VALUES ('c1', '2026-01-01T00:00:00Z');

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
INSERT INTO host VALUES (1, 'host-one');
INSERT INTO revision VALUES (1, 'aaaa', 'main', 0), (2, 'bbbb', 'main', 1);
INSERT INTO revision_file VALUES
    (1, 0, 'web.yaml', '', 1, X'31'),
    (2, 0, 'z.yaml', 'specs/', 1, X'32'), (2, 1, 'a.json', '', 0, X'33');
INSERT INTO intent VALUES
    (1, 1, 'Workload/web/3', 'start', 'web-3-4', NULL, 'bbbb', 12, 'engine@1', 1795267500, 'retry', 'busy'),
    (2, 1, 'Workload/web/3', 'create-container', 'web-3-5', 5, 'bbbb', -1, 'engine@1', 1795267501, NULL, NULL),
    (3, 2, 'Workload/web/4', 'teleport', 'web-4-1', 1, 'bbbb', 14, 'engine@1', 1795267502, NULL, NULL),
    (4, 1, 'Gadget/g/0', 'start', 'g-0-7', NULL, 'bbbb', 15, 'engine@1', 1795267503, NULL, NULL);
INSERT INTO phase VALUES
    ('Workload', 'web', 3, 4, 'retiring'), ('WarmPool', 'agents', 0, 1, 'claimed'),
    ('WarmPool', 'agents', 1, 1, 'borrowed'), ('Gadget', 'g', 0, 7, 'claimed');
INSERT INTO event VALUES
    (1, 1795267500, 'Warning', 'Workload/web/3', 'StepFailed', 'busy', 'bbbb'),
    (2, 1795267501, 'Urgent', 'Gadget/g', 'Grown', 'a gadget grew', NULL);
INSERT INTO history VALUES
    (1, 'aaaa', 'main', 'Applied', '', 1795267400, 'Ada <ada@example.org>', 1795267000, 'Begin'),
    (2, 'cccc', 'main', 'Pondered', '', 1795267450, NULL, NULL, NULL),
    (3, 'bbbb', 'main', 'Accepted', '', 1795267500, NULL, NULL, NULL);
INSERT INTO pin VALUES
    ('Workload/web', 'aaaa', 'main', 'Quarantined', 'it crashed', 'v1;image=9', 1795267500),
    ('WarmPool/agents', NULL, NULL, 'Dreamt', 'a newer cause', 'v1', 1795267500),
    ('Gadget/g', 'aaaa', 'main', 'Requested', 'kept', 'v1', 1795267500);
INSERT INTO pause VALUES ('', 'upgrade', 'ada', 1795267500), ('Gadget/g', 'kept', 'ada', 1795267500);
INSERT INTO approval VALUES (1, 'bbbb', '["old-0-1","old-net"]', 'ada', 1795267500);
