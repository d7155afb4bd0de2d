/** Columns every read of messages selects, in this order. */
export const MESSAGE_COLUMNS =
  'timestamp, sequence, publisher, chain, digest, verdict, reason, flags, source, received_at, raw'

/** A message as read: names are numbers in `messages` and text in `unproven`. */
export type MessageColumns = [
  timestamp: number,
  sequence: number,
  publisher: number | string,
  chain: number | string,
  digest: Buffer,
  verdict: number,
  reason: number,
  flags: number,
  source: number,
  receivedAt: number,
  raw: Buffer,
]
