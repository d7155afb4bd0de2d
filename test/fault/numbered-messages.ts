import { createHash } from 'node:crypto'
import type { VerifiedMessage } from '../../electron/node/ports.ts'

const STREAM = '0xabc/kill'
export const PART = `${STREAM}#0`
const EPOCH = Date.UTC(2026, 0, 1)
const PUBLISHERS = 5

/** Messages by number: the number is in the timestamp, so that each can be looked for afterwards. */
export function numberedMessages(first: number, count: number): VerifiedMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index
    const chain = `chain ${Math.floor(number / 1_000_000)}`
    const before = number - PUBLISHERS
    const isFirst = Math.floor(before / 1_000_000) !== Math.floor(number / 1_000_000) || before < 0
    return {
      id: {
        streamId: STREAM,
        partition: 0,
        timestamp: timestampOf(number),
        sequence: 0,
        publisher: `0x${(number % PUBLISHERS).toString(16).padStart(40, '0')}`,
        chain,
      },
      previous: isFirst ? undefined : { timestamp: timestampOf(before), sequence: 0 },
      digest: createHash('sha256').update(String(number)).digest(),
      verdict: 'verified',
      reason: 'signed-and-permitted',
      source: 'live',
      receivedAt: timestampOf(number) + 1,
      encrypted: false,
      fields: [
        ['value', number % 100],
        ['state', number % 2 === 0 ? 'even' : 'odd'],
      ],
      raw: Buffer.from(`message ${number} `.repeat(8)),
    }
  })
}

export function timestampOf(number: number): number {
  return EPOCH + number
}
