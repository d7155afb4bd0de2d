import { Wallet } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { besideReport, type PeerRoot } from '../../../electron/node/provenance/audit/beside-report.ts'
import { signReport } from '../../../electron/node/provenance/audit/sign-report.ts'
import { verifyEvidenceFile } from '../../../electron/node/provenance/verify-evidence.ts'
import {
  type AuditBeside,
  type AuditReport,
  NOTHING_BESIDE,
  reportStatement,
} from '../../../shared/audit-report.ts'
import { rangeRootStatement } from '../../../shared/range-root.ts'
import { TestState } from '../provenance/state-trie.ts'
import {
  type AuditedNode,
  answer,
  PART,
  Publisher,
  START,
  STREAM_ID,
  startAuditedNode,
} from './audited-node.ts'

const GIVEN = 99_999_999_999n
const maker = new Wallet(`0x${'42'.repeat(32)}`)
const [one, other] = [Wallet.createRandom(), Wallet.createRandom()]
const signal = new AbortController().signal
let node: AuditedNode
let report: AuditReport
let state: TestState

beforeAll(async () => {
  node = await startAuditedNode()
  const honest = new Publisher('honest')
  node.permissions.answer = () => answer('permitted', 42, { from: 0, to: Number.MAX_SAFE_INTEGER })
  await node.ingest([await honest.next({ at: START }), await honest.next({ at: START + 1 })])
  report = await node.audit({ from: START, to: START + 10 })
  const user = `0x${'00'.repeat(20)}`
  state = await TestState.of([{ streamId: STREAM_ID, version: 1n, user, expiration: GIVEN }], {
    contract: report.body.network.streamRegistry,
  })
}, 60_000)
afterAll(() => node.stop())

/** A node that computed a root of the audited range, and signed it. */
function peer(
  wallet: { address: string; signMessageSync(text: string): string },
  root: string,
  leaves = 2,
): PeerRoot {
  const { from, to } = report.body.range
  const signature = wallet
    .signMessageSync(rangeRootStatement({ part: PART, from, to, leaves, root }))
    .slice(2)
  return {
    address: wallet.address.toLowerCase(),
    signed: { part: PART, from, to, leaves, root, signature },
    why: null,
  }
}

const asked = (answers: PeerRoot[]) =>
  besideReport(report.body, { askRoots: async () => answers, state }, signal)

async function checked(beside: AuditBeside) {
  const text = await signReport(report.body, { made: report.made, beside }, async (statement) =>
    (await maker.signMessage(statement)).slice(2),
  )
  const verdict = verifyEvidenceFile(Buffer.from(text))
  return {
    outcome: verdict.outcome,
    text: verdict.outcome === 'good' ? verdict.statements.join('\n') : verdict.sentence,
  }
}

describe('what stands beside the body of a report', () => {
  it('says which nodes computed the same root, which another, and which did not say', async () => {
    const beside = await asked([
      peer(one, report.body.merkle.root),
      peer(other, '11'.repeat(32), 7),
      { address: `0x${'01'.repeat(20)}`, signed: null, why: null },
      { address: `0x${'02'.repeat(20)}`, signed: null, why: 'late' },
    ])
    expect(beside.peers).toMatchObject({ asked: 4, empty: 1, silent: 1 })
    const { outcome, text } = await checked(beside)
    expect(outcome).toBe('good')
    expect(text).toContain(
      `Of 4 other nodes asked, 1 computed the same Merkle root from their own data and signed it: ${one.address.toLowerCase()}; 1 signed another, 1 hold nothing of the range, 1 did not say.`,
    )
  })

  it('does not change the body, which is the same byte for byte whoever could be reached', async () => {
    expect(report.beside).toEqual(NOTHING_BESIDE)
    const text = await signReport(report.body, { made: report.made, beside: await asked([]) }, async () =>
      '00'.repeat(65),
    )
    expect((JSON.parse(text) as AuditReport).bodyDigest).toBe(report.bodyDigest)
  })

  it('has rights from the chain’s state, or says why not', async () => {
    const { storage, storageAbsent } = await asked([])
    expect({ storage, storageAbsent }).toMatchObject({
      storage: [{ block: 42, publishExpiration: GIVEN.toString() }],
      storageAbsent: null,
    })
    expect(await checked(await asked([]))).toMatchObject({
      outcome: 'good',
      text: expect.stringContaining('from the chain’s state: 1 of the rights named'),
    })
    state.refusal = 'not-offered'
    const without = await checked(await asked([]))
    state.refusal = undefined
    expect(without.text).toContain('eth_getProof')
  })

  it.each<[string, (beside: AuditBeside) => unknown]>([
    [
      'a node that did not sign',
      ({ peers }) => Object.assign(peers.roots[0] ?? {}, { by: `0x${'01'.repeat(20)}` }),
    ],
    ['a root that nobody signed', ({ peers }) => Object.assign(peers.roots[0] ?? {}, { leaves: 3 })],
    [
      'a node counted twice',
      ({ peers }) => Object.assign(peers, { asked: 2, roots: [...peers.roots, ...peers.roots] }),
    ],
    ['more nodes asked than there are', ({ peers }) => Object.assign(peers, { asked: 9 })],
    ['a right that is none', ({ storage }) => Object.assign(storage[0] ?? {}, { publishExpiration: '1' })],
    ['a right of another stream', ({ storage }) => Object.assign(storage[0] ?? {}, { streamId: 'x' })],
  ])('is not good with %s', async (_what, change) => {
    const beside = structuredClone(await asked([peer(one, report.body.merkle.root)]))
    change(beside)
    expect((await checked(beside)).outcome).toBe('not-good')
  })

  it('is covered by the signature of the report', async () => {
    const beside = await asked([peer(one, report.body.merkle.root)])
    const text = await signReport(report.body, { made: report.made, beside }, async (statement) =>
      (await maker.signMessage(statement)).slice(2),
    )
    const without = { ...(JSON.parse(text) as AuditReport), beside: NOTHING_BESIDE }
    expect(verifyEvidenceFile(Buffer.from(JSON.stringify(without)))).toMatchObject({
      outcome: 'not-good',
      sentence: expect.stringContaining('not signed by the node'),
    })
  })

  it('is missing in reports of version 1, which are read as before', async () => {
    const { beside: _, signature: __, ...rest } = report
    const first = { ...rest, version: 1 as const }
    const statement = reportStatement(first)
    expect(statement).not.toContain('beside')
    const signature = maker.signMessageSync(statement).slice(2)
    const text = JSON.stringify({ ...first, signature })
    expect(verifyEvidenceFile(Buffer.from(text))).toMatchObject({ outcome: 'good' })
  })
})
