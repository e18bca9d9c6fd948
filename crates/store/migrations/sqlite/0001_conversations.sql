-- Data keys, conversations, events, outbox, audit.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
);

-- One data key for each subject and generation. Erasure empties `wrapped`;
-- what was sealed under it is then gone. A subject that is written to again
-- gets a new generation.
CREATE TABLE subject_keys (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  subject       TEXT    NOT NULL,
  wrapped       BLOB    NOT NULL,
  state         TEXT    NOT NULL CHECK (state IN ('active', 'erased')),
  created_at_ms INTEGER NOT NULL,
  erased_at_ms  INTEGER
);
CREATE UNIQUE INDEX subject_keys_active ON subject_keys (subject) WHERE state = 'active';
CREATE INDEX subject_keys_subject ON subject_keys (subject);

CREATE TABLE conversations (
  id            TEXT PRIMARY KEY,
  customer      TEXT,
  opened_at_ms  INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  status        TEXT    NOT NULL,
  locale        TEXT    NOT NULL,
  channel       TEXT    NOT NULL,
  ownership     TEXT    NOT NULL,
  pack          TEXT    NOT NULL,
  level         INTEGER NOT NULL,
  holder        TEXT,
  -- Kept by the store with every append: the last event, the last inbound
  -- event, the last inbound event whose turn is complete.
  last_seq      INTEGER NOT NULL DEFAULT 0,
  inbound_seq   INTEGER NOT NULL DEFAULT 0,
  answered_seq  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX conversations_customer ON conversations (customer, id) WHERE customer IS NOT NULL;
CREATE INDEX conversations_updated ON conversations (updated_at_ms);
CREATE INDEX conversations_unanswered ON conversations (id) WHERE inbound_seq > answered_seq AND status <> 'closed';

-- `position` is the order of all events in the store: the outbox is this table
-- read in that order.
CREATE TABLE events (
  position     INTEGER PRIMARY KEY,
  conversation TEXT    NOT NULL,
  seq          INTEGER NOT NULL,
  at_ms        INTEGER NOT NULL,
  kind         TEXT    NOT NULL,
  actor        TEXT    NOT NULL,
  subject      TEXT    NOT NULL,
  key_id       INTEGER NOT NULL,
  version      INTEGER NOT NULL,
  payload      BLOB    NOT NULL,
  UNIQUE (conversation, seq)
);
CREATE TRIGGER events_no_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

-- Client message ids: the same id and content is the same message. The hash of
-- the content is sealed: a short message could be guessed from a bare one.
CREATE TABLE client_messages (
  conversation TEXT    NOT NULL,
  client_id    TEXT    NOT NULL,
  seq          INTEGER NOT NULL,
  key_id       INTEGER NOT NULL,
  body_hash    BLOB    NOT NULL,
  PRIMARY KEY (conversation, client_id)
) WITHOUT ROWID;

CREATE TABLE conversation_tokens (
  hash          BLOB PRIMARY KEY,
  conversation  TEXT    NOT NULL,
  created_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX conversation_tokens_conversation ON conversation_tokens (conversation);

-- How far each observer of the outbox has come.
CREATE TABLE consumers (
  name    TEXT PRIMARY KEY,
  last_position INTEGER NOT NULL
);

-- Who did what: a hash chain without personal data.
CREATE TABLE audit (
  seq          INTEGER PRIMARY KEY,
  at_ms        INTEGER NOT NULL,
  actor        TEXT    NOT NULL,
  action       TEXT    NOT NULL,
  object       TEXT    NOT NULL,
  detail       TEXT    NOT NULL,
  payload_hash BLOB,
  prev_hash    BLOB    NOT NULL,
  hash         BLOB    NOT NULL
);
CREATE INDEX audit_object ON audit (object, seq);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TABLE blobs (
  id            TEXT PRIMARY KEY,
  subject       TEXT,
  key_id        INTEGER,
  bytes         BLOB    NOT NULL,
  created_at_ms INTEGER NOT NULL
);
