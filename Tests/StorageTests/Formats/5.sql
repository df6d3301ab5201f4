-- A state file as the fifth version of the format left it, with some records that a newer program may have written.
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES ('1: revisions, incarnations, probed starts'), ('2: journal of the control loop'), ('3: claims'), ('4: autoscalers, overrides of windows'), ('5: drains, rollouts');
CREATE TABLE incarnation (
    kind TEXT NOT NULL, name TEXT NOT NULL, slot INTEGER NOT NULL, highest INTEGER NOT NULL,
    PRIMARY KEY (kind, name, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE probed_start (container TEXT PRIMARY KEY, started_at TEXT NOT NULL) STRICT;

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
CREATE TABLE claim (
    id TEXT PRIMARY KEY, ended INTEGER UNIQUE, document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE scaling (object TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE window_override (
    object TEXT PRIMARY KEY, reason TEXT NOT NULL, requested_by TEXT NOT NULL, since INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE drain (
    pool TEXT PRIMARY KEY, reason TEXT NOT NULL, requested_by TEXT NOT NULL, since INTEGER NOT NULL,
    deadline INTEGER, force INTEGER NOT NULL CHECK (force IN (0, 1)), stage TEXT NOT NULL,
    is_overdue INTEGER NOT NULL CHECK (is_overdue IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE TABLE rollout (
    object TEXT PRIMARY KEY, is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)), good_id TEXT,
    good_reference TEXT, document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO host VALUES (1, 'host-one');
INSERT INTO revision VALUES (1, 'aaaa', 'main', 1);
INSERT INTO revision_file VALUES (1, 0, 'web.yaml', '', 1, X'31');
INSERT INTO pause VALUES ('', 'upgrade', 'ada', 1795267500);
INSERT INTO window_override VALUES ('', 'an outage', 'ada', 1795267500, 1795267560);
INSERT INTO drain VALUES ('', 'a new kernel', 'ada', 1795267500, NULL, 0, 'Drained', 0);
