import { createHash } from 'node:crypto'
import { Wallet } from 'ethers'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { contentDigest } from '../../../electron/node/message/content-digest.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import type { PermissionEvidence, StoredMessage } from '../../../electron/node/ports.ts'
import { makeProof, type ProofParts } from '../../../electron/node/provenance/proof.ts'
import { proveStorage } from '../../../electron/node/provenance/state/check-storage.ts'
import { proveRight } from '../../../electron/node/provenance/state/prove-right.ts'
import { decodeRlp, RlpRefused } from '../../../electron/node/provenance/state/rlp.ts'
import { TrieProofRefused } from '../../../electron/node/provenance/state/trie-proof.ts'
import { verifyProofFile } from '../../../electron/node/provenance/verify-proof.ts'
import { type Proof, proofStatement } from '../../../shared/proof.ts'
import type { StorageProof } from '../../../shared/storage-proof.ts'
import { permission } from './fakes.ts'
import { createSigner, signedMessage } from './signers.ts'
import { type KeptRight, TestState } from './state-trie.ts'

const TIME = 1_700_000_000_000
const STREAM_ID = '0xaa/load'
const FOREVER = 2n ** 256n - 1n
const signer = createSigner(SIGNATURE_TYPE.secp256k1Evm)
const wallet = new Wallet(`0x${'42'.repeat(32)}`)

const right = (change: Partial<KeptRight> = {}): KeptRight => ({
  streamId: STREAM_ID,
  version: 1n,
  user: signer.publisher,
  expiration: FOREVER,
  ...change,
})

function evidenceIn(state: TestState, change: Partial<PermissionEvidence> = {}): PermissionEvidence {
  return {
    chainId: 31_337,
    contract: state.contract,
    block: state.block,
    blockTimestamp: state.timestamp * 1_000,
    transaction: `0x${'12'.repeat(32)}`,
    publisher: signer.publisher,
    grantee: signer.publisher,
    publishExpiration: FOREVER.toString(),
    ...change,
  }
}

let state: TestState
let proof: StorageProof

async function provenIn(from: TestState, evidence = evidenceIn(from)): Promise<StorageProof> {
  const outcome = await proveRight(from, STREAM_ID, evidence)
  if (typeof outcome === 'string') throw new Error(outcome)
  return outcome
}

beforeAll(async () => {
  state = await TestState.of([right(), right({ user: `0x${'99'.repeat(20)}`, expiration: 5n })])
  proof = await provenIn(state)
})

describe('a right proven from the state of a block', () => {
  it('is the one that the registry keeps, under the hash of the block', async () => {
    expect(proof).toMatchObject({
      block: 42,
      blockTimestamp: state.timestamp * 1_000,
      publishExpiration: FOREVER.toString(),
      blockHash: ((await state.stateProof(state.contract, [], 42)) as { blockHash: string }).blockHash,
    })
  })

  it('holds for rights of everybody, for long ids of users, and for streams made again', async () => {
    const others: Partial<KeptRight>[] = [
      { user: `0x${'00'.repeat(20)}` },
      { user: `0x${'5a'.repeat(2_592)}` },
      { version: 7n, expiration: 1_800_000_000n },
    ]
    for (const change of others) {
      const kept = right(change)
      const there = await TestState.of([kept])
      const evidence = evidenceIn(there, {
        grantee: kept.user,
        publishExpiration: kept.expiration.toString(),
      })
      const shown = await provenIn(there, evidence)
      expect(proveStorage(there.contract, shown).publishExpiration).toBe(kept.expiration)
    }
  })

  it('is shown to be absent where nothing was given, or another time of the stream is meant', async () => {
    const none = await TestState.of([right({ expiration: 0n })])
    const absent = await provenIn(none, evidenceIn(none, { publishExpiration: '0' }))
    expect(absent.publishExpiration).toBe('0')
    const before = { ...proof, version: absent.version, account: absent.account, header: absent.header }
    expect(() => proveStorage(state.contract, before)).toThrow(TrieProofRefused)
  })

  it('is said in words to be missing where endpoints offer none, keep the state no more, or lie', async () => {
    const there = await TestState.of([right()])
    for (const refusal of ['not-offered', 'state-gone', 'unreachable'] as const) {
      there.refusal = refusal
      expect(await proveRight(there, STREAM_ID, evidenceIn(there))).toBe(refusal)
    }
    there.refusal = undefined
    expect(await proveRight(there, STREAM_ID, evidenceIn(there, { publishExpiration: '5' }))).toBe(
      'not-fitting',
    )
    const ownHeaders = Object.assign(Object.create(there), {
      stateProof: async (...words: Parameters<TestState['stateProof']>) => ({
        ...((await there.stateProof(...words)) as object),
        blockHash: `0x${'00'.repeat(32)}`,
      }),
    })
    expect(await proveRight(ownHeaders, STREAM_ID, evidenceIn(there))).toBe('not-fitting')
  })

  it('is taken from the newest block where the state of the event’s block is gone', async () => {
    const there = await TestState.of([right()])
    const shown = await proveRight(there, STREAM_ID, evidenceIn(there, { block: 7 }))
    expect(shown).toMatchObject({ block: 42 })
    expect(there.asked).toEqual([7, 'latest', 42])
    const other = evidenceIn(there, { block: 7, publishExpiration: '9999999999' })
    expect(await proveRight(there, STREAM_ID, other)).toBe('state-gone')
  })

  it('is refused with any byte of its nodes or of its header changed', () => {
    for (const part of ['account', 'version', 'expiration'] as const) {
      for (const [at, node] of proof[part].entries()) {
        for (let byte = 0; byte < node.length / 2; byte += 7) {
          const changed = structuredClone(proof)
          const bytes = Buffer.from(node, 'hex')
          bytes[byte] = (bytes[byte] ?? 0) ^ 1
          changed[part][at] = bytes.toString('hex')
          expect(() => proveStorage(state.contract, changed)).toThrow(TrieProofRefused)
        }
      }
    }
    for (let byte = 0; byte < proof.header.length / 2; byte += 5) {
      const bytes = Buffer.from(proof.header, 'hex')
      bytes[byte] = (bytes[byte] ?? 0) ^ 1
      let shown: { blockHash?: string } = {}
      try {
        shown = proveStorage(state.contract, { ...proof, header: bytes.toString('hex') })
      } catch (error) {
        expect(error).toBeInstanceOf(TrieProofRefused)
      }
      expect(shown.blockHash).not.toBe(proof.blockHash)
    }
  })
})

describe('RLP', () => {
  it('is read in its one canonical form alone, and never throws anything else', () => {
    for (const text of ['8100', '817f', 'b800', 'b90001ff', 'f800', '83aabb', 'c2aa', '', '0101']) {
      expect(() => decodeRlp(Buffer.from(text, 'hex')), text).toThrow(RlpRefused)
    }
    expect(() => decodeRlp(Buffer.from(`${'c1'.repeat(40)}c0`, 'hex'))).toThrow(RlpRefused)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeRlp(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(RlpRefused)
        }
      }),
    )
  })
})

async function proofFile(from: TestState, change: Partial<ProofParts> = {}): Promise<string> {
  const message = await signedMessage(signer, { timestamp: TIME })
  const stored: StoredMessage = {
    id: message.id,
    digest: contentDigest(message),
    verdict: 'verified',
    reason: 'signed-and-permitted',
    equivocation: false,
    encrypted: false,
    source: 'live',
    receivedAt: TIME,
    raw: encodeStreamMessage(message),
  }
  return makeProof(stored, {
    store: { get: async () => [], neighbours: async () => ({ previous: null, next: null }) },
    permissions: { publishPermission: async () => permission('permitted', { evidence: evidenceIn(from) }) },
    network: {
      chainId: 31_337,
      contracts: {
        streamRegistry: from.contract,
        streamStorageRegistry: from.contract,
        storageNodeRegistry: from.contract,
      },
    },
    proveRight: (streamId, evidence) => proveRight(from, streamId, evidence),
    clock: { now: () => TIME },
    madeBy: wallet.address,
    sign: async (text) => (await wallet.signMessage(text)).slice(2),
    ...change,
  })
}

/** As the file's own maker would write it who lies. */
function rewritten(text: string, change: (proof: Proof) => unknown): Buffer {
  const { bodyDigest: _, signature: __, ...body } = JSON.parse(text) as Proof
  change(body as Proof)
  const bodyDigest = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  const signature = wallet.signMessageSync(proofStatement(bodyDigest)).slice(2)
  return Buffer.from(JSON.stringify({ ...body, bodyDigest, signature }))
}

describe('a proof file with a right from the chain’s state', () => {
  it('is good, and says which block is left to be looked up', async () => {
    const verdict = verifyProofFile(Buffer.from(await proofFile(state)))
    const statements = verdict.outcome === 'good' ? verdict.statements.join('\n') : verdict.sentence
    expect(statements).toContain(`whether this block has the hash ${proof.blockHash}`)
    expect(statements).not.toContain('RPC endpoint')
  })

  it('says why there is none', async () => {
    const text = await proofFile(state, { proveRight: async () => 'not-offered' })
    const verdict = verifyProofFile(Buffer.from(text))
    expect(verdict.outcome === 'good' && verdict.statements.join()).toContain(
      'offers storage proofs (eth_getProof)',
    )
  })

  it.each<[string, (proof: Proof) => unknown]>([
    [
      'a right that ran out',
      ({ storage: [first] }) => Object.assign(first ?? {}, { publishExpiration: '1' }),
    ],
    ['another block', ({ storage: [first] }) => Object.assign(first ?? {}, { block: 43 })],
    ['another time', ({ storage: [first] }) => Object.assign(first ?? {}, { blockTimestamp: 1 })],
    [
      'somebody else',
      ({ storage: [first] }) => Object.assign(first ?? {}, { grantee: `0x${'99'.repeat(20)}` }),
    ],
    [
      'another contract',
      ({ network }) => Object.assign(network.contracts, { streamRegistry: `0x${'01'.repeat(20)}` }),
    ],
    [
      'a proof that is not there',
      ({ messages: [first] }) => Object.assign(first?.permission ?? {}, { storage: 1 }),
    ],
    [
      'a proof that nobody needs',
      ({ messages: [first] }) => Object.assign(first?.permission ?? {}, { storage: null }),
    ],
    [
      'a block before the event',
      ({ messages: [first] }) => Object.assign(first?.permission.evidence ?? {}, { block: 43 }),
    ],
    ['a place in no range', ({ messages: [first] }) => Object.assign(first ?? {}, { leaf: 0 })],
  ])('that states %s is not good', async (_what, change) => {
    expect(verifyProofFile(rewritten(await proofFile(state), change)).outcome).toBe('not-good')
  })
})
