import type { StoredMessage } from '../../electron/node/ports.ts'
import { PART } from '../unit/gossip/federated/test-nodes.ts'
import { storedMessage, testMessage } from '../unit/gossip/memory-store.ts'

export const START = 1_700_000_000_000

/** Lies about messages: told by a node that claims to hold more than the asker. */
export const MESSAGE_LIES = [
  'forged',
  'foreign',
  'unasked',
  'duplicate',
  'endless',
  'withheld',
  'late',
] as const
/** Lies about differences: told by a node that holds the same as the asker. */
export const COMPARISON_LIES = ['fingerprint-false', 'sketch-undecodable'] as const
export type Lie = (typeof MESSAGE_LIES | typeof COMPARISON_LIES)[number]

/** Which messages a child holds: those from `from` up to `to` whose number leaves `rest` when divided by `of`. */
export interface ChildTask {
  from: number
  to: number
  of: number
  rest: number
  lie?: Lie
}

/** One message a second, by its number. */
export function messageAt(number: number): Uint8Array {
  return testMessage(PART, START + number * 1_000)
}

export function messagesOf({ from, to, of, rest }: Omit<ChildTask, 'lie'>): StoredMessage[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
    .filter((number) => number % of === rest)
    .map((number) => storedMessage(messageAt(number)))
}
