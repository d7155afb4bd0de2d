-- Read-only views over the tables of a store that is kept in PostgreSQL, for the schema `tidemark`. To be carried out
-- once by the user of the store; a role reads them with GRANT USAGE ON SCHEMA tidemark_views and GRANT SELECT ON ALL
-- TABLES IN SCHEMA tidemark_views. What the columns mean stands in docs/SQL.md.

CREATE SCHEMA IF NOT EXISTS tidemark_views;

CREATE OR REPLACE VIEW tidemark_views.streams AS
SELECT name AS part, verified, pending, unauthorised, forged, bytes, equivocations, gaps, dropped,
  TIMESTAMPTZ 'epoch' + last_received_at * INTERVAL '1 millisecond' AS last_received_at
FROM tidemark.parts;

CREATE OR REPLACE VIEW tidemark_views.messages AS
SELECT p.name AS part,
  TIMESTAMPTZ 'epoch' + m.timestamp * INTERVAL '1 millisecond' AS time,
  m.timestamp AS timestamp_ms, m.sequence, u.name AS publisher, c.name AS chain,
  encode(m.digest, 'hex') AS digest,
  (ARRAY['verified', 'pending', 'unauthorised', 'forged'])[m.verdict + 1] AS verdict,
  (ARRAY['signed-and-permitted', 'signature-invalid', 'signature-high-s', 'no-publish-permission',
    'permission-expired', 'permission-unknown', 'rpc-unavailable', 'signature-type-unsupported',
    'contract-refused-signature', 'stream-unknown', 'partition-out-of-range'])[m.reason + 1] AS reason,
  (m.flags & 1) <> 0 AS encrypted,
  (m.flags & 2) <> 0 AS equivocation,
  s.name AS source,
  TIMESTAMPTZ 'epoch' + m.received_at * INTERVAL '1 millisecond' AS received_at,
  length(m.raw) AS size_bytes,
  m.raw
FROM tidemark.messages m
JOIN tidemark.parts p ON p.id = m.part
JOIN tidemark.publishers u ON u.id = m.publisher
JOIN tidemark.chains c ON c.id = m.chain
JOIN tidemark.sources s ON s.id = m.source;

CREATE OR REPLACE VIEW tidemark_views.gaps AS
SELECT p.name AS part, u.name AS publisher, c.name AS chain,
  g.missing_timestamp, g.missing_sequence, g.named_by_timestamp, g.named_by_sequence
FROM tidemark.gaps g
JOIN tidemark.parts p ON p.id = g.part
JOIN tidemark.publishers u ON u.id = g.publisher
JOIN tidemark.chains c ON c.id = g.chain;

CREATE OR REPLACE VIEW tidemark_views.dropped AS
SELECT p.name AS part,
  TIMESTAMPTZ 'epoch' + d.from_timestamp * INTERVAL '1 millisecond' AS from_time,
  TIMESTAMPTZ 'epoch' + d.to_timestamp * INTERVAL '1 millisecond' AS to_time,
  d.messages, d.bytes
FROM tidemark.drops d
JOIN tidemark.parts p ON p.id = d.part;
