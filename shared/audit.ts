/** Audits of a range of a stream part: their state while they run, and the kinds of finding they end with. */

/**
 * What an audit can find, the gravest first: what a publisher or a store did on purpose, then what is missing, then
 * clocks, contents and what is not decided. The order is the order of a report.
 */
export const FINDING_KINDS = [
  'equivocation',
  'store-damaged',
  'forged',
  'unauthorised',
  'gap',
  'chain-fork',
  'clock-ahead',
  'clock-behind',
  'schema-violation',
  'verdict-changed',
  'undecided',
] as const
export type FindingKind = (typeof FINDING_KINDS)[number]

export const FINDING_TITLES: Record<FindingKind, string> = {
  equivocation: 'Two contents under one id',
  'store-damaged': 'Stored bytes do not match',
  forged: 'Not signed by whom it names',
  unauthorised: 'Signed without permission',
  gap: 'Named and never shown',
  'chain-fork': 'Chain that forks',
  'clock-ahead': 'Clock ahead',
  'clock-behind': 'Clock behind',
  'schema-violation': 'Against the stream’s schema',
  'verdict-changed': 'Verdict differs from the stored one',
  undecided: 'Not decided',
}

export const FINDING_SENTENCES: Record<FindingKind, string> = {
  equivocation: 'The publisher signed different contents under the same message id.',
  'store-damaged': 'Id or digest in the store are not those of the stored bytes.',
  forged: 'The messages name this publisher, and the signature is not theirs.',
  unauthorised: 'The signature is good, and the signer had no right to publish at the message’s time.',
  gap: 'The publisher’s own chain names these messages as predecessors, and this node has never seen them.',
  'chain-fork':
    'The message names a predecessor that another message followed already, or none in the middle.',
  'clock-ahead': 'The messages claim a time after the moment they were first seen.',
  'clock-behind': 'The messages came live and claim a time long before they were first seen.',
  'schema-violation': 'The content does not follow the schema in the stream’s metadata.',
  'verdict-changed': 'Checked again, the messages have another verdict than the one that was stored.',
  undecided: 'The verdict could not be reached with what is known now.',
}

export type AuditStatus = 'running' | 'paused' | 'finished' | 'failed'

export interface AuditRequest {
  part: string
  /** First and last moment of the range, ms since the epoch, both included. */
  from: number
  to: number
  /** Length of the intervals in which a publisher counts as up when it published, ms. */
  intervalMs: number
}

/** An audit as lists and progress bars show it. */
export interface AuditView extends AuditRequest {
  id: string
  status: AuditStatus
  startedAt: number
  finishedAt: number | null
  /** Messages checked so far, and as many as the range is thought to hold. */
  checked: number
  expected: number
  /** Messages found so far by kind. */
  findings: Partial<Record<FindingKind, number>>
  /** Set when it failed. */
  problem: { code: string; message: string; remedy: string } | null
}
