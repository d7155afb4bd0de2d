/**
 * Messages and everything derived from them. Times are ms since the epoch; `verdict` and `reason` are the codes of
 * `shared/verdict.ts`; `level` and `bucket` number the buckets of the pyramid.
 */
export const messagesAndPyramid = `
CREATE TABLE parts (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  verified INTEGER NOT NULL DEFAULT 0,
  pending INTEGER NOT NULL DEFAULT 0,
  unauthorised INTEGER NOT NULL DEFAULT 0,
  forged INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  equivocations INTEGER NOT NULL DEFAULT 0,
  gaps INTEGER NOT NULL DEFAULT 0,
  last_received_at INTEGER,
  retention_age_ms INTEGER,
  retention_bytes INTEGER,
  dropped INTEGER NOT NULL DEFAULT 0,
  dropped_before INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE publishers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE chains (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE part_publishers (
  part INTEGER NOT NULL,
  publisher INTEGER NOT NULL,
  PRIMARY KEY (part, publisher)
) STRICT, WITHOUT ROWID;

-- Messages whose signature is good. flags: 1 encrypted, 2 equivocation.
CREATE TABLE messages (
  part INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  publisher INTEGER NOT NULL,
  chain INTEGER NOT NULL,
  digest BLOB NOT NULL,
  previous_timestamp INTEGER,
  previous_sequence INTEGER,
  verdict INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  source INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  raw BLOB NOT NULL,
  PRIMARY KEY (part, timestamp, sequence, publisher, chain, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_by_publisher ON messages (part, publisher, timestamp, sequence);
CREATE INDEX pending_messages ON messages (timestamp, part, sequence) WHERE verdict = 1;

-- Messages whose signature is bad or not decided. They never share a key with a good one: the same payload may
-- stand here with several signatures, told apart by the hash of their raw bytes. Names are not interned, so
-- that bounding these rows bounds everything they leave behind.
CREATE TABLE unproven (
  part INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  publisher TEXT NOT NULL,
  chain TEXT NOT NULL,
  digest BLOB NOT NULL,
  copy BLOB NOT NULL,
  previous_timestamp INTEGER,
  previous_sequence INTEGER,
  verdict INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  source INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  raw BLOB NOT NULL,
  PRIMARY KEY (part, timestamp, sequence, publisher, chain, digest, copy)
) STRICT, WITHOUT ROWID;
CREATE INDEX unproven_by_receipt ON unproven (part, verdict, received_at);
CREATE INDEX pending_unproven ON unproven (timestamp, part, sequence) WHERE verdict = 1;
CREATE INDEX unproven_by_publisher ON unproven (part, publisher, timestamp);

-- Messages ahead of their time, until it has come.
CREATE TABLE held (
  part INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  publisher TEXT NOT NULL,
  chain TEXT NOT NULL,
  digest BLOB NOT NULL,
  copy BLOB NOT NULL,
  previous_timestamp INTEGER,
  previous_sequence INTEGER,
  verdict INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  source INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  raw BLOB NOT NULL,
  PRIMARY KEY (part, timestamp, sequence, publisher, chain, digest, copy)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_by_time ON held (timestamp);

-- Bytes that could not become a message.
CREATE TABLE refused (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  reason TEXT NOT NULL,
  source INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  raw BLOB NOT NULL
) STRICT;

-- One row per message chain: its earliest and latest message ever stored, and its open gaps.
CREATE TABLE chain_states (
  part INTEGER NOT NULL,
  publisher INTEGER NOT NULL,
  chain INTEGER NOT NULL,
  first_timestamp INTEGER NOT NULL,
  first_sequence INTEGER NOT NULL,
  last_timestamp INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  gaps INTEGER NOT NULL,
  PRIMARY KEY (part, publisher, chain)
) STRICT, WITHOUT ROWID;

-- Predecessors that were named and are not stored, with the message that names each.
CREATE TABLE gaps (
  part INTEGER NOT NULL,
  publisher INTEGER NOT NULL,
  chain INTEGER NOT NULL,
  missing_timestamp INTEGER NOT NULL,
  missing_sequence INTEGER NOT NULL,
  named_by_timestamp INTEGER NOT NULL,
  named_by_sequence INTEGER NOT NULL,
  PRIMARY KEY (part, publisher, chain, missing_timestamp, missing_sequence, named_by_timestamp, named_by_sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX gaps_by_namer ON gaps (part, named_by_timestamp);

-- slot is null for a field that is listed but not indexed. kind: 0 number, 1 boolean, 2 text.
CREATE TABLE fields (
  part INTEGER NOT NULL,
  path TEXT NOT NULL,
  slot INTEGER,
  kind INTEGER NOT NULL,
  PRIMARY KEY (part, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE part_buckets (
  part INTEGER NOT NULL,
  level INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  verified INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  unauthorised INTEGER NOT NULL,
  forged INTEGER NOT NULL,
  equivocations INTEGER NOT NULL,
  gaps INTEGER NOT NULL,
  fingerprint BLOB NOT NULL,
  PRIMARY KEY (part, level, bucket)
) STRICT, WITHOUT ROWID;

-- 16 fields a chunk; content as pyramid/bucket-row-format.ts says.
CREATE TABLE publisher_buckets (
  part INTEGER NOT NULL,
  publisher INTEGER NOT NULL,
  level INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (part, publisher, level, chunk, bucket)
) STRICT, WITHOUT ROWID;

-- What retention removed, by stretch.
CREATE TABLE drops (
  part INTEGER NOT NULL,
  from_timestamp INTEGER NOT NULL,
  to_timestamp INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (part, from_timestamp)
) STRICT, WITHOUT ROWID;

-- Stretches whose messages could not be read any more; the file they were in was set aside.
CREATE TABLE damages (
  id INTEGER PRIMARY KEY,
  part TEXT NOT NULL,
  from_timestamp INTEGER NOT NULL,
  to_timestamp INTEGER NOT NULL,
  found_at INTEGER NOT NULL,
  set_aside TEXT NOT NULL
) STRICT;
`
