import { createHash } from 'node:crypto'
import { Wallet } from 'ethers'
import { describe, expect, it } from 'vitest'
import { contentDigest } from '../../../electron/node/message/content-digest.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { type DecodedMessage, SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import type { PermissionAnswer, StoredMessage } from '../../../electron/node/ports.ts'
import { makeProof, type ProofParts } from '../../../electron/node/provenance/proof.ts'
import { verifyProofFile } from '../../../electron/node/provenance/verify-proof.ts'
import { MAX_PROOF_BYTES, type Proof, proofStatement } from '../../../shared/proof.ts'
import { permission } from './fakes.ts'
import { createSigner, type KnownSignatureType, type Signer, signedMessage } from './signers.ts'

const REGISTRY = `0x${'ab'.repeat(20)}`
const NETWORK = {
  chainId: 31_337,
  contracts: {
    streamRegistry: REGISTRY.toUpperCase().replace('0X', '0x'),
    streamStorageRegistry: `0x${'cd'.repeat(20)}`,
    storageNodeRegistry: `0x${'ef'.repeat(20)}`,
  },
}
const TIME = 1_700_000_000_000
const wallet = new Wallet(`0x${'42'.repeat(32)}`)
const maker = {
  madeBy: wallet.address,
  sign: async (text: string) => (await wallet.signMessage(text)).slice(2),
}

function permitted(publisher: string): PermissionAnswer {
  return permission('permitted', {
    partitions: 1,
    evidence: {
      chainId: 31_337,
      contract: REGISTRY,
      block: 42,
      blockTimestamp: TIME - 5_000,
      transaction: `0x${'12'.repeat(32)}`,
      publisher,
      grantee: publisher,
      publishExpiration: '115792089237316195423570985008687907853269984665640564039457584007913129639935',
    },
  })
}

function stored(message: DecodedMessage, change: Partial<StoredMessage> = {}): StoredMessage {
  return {
    id: message.id,
    digest: contentDigest(message),
    verdict: 'verified',
    reason: 'signed-and-permitted',
    equivocation: false,
    encrypted: false,
    source: 'live',
    receivedAt: TIME + 80,
    raw: encodeStreamMessage(message),
    ...change,
  }
}

function parts(change: Partial<ProofParts> = {}): ProofParts {
  return {
    store: { get: async () => [], neighbours: async () => ({ previous: null, next: null }) },
    permissions: { publishPermission: async (_, publisher) => permitted(publisher) },
    network: NETWORK,
    clock: { now: () => TIME + 1_000 },
    ...maker,
    ...change,
  }
}

const evm = createSigner(SIGNATURE_TYPE.secp256k1Evm)
const proofOf = async (signer: Signer = evm, change: Partial<ProofParts> = {}) =>
  makeProof(stored(await signedMessage(signer, { timestamp: TIME })), parts(change))
const verifyText = (text: string) => verifyProofFile(Buffer.from(text))

/** Writes a changed proof as its own maker would who lies: with its digest and its signature mended. */
function forge(text: string, change: (proof: Proof) => void): string {
  const proof = JSON.parse(text) as Proof
  change(proof)
  const { bodyDigest: _, signature: __, ...body } = proof
  const bodyDigest = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  const signature = wallet.signMessageSync(proofStatement(bodyDigest)).slice(2)
  return JSON.stringify({ ...body, bodyDigest, signature })
}

const first = (proof: Proof) => {
  const [message] = proof.messages
  if (message === undefined) throw new Error('The proof is empty')
  return message
}

describe('a proof file', () => {
  it.each<[string, KnownSignatureType]>([
    ['secp256k1 EVM', SIGNATURE_TYPE.secp256k1Evm],
    ['secp256k1 legacy', SIGNATURE_TYPE.secp256k1Legacy],
    ['secp256r1', SIGNATURE_TYPE.secp256r1],
    ['ML-DSA-87', SIGNATURE_TYPE.mlDsa87],
  ])('of a message with a %s signature is good', async (_, signatureType) => {
    const signer = createSigner(signatureType)
    const verdict = verifyText(await proofOf(signer))
    expect(verdict).toMatchObject({ outcome: 'good' })
    expect(verdict.sentence).toContain(signer.publisher)
  })

  it('says what was computed and what rests on the word of others', async () => {
    const verdict = verifyText(await proofOf())
    const statements = verdict.outcome === 'good' ? verdict.statements.join('\n') : verdict.sentence
    expect(statements).toContain('Computed here')
    expect(statements).toContain('block 42, as an RPC endpoint reported them')
    expect(statements).toContain(wallet.address.toLowerCase())
  })

  it('of a selection is ordered, and good', async () => {
    const messages = await Promise.all(
      [3, 1, 2].map(async (n) =>
        stored(
          await signedMessage(n === 2 ? evm : createSigner(SIGNATURE_TYPE.secp256r1), {
            timestamp: TIME + n,
          }),
        ),
      ),
    )
    const verdict = verifyText(await makeProof(messages, parts()))
    expect(verdict.outcome === 'good' && verdict.proof.messages.map(({ id }) => id.timestamp - TIME)).toEqual(
      [1, 2, 3],
    )
  })

  it('does not mind how its JSON is laid out', async () => {
    const text = await proofOf()
    expect(verifyText(JSON.stringify(JSON.parse(text))).outcome).toBe('good')
    expect(verifyText(JSON.stringify(JSON.parse(text), null, '\t').replaceAll('\n', '\r\n')).outcome).toBe(
      'good',
    )
  })

  it('is not good once any byte that is not white space has changed', async () => {
    const bytes = Buffer.from(await proofOf())
    const isSpace = (byte: number | undefined) =>
      byte !== undefined && ' \t\r\n'.includes(String.fromCharCode(byte))
    const accepted: number[] = []
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [0x01, 0x20, 0x80]) {
        const changed = Buffer.from(bytes)
        changed[at] = (bytes[at] ?? 0) ^ flip
        if (isSpace(bytes[at]) && isSpace(changed[at])) continue
        if (verifyProofFile(changed).outcome === 'good') accepted.push(at)
      }
    }
    expect(accepted).toEqual([])
  })

  it('is not good when it is cut anywhere', async () => {
    const bytes = Buffer.from((await proofOf()).trimEnd())
    for (let length = 0; length < bytes.length; length += 7) {
      expect(verifyProofFile(bytes.subarray(0, length)).outcome).toBe('not-readable')
    }
  })

  it('with a key twice is called altered, even when both say the same', async () => {
    const text = await proofOf()
    expect(verifyText(text.replace('"version": 2', '"version": 2, "version": 2'))).toMatchObject({
      outcome: 'not-good',
      sentence: expect.stringContaining('twice'),
    })
    expect(verifyText(text.replace('"version": 2', '"version": 2.0')).outcome).toBe('not-good')
    expect(verifyText(text.replace('"tidemark-proof"', '"tidemark\\u002dproof"')).outcome).toBe('not-good')
  })

  it.each<[string, string]>([
    ['of a later version', '{"kind":"tidemark-proof","version":3}'],
    ['of another kind', '{"kind":"recipe","version":1}'],
    ['with an unknown key', '{"kind":"tidemark-proof","version":1,"extra":1}'],
    ['that nests deeply', '['.repeat(100_000)],
    ['that is no JSON', 'proof'],
    ['that ends within a text', '{"kind":"tide'],
    ['that is empty', ''],
  ])('%s is not readable', (_, text) => {
    expect(verifyText(text)).toMatchObject({
      outcome: 'not-readable',
      sentence: expect.stringMatching(/\.$/),
    })
  })

  it('that nests deeply is refused before it is parsed', () => {
    const deep = `${'['.repeat(17)}${']'.repeat(17)}`
    expect(verifyText(deep).sentence).toBe('The file holds JSON that nests deeper than 16.')
    expect(verifyText(deep.slice(1, -1)).sentence).toBe('The file is no Tidemark proof.')
  })

  it('that is not UTF-8, or larger than its bound, is not readable', () => {
    expect(verifyProofFile(Uint8Array.from([0xff, 0xfe]))).toMatchObject({ outcome: 'not-readable' })
    expect(verifyProofFile(new Uint8Array(MAX_PROOF_BYTES + 1))).toMatchObject({ outcome: 'not-readable' })
  })

  it('whose redundant statements were changed together with its digest is not good', async () => {
    const text = await proofOf()
    const other = createSigner(SIGNATURE_TYPE.secp256k1Evm).publisher
    const changes: [string, (proof: Proof) => void][] = [
      ['stream', (proof) => (first(proof).id.streamId = '0xaa/other')],
      ['partition', (proof) => (first(proof).id.partition = 1)],
      ['time', (proof) => (first(proof).id.timestamp += 1)],
      ['sequence', (proof) => (first(proof).id.sequence += 1)],
      ['publisher', (proof) => (first(proof).id.publisher = other)],
      ['chain', (proof) => (first(proof).id.chain = 'x')],
      ['predecessor', (proof) => (first(proof).previous = { timestamp: 1, sequence: 0 })],
      ['digest', (proof) => (first(proof).digest = '00'.repeat(32))],
      ['type of signature', (proof) => (first(proof).signature.type = 'secp256r1')],
      ['signature', (proof) => (first(proof).signature.value = '00'.repeat(65))],
      ['signer', (proof) => (first(proof).signature.signer = other)],
      ['raw message', (proof) => (first(proof).raw = 'AAAA')],
      ['base64', (proof) => (first(proof).raw += '=')],
      ['verified', (proof) => (first(proof).verdict = 'pending')],
      ['permission', (proof) => (first(proof).permission.state = 'denied')],
      ['registry event', (proof) => (first(proof).permission.evidence = null)],
      ['partitions', (proof) => (first(proof).permission.partitions = 0)],
      ['successor', (proof) => (first(proof).chain.next = { timestamp: 1, sequence: 0 })],
      ['predecessor held', (proof) => (first(proof).chain.previousHeld = true)],
      ['siblings', (proof) => first(proof).chain.siblings.push(first(proof).digest)],
      ['order', (proof) => proof.messages.push(first(proof))],
    ]
    for (const [what, change] of changes) {
      const verdict = verifyText(forge(text, change))
      expect({ what, outcome: verdict.outcome }).toEqual({ what, outcome: 'not-good' })
    }
    expect(verifyText(forge(text, () => undefined)).outcome).toBe('good')
  })

  it('whose registry event does not fit the message is not good', async () => {
    const text = await proofOf()
    const changes: ((evidence: NonNullable<Proof['messages'][0]['permission']['evidence']>) => void)[] = [
      (evidence) => (evidence.chainId = 1),
      (evidence) => (evidence.contract = `0x${'99'.repeat(20)}`),
      (evidence) => (evidence.grantee = `0x${'99'.repeat(20)}`),
      (evidence) => (evidence.blockTimestamp = TIME + 15_001),
      (evidence) => (evidence.publishExpiration = String(TIME / 1_000 - 1)),
    ]
    for (const change of changes) {
      const forged = forge(text, (proof) => {
        const { evidence } = first(proof).permission
        if (evidence !== null) change(evidence)
      })
      expect(verifyText(forged).outcome).toBe('not-good')
    }
    const everyone = forge(text, (proof) => {
      const { evidence } = first(proof).permission
      if (evidence !== null) evidence.grantee = `0x${'00'.repeat(20)}`
    })
    expect(verifyText(everyone).outcome).toBe('good')
  })

  it('of a forged, unauthorised or undecided message is never good', async () => {
    const message = await signedMessage(evm, { timestamp: TIME })
    const forged = stored(
      { ...message, signature: new Uint8Array(65) },
      { verdict: 'forged', reason: 'signature-invalid' },
    )
    const high = stored(message, { verdict: 'unauthorised', reason: 'no-publish-permission' })
    for (const one of [forged, high]) {
      expect(verifyText(await makeProof(one, parts())).outcome).toBe('not-good')
    }
    const denied = { publishPermission: async () => permission('denied') }
    expect(verifyText(await makeProof(stored(message), parts({ permissions: denied }))).outcome).toBe(
      'not-good',
    )
  })

  it('of a contract’s signature says that it cannot be checked offline', async () => {
    expect(verifyText(await proofOf(createSigner(SIGNATURE_TYPE.erc1271)))).toMatchObject({
      outcome: 'not-good',
      sentence: expect.stringContaining('offline'),
    })
  })

  it('names equivocation that the maker knows of', async () => {
    const message = await signedMessage(evm, { timestamp: TIME })
    const sibling = stored(message, { digest: new Uint8Array(32).fill(7) })
    const store = {
      get: async () => [stored(message), sibling],
      neighbours: async () => ({ previous: null, next: null }),
    }
    const verdict = verifyText(await makeProof(stored(message), parts({ store })))
    expect(verdict.outcome === 'good' && verdict.statements[0]).toContain('signed both')
  })

  it('is not good when it is signed by another than its maker, or in high-s form', async () => {
    const text = await proofOf()
    const proof = JSON.parse(text) as Proof
    const foreign = Wallet.createRandom().signMessageSync(proofStatement(proof.bodyDigest)).slice(2)
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const s = order - BigInt(`0x${proof.signature.slice(64, 128)}`)
    const v = proof.signature.endsWith('1b') ? '1c' : '1b'
    const twin = `${proof.signature.slice(0, 64)}${s.toString(16).padStart(64, '0')}${v}`
    for (const signature of [foreign, twin, '00'.repeat(65)]) {
      expect(verifyText(JSON.stringify({ ...proof, signature }))).toMatchObject({
        outcome: 'not-good',
        sentence: expect.stringContaining('not signed by the node'),
      })
    }
  })

  it('of the first version, which nobody signed, is read as before', async () => {
    const {
      range,
      storage,
      storageAbsent,
      bodyDigest: _,
      signature: __,
      ...body
    } = JSON.parse(await proofOf())
    expect({ range, storage, storageAbsent }).toEqual({ range: null, storage: [], storageAbsent: null })
    for (const message of body.messages) {
      delete message.leaf
      delete message.permission.storage
    }
    body.version = 1
    const bodyDigest = createHash('sha256').update(JSON.stringify(body)).digest('hex')
    const verdict = verifyText(JSON.stringify({ ...body, bodyDigest }))
    expect(verdict).toMatchObject({ outcome: 'good', proof: { version: 1, signature: null, range: null } })
    expect(verdict.outcome === 'good' && verdict.statements.join()).toContain('has not signed it')
    expect(verifyText(JSON.stringify({ ...body, leaf: 0, bodyDigest })).outcome).toBe('not-readable')
  })

  it('is not made of nothing', async () => {
    await expect(makeProof([], parts())).rejects.toMatchObject({ code: 'invalid-input' })
  })
})
