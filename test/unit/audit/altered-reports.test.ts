import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signReport } from '../../../electron/node/provenance/audit/sign-report.ts'
import { verifyEvidenceFile } from '../../../electron/node/provenance/verify-evidence.ts'
import type { AuditReport } from '../../../shared/audit-report.ts'
import { type AuditedNode, answer, Publisher, START, startAuditedNode } from './audited-node.ts'

const wallets = import('ethers')
let node: AuditedNode
let report: AuditReport

beforeAll(async () => {
  node = await startAuditedNode()
  const stranger = new Publisher('stranger')
  const honest = new Publisher('honest')
  node.permissions.answer = (_stream, publisher) =>
    answer(publisher === stranger.address ? 'denied' : 'permitted', 5, {
      from: 0,
      to: Number.MAX_SAFE_INTEGER,
    })
  await node.ingest([await honest.next({ at: START }), await stranger.next({ at: START + 1 })])
  report = await node.audit({ from: START, to: START + 10 })
})

afterAll(() => node.stop())

const outcomeOf = (value: unknown) => verifyEvidenceFile(Buffer.from(JSON.stringify(value)))

/** Signed anew by another key, or by the maker's own: what a maker who lies could write. */
async function signedAnew(change: (report: AuditReport) => unknown): Promise<string> {
  const { Wallet } = await wallets
  const wallet = new Wallet(`0x${'42'.repeat(32)}`)
  const copy = structuredClone(report)
  change(copy)
  return signReport(copy.body, copy, async (text) => (await wallet.signMessage(text)).slice(2))
}

describe('a report that was altered', () => {
  it('is refused for every bit that changes what it says, wherever it lies', () => {
    const bytes = Buffer.from(JSON.stringify(report))
    const accepted: number[] = []
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [0x01, 0x20]) {
        const altered = Buffer.from(bytes)
        altered[at] = (altered[at] ?? 0) ^ flip
        if (verifyEvidenceFile(altered).outcome === 'good') accepted.push(at)
      }
    }
    expect(accepted).toEqual([])
  })

  it('is refused when it ends early, is of a later version, says a thing twice, or nests deeply', () => {
    const text = JSON.stringify(report)
    expect(verifyEvidenceFile(Buffer.from(text.slice(0, -10))).outcome).toBe('not-readable')
    expect(outcomeOf({ ...report, version: 3 })).toMatchObject({ outcome: 'not-readable' })
    const twice = text.replace('"kind":', '"kind":"tidemark-audit-report","kind":')
    expect(verifyEvidenceFile(Buffer.from(twice)).outcome).toBe('not-good')
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    expect(verifyEvidenceFile(Buffer.from(deep)).outcome).toBe('not-readable')
  })

  it('is refused when it is signed by another than its maker, or in high-s form', async () => {
    const { Wallet } = await wallets
    const other = Wallet.createRandom()
    const foreign = await signReport(report.body, report, async (text) =>
      (await other.signMessage(text)).slice(2),
    )
    expect(verifyEvidenceFile(Buffer.from(foreign))).toMatchObject({
      outcome: 'not-good',
      sentence: expect.stringContaining('not signed by the node'),
    })
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const s = order - BigInt(`0x${report.signature.slice(64, 128)}`)
    const v = report.signature.endsWith('1b') ? '1c' : '1b'
    const twin = `${report.signature.slice(0, 64)}${s.toString(16).padStart(64, '0')}${v}`
    expect(outcomeOf({ ...report, signature: twin })).toMatchObject({ outcome: 'not-good' })
  })

  it.each<[string, (report: AuditReport) => unknown]>([
    ['the number of messages', ({ body }) => Object.assign(body.totals, { messages: 3 })],
    ['the messages under its root', ({ body }) => Object.assign(body.merkle, { leaves: 2 })],
    ['a share', ({ body }) => Object.assign(body.publishers[0] ?? {}, { messageShare: '0.500000' })],
    ['a finding that is left out', ({ body }) => body.findings.pop()],
    [
      'a signature that it calls forged',
      ({ body }) => {
        const [finding] = body.findings
        if (finding) finding.kind = 'forged'
        body.totals.verdicts.forged = body.totals.verdicts.unauthorised
        body.totals.verdicts.unauthorised = 0
      },
    ],
  ])('is refused when its own maker lies about %s', async (_what, change) => {
    expect(verifyEvidenceFile(Buffer.from(await signedAnew(change)))).toMatchObject({ outcome: 'not-good' })
  })
})
