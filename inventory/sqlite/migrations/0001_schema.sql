-- The store of muster. docs/store.md explains it.
-- Times are microseconds since 1970 in UTC; the views show them as text. Scans are half-open stretches: a row that is
-- true from_scan 3 to_scan 5 is true at the scans 3 and 4, and one without to_scan still holds.

CREATE TABLE store (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  hash_key BLOB NOT NULL -- random; keys the hashes of secrets and of contents
) STRICT;

CREATE TABLE scan (
  id            INTEGER PRIMARY KEY,
  state         TEXT NOT NULL CHECK (state IN ('running', 'finished', 'interrupted')),
  started       INTEGER NOT NULL,
  finished      INTEGER,
  tool_version  TEXT NOT NULL,
  config_digest TEXT NOT NULL,
  unselected    INTEGER NOT NULL DEFAULT 0 -- 1: the command line left sources out
) STRICT;
CREATE INDEX scan_started ON scan(started);

CREATE TABLE source (
  id        INTEGER PRIMARY KEY,
  name      TEXT NOT NULL UNIQUE,
  collector TEXT NOT NULL,
  book      TEXT NOT NULL
) STRICT;

CREATE TABLE scope (
  id            INTEGER PRIMARY KEY,
  source_id     INTEGER NOT NULL REFERENCES source(id),
  scope         TEXT NOT NULL,
  spec_id       INTEGER, -- the plan as last given
  first_scan    INTEGER NOT NULL REFERENCES scan(id),
  retired_scan  INTEGER REFERENCES scan(id),
  seen_scan     INTEGER REFERENCES scan(id), -- last one that read it whole or in part
  last_asset_id INTEGER NOT NULL,            -- assets of the scope above it are not committed yet
  UNIQUE (source_id, scope)
) STRICT;

CREATE TABLE scope_spec (
  id       INTEGER PRIMARY KEY,
  scope_id INTEGER NOT NULL REFERENCES scope(id),
  spec     TEXT NOT NULL -- JSON: what it covers, its limits
) STRICT;

CREATE TABLE scope_run (
  scope_id  INTEGER NOT NULL REFERENCES scope(id),
  scan_id   INTEGER NOT NULL REFERENCES scan(id),
  spec_id   INTEGER REFERENCES scope_spec(id),
  state     TEXT NOT NULL CHECK (state IN ('ok', 'partial', 'failed', 'skipped')),
  reason    TEXT NOT NULL,
  error     TEXT NOT NULL,
  attempts  INTEGER NOT NULL,
  assets    INTEGER NOT NULL,
  added     INTEGER NOT NULL,
  changed   INTEGER NOT NULL,
  ended     INTEGER NOT NULL,
  skipped   INTEGER NOT NULL,
  started   INTEGER,
  finished  INTEGER,
  data_time INTEGER,
  calls     TEXT, -- JSON object: API calls by operation
  caller    TEXT NOT NULL,
  PRIMARY KEY (scope_id, scan_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scope_run_scan ON scope_run(scan_id, state);

CREATE TABLE scope_held (
  scope_id   INTEGER NOT NULL REFERENCES scope(id),
  type       TEXT NOT NULL,
  account    TEXT NOT NULL,
  first_scan INTEGER NOT NULL REFERENCES scan(id),
  PRIMARY KEY (scope_id, type, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE problem (
  scan_id  INTEGER NOT NULL REFERENCES scan(id),
  scope_id INTEGER NOT NULL REFERENCES scope(id),
  n        INTEGER NOT NULL,
  file     TEXT NOT NULL,
  line     INTEGER NOT NULL,
  col      INTEGER NOT NULL,
  key      TEXT NOT NULL,
  message  TEXT NOT NULL,
  remedy   TEXT NOT NULL,
  PRIMARY KEY (scan_id, scope_id, n)
) STRICT, WITHOUT ROWID;

-- What and where an asset is. Few combinations are shared by many assets.
CREATE TABLE placement (
  id        INTEGER PRIMARY KEY,
  book      TEXT NOT NULL,
  type      TEXT NOT NULL,
  account   TEXT NOT NULL,
  region    TEXT NOT NULL,
  zone      TEXT NOT NULL,
  lifecycle TEXT NOT NULL,
  shallow   INTEGER NOT NULL
) STRICT;

CREATE TABLE tag_set (
  id    INTEGER PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('known', 'unknown', 'not-applicable')),
  tags  TEXT -- JSON object; a null value is one that could not be determined
) STRICT;
INSERT INTO tag_set (id, state) VALUES (0, 'unknown'), (1, 'not-applicable');

CREATE TABLE tag (
  set_id INTEGER NOT NULL REFERENCES tag_set(id),
  key    TEXT NOT NULL,
  value  TEXT, -- NULL: there, but it could not be determined
  PRIMARY KEY (set_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_key_value ON tag(key, value);

CREATE TABLE attribute_set (
  id         INTEGER PRIMARY KEY,
  attributes TEXT NOT NULL, -- JSON object
  unread     TEXT           -- JSON list of the names whose value could not be read
) STRICT;

-- An asset and its latest content. The id is (scope << 32) + a number, so that a scope is one stretch of rows.
CREATE TABLE asset (
  id               INTEGER PRIMARY KEY,
  key              TEXT NOT NULL,
  name             TEXT NOT NULL,
  hash             INTEGER NOT NULL, -- keyed hash of the content
  placement_id     INTEGER NOT NULL REFERENCES placement(id),
  tag_set_id       INTEGER NOT NULL REFERENCES tag_set(id),
  attribute_set_id INTEGER REFERENCES attribute_set(id), -- NULL: unknown
  refs             BLOB NOT NULL,    -- identifiers, relations and origin, packed
  created          INTEGER,
  first_scan       INTEGER NOT NULL,
  from_scan        INTEGER NOT NULL,
  to_scan          INTEGER,
  ended_by         TEXT CHECK (ended_by IN ('ended', 'retired'))
) STRICT;
CREATE INDEX asset_key ON asset(key);

-- Earlier contents of assets.
CREATE TABLE asset_past (
  asset_id         INTEGER NOT NULL REFERENCES asset(id),
  from_scan        INTEGER NOT NULL,
  to_scan          INTEGER NOT NULL,
  ended_by         TEXT NOT NULL CHECK (ended_by IN ('changed', 'ended', 'retired')),
  name             TEXT NOT NULL,
  hash             INTEGER NOT NULL,
  placement_id     INTEGER NOT NULL REFERENCES placement(id),
  tag_set_id       INTEGER NOT NULL REFERENCES tag_set(id),
  attribute_set_id INTEGER REFERENCES attribute_set(id),
  refs             BLOB NOT NULL,
  created          INTEGER,
  PRIMARY KEY (asset_id, from_scan)
) STRICT, WITHOUT ROWID;

-- Changed contents and marks of attempts that are not committed yet.
CREATE TABLE asset_staged (
  asset_id         INTEGER PRIMARY KEY,
  replace          INTEGER NOT NULL, -- 1: with a new content; 0: with a new mark only
  name             TEXT NOT NULL,
  hash             INTEGER NOT NULL,
  placement_id     INTEGER,
  tag_set_id       INTEGER,
  attribute_set_id INTEGER,
  refs             BLOB,
  created          INTEGER,
  mark             INTEGER NOT NULL, -- 1: parts are unconfirmed
  tags             INTEGER,
  tag_keys         TEXT,
  attributes       TEXT,
  read_hash        INTEGER
) STRICT;

-- Parts of contents that later scans could not read again.
CREATE TABLE unconfirmed (
  asset_id   INTEGER NOT NULL REFERENCES asset(id),
  from_scan  INTEGER NOT NULL,
  to_scan    INTEGER,
  tags       INTEGER NOT NULL, -- 1: all tags
  tag_keys   TEXT,             -- JSON list of single tags
  attributes TEXT,             -- JSON list of attributes; ["*"] is all
  read_hash  INTEGER NOT NULL, -- of the content as it was read, with its gaps
  PRIMARY KEY (asset_id, from_scan)
) STRICT, WITHOUT ROWID;

-- Assets that later runs neither held nor could end.
CREATE TABLE unseen (
  asset_id  INTEGER NOT NULL REFERENCES asset(id),
  from_scan INTEGER NOT NULL,
  to_scan   INTEGER,
  PRIMARY KEY (asset_id, from_scan)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation (
  scan_id       INTEGER PRIMARY KEY REFERENCES scan(id),
  evaluated     INTEGER NOT NULL,
  policy_digest TEXT NOT NULL,
  complete      INTEGER NOT NULL,
  summary       BLOB NOT NULL -- the report without its findings, JSON
) STRICT;

CREATE TABLE coverage (
  scan_id  INTEGER NOT NULL REFERENCES scan(id),
  n        INTEGER NOT NULL,
  measure  TEXT NOT NULL,
  name     TEXT NOT NULL,
  group_by TEXT NOT NULL,
  value    TEXT NOT NULL,
  pass     INTEGER NOT NULL,
  fail     INTEGER NOT NULL,
  unknown  INTEGER NOT NULL,
  PRIMARY KEY (scan_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
  id          INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  from_scan   INTEGER NOT NULL,
  to_scan     INTEGER,
  rule        TEXT NOT NULL,
  severity    TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('open', 'resolved', 'accepted')),
  new_scan    INTEGER, -- the scan in which an open finding is new
  source      TEXT NOT NULL,
  book        TEXT NOT NULL,
  type        TEXT NOT NULL,
  key         TEXT NOT NULL,
  name        TEXT NOT NULL,
  account     TEXT NOT NULL,
  region      TEXT NOT NULL,
  message     TEXT NOT NULL,
  first_seen  INTEGER,
  last_seen   INTEGER, -- NULL: the scan that is asked for
  confirmed   INTEGER NOT NULL,
  body        BLOB NOT NULL -- JSON
) STRICT;
CREATE UNIQUE INDEX finding_version ON finding(fingerprint, from_scan);
CREATE INDEX finding_rule ON finding(rule);
