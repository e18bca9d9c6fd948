-- Staff, their sessions, one-time hand-over tokens.

CREATE TABLE staff (
  id            TEXT PRIMARY KEY,
  user_name     TEXT    NOT NULL UNIQUE,
  name          TEXT    NOT NULL,
  password_hash TEXT    NOT NULL,
  roles         TEXT    NOT NULL,
  failed        INTEGER NOT NULL DEFAULT 0,
  locked_until_ms INTEGER NOT NULL DEFAULT 0,
  active        INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE staff_sessions (
  hash         BLOB PRIMARY KEY,
  staff        TEXT    NOT NULL,
  csrf         TEXT    NOT NULL,
  created_at_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX staff_sessions_staff ON staff_sessions (staff);
CREATE INDEX staff_sessions_expires ON staff_sessions (expires_at_ms);

CREATE TABLE used_handovers (
  nonce         TEXT PRIMARY KEY,
  expires_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX used_handovers_expires ON used_handovers (expires_at_ms);
