import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyEvidenceFile } from '../../../electron/node/provenance/verify-evidence.ts'
import type { AuditReport } from '../../../shared/audit-report.ts'
import { type AuditedNode, answer, Publisher, START, startAuditedNode } from './audited-node.ts'

const YEAR_MS = 365 * 86_400_000
const MESSAGES = 3
const honest = new Publisher()
const behind = new Publisher()
const ahead = new Publisher()
let node: AuditedNode
let report: AuditReport

beforeAll(async () => {
  node = await startAuditedNode()
  node.permissions.answer = () => answer('permitted', 5, { from: 0, to: Number.MAX_SAFE_INTEGER })
  for (let n = 0; n < MESSAGES; n++) {
    const receivedAt = START + n * 1_000
    await node.ingest([
      await honest.next({ at: receivedAt }),
      await behind.next({ at: receivedAt - 30 * YEAR_MS, receivedAt }),
      await ahead.next({ at: receivedAt + 200 * YEAR_MS, receivedAt }),
    ])
  }
  report = await node.audit({ from: 0, to: START + 300 * YEAR_MS })
})
afterAll(() => node.stop())

describe('publishers with clocks off by years', () => {
  it('are found as such, each with all its messages, and nobody else is', () => {
    expect(report.body.findings.map(({ kind, publisher, count }) => [kind, publisher, count])).toEqual([
      ['clock-ahead', ahead.address, MESSAGES],
      ['clock-behind', behind.address, MESSAGES],
    ])
  })

  it('count for as many intervals as they published in, in a range of centuries; what lies ahead is held back', () => {
    const rowOf = ({ address }: Publisher) =>
      report.body.publishers.find(({ publisher }) => publisher === address)
    for (const publisher of [honest, behind]) {
      expect(rowOf(publisher)).toMatchObject({ messages: MESSAGES, activeIntervals: MESSAGES })
    }
    expect(rowOf(ahead)).toBeUndefined()
    expect(report.body.totals.heldBack).toBe(MESSAGES)
  })

  it('leave a report that checks', () => {
    expect(verifyEvidenceFile(Buffer.from(JSON.stringify(report)))).toMatchObject({ outcome: 'good' })
  })
})
