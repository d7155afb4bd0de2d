import type { NodeStatus } from './node-status.ts'
import type { Verdict } from './verdict.ts'

/** What the node tells its windows. Coalesced: at most a few events a second per stream part, whatever comes in. */
export type FeedEvent =
  | {
      kind: 'stored'
      part: string
      stored: number
      verdicts: Record<Verdict, number>
      firstTimestamp: number
      lastTimestamp: number
    }
  /** Retention has removed messages: what is shown of the stretch is another now. Times are ms, `to` is exclusive. */
  | { kind: 'dropped'; part: string; from: number; to: number }
  | { kind: 'streams' }
  /** An audit has begun, come on or ended. */
  | { kind: 'audits' }
  | { kind: 'alerts'; firing: number }
  | { kind: 'status'; status: NodeStatus }
