/**
 * Messages whose claimed time is out of bounds get a flag of their own (4), as equivocating ones have (2), also those
 * that were stored before; an index of the few that have either finds them in any history.
 * The bounds are those of `shared/clock-standing.ts` at the time of this migration.
 */
export const markedMessages = `
UPDATE messages SET flags = flags | 4
  WHERE timestamp - received_at > 5000
    OR (received_at - timestamp > 300000 AND source IN (SELECT id FROM sources WHERE name = 'live'));
CREATE INDEX marked_messages ON messages (part, timestamp, flags) WHERE (flags & 6) <> 0;
`
