-- Effects at the core bank, hand-offs, four-eyes releases, demo phone.

CREATE TABLE commits (
  key           TEXT PRIMARY KEY,
  conversation  TEXT    NOT NULL,
  run           TEXT,
  operation     TEXT    NOT NULL,
  customer      TEXT,
  order_id      TEXT,
  kind          TEXT    NOT NULL,
  status        TEXT    NOT NULL CHECK (status IN ('open', 'unknown', 'queued', 'final')),
  key_id        INTEGER NOT NULL,
  params        BLOB    NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
);
CREATE INDEX commits_open ON commits (created_at_ms, key) WHERE status <> 'final';
CREATE INDEX commits_conversation ON commits (conversation);

CREATE TABLE handoffs (
  id            TEXT PRIMARY KEY,
  conversation  TEXT    NOT NULL,
  skill         TEXT    NOT NULL,
  priority      INTEGER NOT NULL,
  state         TEXT    NOT NULL CHECK (state IN ('waiting', 'held', 'done')),
  reason        TEXT    NOT NULL,
  since_ms      INTEGER NOT NULL,
  staff         TEXT,
  accepted_at_ms INTEGER,
  ended_at_ms   INTEGER,
  key_id        INTEGER NOT NULL,
  packet        BLOB    NOT NULL
);
CREATE INDEX handoffs_queue ON handoffs (priority DESC, since_ms, id) WHERE state = 'waiting';
CREATE INDEX handoffs_held ON handoffs (staff, accepted_at_ms, id) WHERE state = 'held';
CREATE INDEX handoffs_conversation ON handoffs (conversation);

CREATE TABLE releases (
  id            TEXT PRIMARY KEY,
  conversation  TEXT    NOT NULL,
  key           TEXT    NOT NULL,
  operation     TEXT    NOT NULL,
  state         TEXT    NOT NULL CHECK (state IN ('waiting', 'proposed', 'approved', 'refused')),
  first_by      TEXT,
  first_at_ms   INTEGER,
  decided_by    TEXT,
  decided_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL,
  subject       TEXT    NOT NULL,
  key_id        INTEGER NOT NULL,
  summary       BLOB    NOT NULL,
  reason_key_id INTEGER,
  reason        BLOB
);
CREATE UNIQUE INDEX releases_key ON releases (key);
CREATE INDEX releases_open ON releases (created_at_ms, id) WHERE state IN ('waiting', 'proposed');

CREATE TABLE phone_messages (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  customer TEXT    NOT NULL,
  at_ms    INTEGER NOT NULL,
  key_id   INTEGER NOT NULL,
  text     BLOB    NOT NULL
);
CREATE INDEX phone_messages_customer ON phone_messages (customer, id);
