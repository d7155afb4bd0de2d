import { describe, expect, it, vi } from 'vitest'
import type { EncodableMessage } from '../../../electron/node/message/encode.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { type DecodedMessage, SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import { messageOfBatch, readVerifiedBatch } from '../../../electron/node/message/verified-batch.ts'
import type { PermissionAnswer, RawMessage } from '../../../electron/node/ports.ts'
import { BatchVerifier, type BatchVerifierLinks } from '../../../electron/node/provenance/batch-verifier.ts'
import { packRawBatch } from '../../../electron/node/provenance/raw-batch.ts'
import {
  MAX_QUESTIONS_PER_BATCH,
  MAX_REFUSED_EXCERPT_BYTES,
} from '../../../electron/node/provenance/verifier-limits.ts'
import type {
  ContractAnswer,
  PermissionQuestion,
} from '../../../electron/node/provenance/verifier-protocol.ts'
import { MemoryAppends, permission } from './fakes.ts'
import { CONTENT, createSigner, signedMessage } from './signers.ts'

const signer = createSigner(SIGNATURE_TYPE.secp256k1Evm)
const raw = (message: EncodableMessage | DecodedMessage, source = 'live'): RawMessage => ({
  bytes: encodeStreamMessage(message),
  source,
  receivedAt: 7,
})

interface World {
  verifier: BatchVerifier
  store: MemoryAppends
  questions: PermissionQuestion[]
  verify(...messages: RawMessage[]): ReturnType<BatchVerifier['store']>
}

function world(
  answer: (question: PermissionQuestion) => PermissionAnswer | undefined = () => permission('permitted'),
  contract: ContractAnswer = 'unavailable',
): World {
  const store = new MemoryAppends()
  const questions: PermissionQuestion[] = []
  const links: BatchVerifierLinks = {
    askPermissions: async (asked) => {
      questions.push(...asked)
      return asked.map(answer)
    },
    askContracts: async (asked) => asked.map(() => contract),
    store: async (buffer) => {
      const batch = readVerifiedBatch(buffer)
      return store.append(
        Array.from({ length: batch.messages }, (_, at) => messageOfBatch(batch, at)),
        batch.refused,
      )
    },
  }
  const verifier = new BatchVerifier(links)
  return { verifier, store, questions, verify: (...messages) => verifier.store(packRawBatch(messages)) }
}

async function verdictWith(
  answer: PermissionAnswer | undefined,
  message: DecodedMessage,
  contract?: ContractAnswer,
) {
  const { verify, store } = world(() => answer, contract)
  await verify(raw(message))
  const [stored] = [...store.messages.values()]
  return `${stored?.verdict} ${stored?.reason}`
}

describe('the verdict', () => {
  it.each<[string, PermissionAnswer | undefined, string]>([
    ['permitted', permission('permitted'), 'verified signed-and-permitted'],
    ['denied', permission('denied'), 'unauthorised no-publish-permission'],
    ['expired', permission('expired'), 'unauthorised permission-expired'],
    ['no such stream', permission('no-stream'), 'unauthorised stream-unknown'],
    ['not known', permission('unknown'), 'pending permission-unknown'],
    ['no answer', undefined, 'pending permission-unknown'],
    [
      'permitted on fewer partitions',
      permission('permitted', { partitions: 1 }),
      'unauthorised partition-out-of-range',
    ],
  ])('on a good signature follows the permission: %s', async (_, answer, expected) => {
    expect(await verdictWith(answer, await signedMessage(signer, { partition: 1 }))).toBe(expected)
  })

  it('on a bad signature is forged, and the registry is not even asked', async () => {
    const { verify, store, questions } = world()
    const message = await signedMessage(signer)
    const signature = Uint8Array.from(message.signature)
    signature[3] = (signature[3] ?? 0) ^ 1
    await verify(raw({ ...message, signature }))
    expect([...store.messages.values()]).toMatchObject([
      { verdict: 'forged', reason: 'signature-invalid', fields: [] },
    ])
    expect(questions).toEqual([])
  })

  it.each<[ContractAnswer, string]>([
    ['accepted', 'verified signed-and-permitted'],
    ['refused', 'forged contract-refused-signature'],
    ['unavailable', 'pending rpc-unavailable'],
  ])('on a contract’s signature follows the contract: %s', async (answer, expected) => {
    const message = await signedMessage(createSigner(SIGNATURE_TYPE.erc1271))
    expect(await verdictWith(permission('permitted'), message, answer)).toBe(expected)
  })

  it('on a signature type of a later version is pending', async () => {
    const message = { ...(await signedMessage(signer)), signatureType: 9 }
    expect(await verdictWith(permission('permitted'), message)).toBe('pending signature-type-unsupported')
  })
})

describe('a batch', () => {
  it('reaches the store with digest, fields, source and raw bytes', async () => {
    const { verify, store } = world()
    const message = await signedMessage(signer)
    await verify(raw(message, 'peer:x'))
    expect([...store.messages.values()]).toMatchObject([
      {
        id: message.id,
        source: 'peer:x',
        receivedAt: 7,
        encrypted: false,
        fields: [
          ['load', 0.42],
          ['host', 'a'],
        ],
      },
    ])
    const [stored] = [...store.messages.values()]
    expect(Buffer.from(stored?.raw ?? []).equals(encodeStreamMessage(message))).toBe(true)
  })

  it('stores duplicates within it once, after both were verified', async () => {
    const { verify, store } = world()
    const message = raw(await signedMessage(signer))
    const { counts, result } = await verify(message, message)
    expect(counts.verdicts.verified).toBe(2)
    expect(result).toMatchObject({ stored: 1, duplicates: 1 })
    expect(store.messages.size).toBe(1)
  })

  it('quarantines what is no message, with the reason and a bounded excerpt, also when it is empty', async () => {
    const { verify, store } = world()
    const garbage = new Uint8Array(100_000).fill(0xff)
    const { counts } = await verify(
      { bytes: garbage, source: 'live', receivedAt: 1 },
      { bytes: new Uint8Array(0), source: 'live', receivedAt: 2 },
    )
    expect(counts.refused).toBe(2)
    expect(store.refused.map(({ reason }) => reason)).toEqual(['malformed', 'empty'])
    expect(store.refused[0]?.raw.length).toBe(MAX_REFUSED_EXCERPT_BYTES)
  })

  it('counts key exchange and does not store it', async () => {
    const { verify, store } = world()
    const body = {
      kind: 'group-key-request' as const,
      requestId: 'r',
      recipientId: new Uint8Array(20),
      publicKey: new Uint8Array(3),
      groupKeyIds: ['k'],
      encryptionType: 0,
    }
    const { counts } = await verify(raw(await signedMessage(signer, { body })))
    expect(counts.keyExchange).toBe(1)
    expect(store.appends).toBe(0)
  })

  it('treats content that reads as JSON as plain, whatever the unsigned flags say', async () => {
    const { verify, store } = world()
    const message = await signedMessage(signer)
    await verify(
      raw({ ...message, body: { ...CONTENT, contentType: 1, encryptionType: 1, groupKeyId: 'hidden' } }),
    )
    expect([...store.messages.values()]).toMatchObject([{ verdict: 'verified', encrypted: false }])
    expect([...store.messages.values()][0]?.fields.length).toBe(2)
  })

  it('keeps encrypted content as it is, without fields', async () => {
    const { verify, store } = world()
    const body = { ...CONTENT, content: Uint8Array.from([200, 1, 2]), encryptionType: 1, groupKeyId: 'k' }
    await verify(raw(await signedMessage(signer, { body })))
    expect([...store.messages.values()]).toMatchObject([{ verdict: 'verified', encrypted: true, fields: [] }])
  })

  it('does not wait with what is decided for what is not', async () => {
    const answered = Promise.withResolvers<void>()
    const store = new MemoryAppends()
    const verifier = new BatchVerifier({
      askPermissions: async () => {
        await answered.promise
        return [permission('permitted')]
      },
      askContracts: async () => [],
      store: async (buffer) => {
        const batch = readVerifiedBatch(buffer)
        return store.append(Array.from({ length: batch.messages }, (_, at) => messageOfBatch(batch, at)))
      },
    })
    const good = await signedMessage(signer)
    const other = await signedMessage(signer, { timestamp: 5 })
    const ending = verifier.store(packRawBatch([raw(good), raw({ ...other, signature: new Uint8Array(65) })]))
    await vi.waitFor(() => expect(store.messages.size).toBe(1))
    expect([...store.messages.values()].map(({ verdict }) => verdict)).toEqual(['forged'])
    answered.resolve()
    await ending
    expect([...store.messages.values()].map(({ verdict }) => verdict)).toEqual(['forged', 'verified'])
  })

  it('fails as a whole when the store does not take a part of it', async () => {
    const { verifier, verify, store } = world()
    store.beforeAppend = async () => {
      throw new Error('disk full')
    }
    await expect(verify(raw(await signedMessage(signer)))).rejects.toThrow('disk full')
    store.beforeAppend = async () => undefined
    expect((await verifier.store(packRawBatch([raw(await signedMessage(signer))]))).result.stored).toBe(1)
  })

  it('gives verdicts without storing, at the index of each message', async () => {
    const { verifier, store } = world()
    const good = raw(await signedMessage(signer))
    const forged = raw({ ...(await signedMessage(signer)), signature: new Uint8Array(65) })
    const garbage = { bytes: Uint8Array.from([1]), source: '', receivedAt: 0 }
    const decisions = await verifier.decide(packRawBatch([forged, garbage, good, good]))
    expect(decisions.map((decision) => decision?.verdict)).toEqual([
      'forged',
      undefined,
      'verified',
      'verified',
    ])
    expect(store.appends).toBe(0)
  })
})

describe('what the registry said', () => {
  it('is remembered for the span it holds for, and asked again beyond it', async () => {
    const { verify, store, questions } = world(({ timestamp }) =>
      timestamp < 2_000
        ? permission('denied', { validTo: 2_000 })
        : permission('permitted', { validFrom: 2_000 }),
    )
    const at = async (...times: number[]) =>
      verify(
        ...(await Promise.all(
          times.map(async (timestamp) => raw(await signedMessage(signer, { timestamp }))),
        )),
      )
    await at(1_000, 1_500, 2_500, 3_000)
    expect([...store.messages.values()].map(({ verdict }) => verdict)).toEqual([
      'unauthorised',
      'unauthorised',
      'verified',
      'verified',
    ])
    expect(questions.map(({ timestamp }) => timestamp)).toEqual([1_000, 2_500])
    await at(1_999, 2_001)
    expect(questions.length).toBe(2)
    expect([...store.messages.values()].slice(4).map(({ verdict }) => verdict)).toEqual([
      'unauthorised',
      'verified',
    ])
  })

  it('is forgotten when the stream changes, and only for that stream', async () => {
    const { verifier, verify, questions } = world()
    const a = raw(await signedMessage(signer, { streamId: '0xaa/a' }))
    const b = raw(await signedMessage(signer, { streamId: '0xaa/b' }))
    await verify(a, b)
    verifier.invalidate('0xaa/a')
    await verify(a, b)
    expect(questions.map(({ streamId }) => streamId)).toEqual(['0xaa/a', '0xaa/b', '0xaa/a'])
  })

  it('is not remembered when it was "not known"', async () => {
    const { verify, questions } = world(() => permission('unknown'))
    const message = raw(await signedMessage(signer))
    await verify(message)
    await verify(message)
    expect(questions.length).toBe(2)
  })

  it('is asked a bounded number of times for one batch, even by an oracle whose answers never fit', async () => {
    const { verify, questions, store } = world(() => permission('permitted', { validFrom: 5, validTo: 6 }))
    await verify(raw(await signedMessage(signer)))
    expect(questions.length).toBe(MAX_QUESTIONS_PER_BATCH)
    expect([...store.messages.values()]).toMatchObject([{ verdict: 'pending', reason: 'permission-unknown' }])
  })
})
