-- Bank packs, which one speaks, and every article version ever published.

CREATE TABLE packs (
  version       TEXT PRIMARY KEY,
  id            TEXT    NOT NULL,
  bytes         BLOB    NOT NULL,
  created_at_ms INTEGER NOT NULL
);

CREATE TABLE pack_activations (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  pack    TEXT    NOT NULL,
  version TEXT    NOT NULL,
  by_actor TEXT   NOT NULL,
  at_ms   INTEGER NOT NULL,
  reason  TEXT    NOT NULL
);
CREATE INDEX pack_activations_pack ON pack_activations (pack, seq);
CREATE TRIGGER pack_activations_no_update BEFORE UPDATE ON pack_activations
BEGIN SELECT RAISE(ABORT, 'activations are append-only'); END;
CREATE TRIGGER pack_activations_no_delete BEFORE DELETE ON pack_activations
BEGIN SELECT RAISE(ABORT, 'activations are append-only'); END;

CREATE TABLE article_versions (
  article       TEXT NOT NULL,
  version       TEXT NOT NULL,
  pack          TEXT NOT NULL,
  title         TEXT NOT NULL,
  bodies        TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (article, version)
);
