-- Keys of programs that talk to Teller as to a model. Only hashes are kept.

CREATE TABLE api_keys (
  id            TEXT PRIMARY KEY,
  hash          BLOB    NOT NULL UNIQUE,
  name          TEXT    NOT NULL,
  created_at_ms INTEGER NOT NULL,
  revoked_at_ms INTEGER
);
