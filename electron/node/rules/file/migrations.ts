/**
 * Statements by version: what is at index n leads from version n to n + 1. Never edited, only appended to. Times are
 * ms: of messages in `alerts.since`, `fired_at` and `resolved_at`, of this node's clock elsewhere.
 */
export const ALERT_MIGRATIONS: readonly string[] = [
  `
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- state: 0 pending, 1 firing, 2 resolved. notified: the last state its channels were told.
CREATE TABLE alerts (
  id TEXT PRIMARY KEY,
  rule_id TEXT NOT NULL,
  meaning TEXT NOT NULL,
  rule TEXT NOT NULL,
  severity TEXT NOT NULL,
  part TEXT NOT NULL,
  publisher TEXT,
  state INTEGER NOT NULL,
  since INTEGER NOT NULL,
  fired_at INTEGER,
  resolved_at INTEGER,
  ended_by TEXT,
  sentence TEXT NOT NULL,
  value TEXT,
  note TEXT NOT NULL,
  acknowledged_at INTEGER,
  seen_at INTEGER NOT NULL,
  notified INTEGER NOT NULL DEFAULT 0,
  notified_at INTEGER
) STRICT;
CREATE INDEX alerts_open ON alerts (state, since) WHERE state < 2;
CREATE INDEX alerts_untold ON alerts (rule_id) WHERE state = 2 AND notified = 1;
CREATE INDEX alerts_by_time ON alerts (since, id);
CREATE INDEX alerts_by_part ON alerts (part, since);

CREATE TABLE silences (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule_id TEXT,
  publisher TEXT,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT;

CREATE TABLE saved_parts (part TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE blind_spans (id INTEGER PRIMARY KEY AUTOINCREMENT, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL) STRICT;

CREATE TABLE channels (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  settings TEXT NOT NULL,
  sealed BLOB
) STRICT, WITHOUT ROWID;

-- state: 0 waiting, 1 delivered, 2 given up.
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,
  problem TEXT,
  settled_at INTEGER
) STRICT;
CREATE INDEX deliveries_due ON deliveries (state, due_at);
CREATE INDEX deliveries_by_channel ON deliveries (channel, id);
`,
]
