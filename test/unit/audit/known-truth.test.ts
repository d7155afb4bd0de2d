import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RawMessage } from '../../../electron/node/ports.ts'
import { verifyEvidenceFile } from '../../../electron/node/provenance/verify-evidence.ts'
import type { AuditReport } from '../../../shared/audit-report.ts'
import { type AuditedNode, answer, Publisher, START, startAuditedNode } from './audited-node.ts'

const MESSAGES = 40
const STEP_MS = 1_000
const REVOKED_AT = START + 20 * STEP_MS
const HOUR_MS = 3_600_000
const FOREVER = Number.MAX_SAFE_INTEGER

const honest = [new Publisher('h1'), new Publisher('h2')]
const stranger = new Publisher('stranger')
const revoked = new Publisher('revoked')
/** Whose right was taken for a while and given again. */
const regranted = new Publisher('regranted')
const TAKEN = { from: START + 10 * STEP_MS, to: START + 15 * STEP_MS }
const forger = new Publisher('forger')
const equivocator = new Publisher('equivocator')
const dropper = new Publisher('dropper')
const early = new Publisher('early')

const at = (index: number) => START + index * STEP_MS

async function stream(): Promise<RawMessage[]> {
  const messages: RawMessage[] = []
  const victim = honest[0] as Publisher
  for (let index = 0; index < MESSAGES; index++) {
    for (const publisher of honest) messages.push(await publisher.next({ at: at(index) }))
    messages.push(await revoked.next({ at: at(index) }))
    messages.push(await regranted.next({ at: at(index) }))
    messages.push(await equivocator.next({ at: at(index) }))
    const dropped = await dropper.next({ at: at(index) })
    if (index % 10 !== 5) messages.push(dropped)
  }
  messages.push(await stranger.next({ at: at(3) }), await stranger.next({ at: at(4) }))
  // Names an honest publisher, and is signed by the forger.
  const named = new Publisher('h1', { ...forger.signer, publisher: victim.address })
  messages.push(await named.one({ at: at(7) + 1 }))
  // The same id once more with another content, through another source.
  messages.push(
    await equivocator.one({
      at: at(9),
      previous: { timestamp: at(8), sequence: 0 },
      text: '{"n":"other"}',
      source: 'resend:other',
    }),
  )
  // Not so far ahead that it is held back until its time has come, as the next one is.
  messages.push(await early.next({ at: at(11), receivedAt: at(11) - 4 * 60_000 }))
  messages.push(await early.next({ at: at(MESSAGES) + HOUR_MS, receivedAt: at(MESSAGES) }))
  return messages
}

let node: AuditedNode
let report: AuditReport
const range = { from: START, to: at(MESSAGES) + 2 * HOUR_MS }

beforeAll(async () => {
  node = await startAuditedNode(at(MESSAGES) + 10)
  node.permissions.answer = (_stream, publisher, time) => {
    if (publisher === stranger.address) return answer('denied', 5, { from: 0, to: FOREVER })
    if (publisher === regranted.address) {
      if (time < TAKEN.from) return answer('permitted', 5, { from: 0, to: TAKEN.from })
      if (time < TAKEN.to) return answer('denied', 61, TAKEN)
      return answer('permitted', 66, { from: TAKEN.to, to: FOREVER })
    }
    if (publisher !== revoked.address || time < REVOKED_AT) {
      return answer('permitted', 5, { from: 0, to: publisher === revoked.address ? REVOKED_AT : FOREVER })
    }
    return answer('denied', 77, { from: REVOKED_AT, to: FOREVER })
  }
  await node.ingest(await stream())
  report = await node.audit(range)
}, 60_000)

afterAll(() => node.stop())

describe('an audit of a stream with a known truth', () => {
  it('finds exactly what is wrong, and nothing else', () => {
    const found = report.body.findings.map(({ kind, publisher, count }) => [kind, publisher, count])
    expect(found).toEqual([
      ['equivocation', equivocator.address, 1],
      ['forged', honest[0]?.address, 1],
      ['unauthorised', revoked.address, MESSAGES / 2],
      ['unauthorised', regranted.address, 5],
      ['unauthorised', stranger.address, 2],
      ['gap', dropper.address, MESSAGES / 10],
      ['clock-ahead', early.address, 2],
    ])
  })

  it('says when the right was taken, by which block', () => {
    const finding = report.body.findings.find(({ publisher }) => publisher === revoked.address)
    expect(finding?.firstTimestamp).toBe(REVOKED_AT)
    expect(finding?.rights).toMatchObject([{ state: 'denied', evidence: { block: 77 } }])
    const row = report.body.publishers.find(({ publisher }) => publisher === revoked.address)
    expect(row?.rights).toMatchObject([{ state: 'permitted', evidence: { block: 5 } }])
    expect(row?.messages).toBe(MESSAGES / 2)
  })

  it('tells the stretches of a right that was taken and given again apart, each by its block', () => {
    const row = report.body.publishers.find(({ publisher }) => publisher === regranted.address)
    expect(row?.messages).toBe(MESSAGES - 5)
    expect(row?.rights.map(({ state, evidence }) => [state, evidence?.block])).toEqual([
      ['permitted', 5],
      ['denied', 61],
      ['permitted', 66],
    ])
    const finding = report.body.findings.find(({ publisher }) => publisher === regranted.address)
    expect(finding).toMatchObject({ firstTimestamp: TAKEN.from, lastTimestamp: TAKEN.to - STEP_MS })
    expect(finding?.rights).toMatchObject([{ state: 'denied', evidence: { block: 61 } }])
  })

  it('names what was never shown, who signed the forgery, and both contents of one id', () => {
    const of = (kind: string) => report.body.findings.filter((finding) => finding.kind === kind)
    expect(of('gap')[0]?.examples.map(({ detail }) => detail.missingTimestamp)).toEqual(
      [5, 15, 25, 35].map(at),
    )
    expect(of('forged')[0]?.examples[0]?.detail.signer).toBe(forger.address)
    const [first, second] = of('equivocation')[0]?.examples ?? []
    expect(first?.detail.other).toBe(second?.digest)
    expect(second?.detail.other).toBe(first?.digest)
    expect(first?.raw).not.toBe(second?.raw)
  })

  it('says of each chain from where to where it is complete', () => {
    const chainOf = (publisher: Publisher) =>
      report.body.chains.find((chain) => chain.publisher === publisher.address)
    expect(chainOf(honest[1] as Publisher)).toMatchObject({
      complete: true,
      begins: 'first-message',
      messages: MESSAGES,
      first: { timestamp: START },
      last: { timestamp: at(MESSAGES - 1) },
    })
    expect(chainOf(dropper)).toMatchObject({ complete: false, gaps: MESSAGES / 10 })
    expect(report.body.chains.some((chain) => chain.publisher === stranger.address)).toBe(false)
  })

  it('counts contributions once for each message id, with shares and uptime', () => {
    const row = report.body.publishers.find(({ publisher }) => publisher === equivocator.address)
    expect(row).toMatchObject({ messages: MESSAGES, activeIntervals: MESSAGES, longestSilenceMs: STEP_MS })
    const share = report.body.publishers.reduce((sum, { messageShare }) => sum + Number(messageShare), 0)
    expect(share).toBeGreaterThan(0.9999)
    expect(share).toBeLessThanOrEqual(1)
  })

  it('sees a clock that is ahead in an audit up to now, whose range its time lies behind', async () => {
    const upToNow = await node.audit({ from: START, to: at(MESSAGES) })
    expect(upToNow.body.totals.heldBack).toBe(1)
    const ahead = upToNow.body.findings.filter(({ kind }) => kind === 'clock-ahead')
    expect(ahead).toMatchObject([{ publisher: early.address, count: 2 }])
  })

  it('has the same body, byte for byte, when it is made again', async () => {
    const again = await node.audit(range)
    expect(JSON.stringify(again.body)).toBe(JSON.stringify(report.body))
    expect(again.bodyDigest).toBe(report.bodyDigest)
  })

  it('is accepted by the offline check, with what it rests on', () => {
    const verdict = verifyEvidenceFile(Buffer.from(JSON.stringify(report, null, 2)))
    expect(verdict).toMatchObject({ outcome: 'good' })
  })
})
