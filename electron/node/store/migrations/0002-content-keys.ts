/**
 * Group keys that content of encrypted messages is opened with, by the names of publisher and stream part. A key
 * that is null is named by messages and not known yet; the timestamps say where those messages lie.
 */
export const contentKeys = `
CREATE TABLE content_keys (
  publisher TEXT NOT NULL,
  id TEXT NOT NULL,
  part TEXT NOT NULL,
  key BLOB,
  first_timestamp INTEGER NOT NULL,
  last_timestamp INTEGER NOT NULL,
  PRIMARY KEY (publisher, id, part)
) STRICT, WITHOUT ROWID;
`
