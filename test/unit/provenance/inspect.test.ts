import { describe, expect, it } from 'vitest'
import { contentDigest } from '../../../electron/node/message/content-digest.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { type DecodedMessage, SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import type { StoredMessage } from '../../../electron/node/ports.ts'
import { type InspectionParts, inspectMessage } from '../../../electron/node/provenance/inspect.ts'
import { permission } from './fakes.ts'
import { CONTENT, createSigner, signedMessage } from './signers.ts'

const TIME = 1_700_000_000_000
const signer = createSigner(SIGNATURE_TYPE.secp256k1Evm)
const short = `${signer.publisher.slice(0, 6)}…${signer.publisher.slice(-4)}`

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

const evidence = {
  chainId: 31_337,
  contract: `0x${'ab'.repeat(20)}`,
  block: 4_210,
  blockTimestamp: TIME - 60_000,
  transaction: `0x${'12'.repeat(32)}`,
  publisher: signer.publisher,
  grantee: signer.publisher,
  publishExpiration: '99999999999',
}

function parts(change: Partial<InspectionParts> = {}): InspectionParts {
  return {
    store: {
      get: async () => [],
      neighbours: async () => ({
        previous: { ref: { timestamp: TIME - 1_000, sequence: 0 }, stored: true },
        next: null,
      }),
    },
    permissions: { publishPermission: async () => permission('permitted', { evidence }) },
    ...change,
  }
}

const previous = { timestamp: TIME - 1_000, sequence: 0 }
const message = () => signedMessage(signer, { timestamp: TIME, previous })

describe('the inspection of a message', () => {
  it('says in one sentence who signed, by what right, whether the chain is whole, and who holds it', async () => {
    const { sentence } = await inspectMessage(stored(await message()), parts())
    expect(sentence).toBe(
      `Signed by ${short}, who may publish here since block 4,210; follows the message before without a gap; held here; no other node was asked.`,
    )
  })

  it('computes digest and signer again, and gives the evidence beside them', async () => {
    const one = stored(await message())
    const inspection = await inspectMessage(one, parts())
    expect(inspection).toMatchObject({
      streamPart: '0xaa/load#0',
      payloadDigest: Buffer.from(one.digest).toString('hex'),
      rawHex: Buffer.from(one.raw).toString('hex'),
      signature: { type: 'secp256k1-evm', valid: true, signer: signer.publisher },
      permission: { state: 'permitted', isPublic: false, block: 4_210, transaction: evidence.transaction },
      chain: { previous: { id: { ...one.id, ...previous }, stored: true }, next: null },
      contentText: JSON.stringify({ load: 0.42, host: 'a' }, undefined, 2),
      holders: 1,
      holdersAsked: 0,
    })
    expect(inspection.evidence.map(({ topic, standing }) => `${topic} ${standing}`)).toEqual([
      'signature good',
      'permission good',
      'chain good',
      'clock plain',
      'holders plain',
    ])
  })

  it('names the gap, the other content and the number of holders', async () => {
    const one = stored(await message())
    const store: InspectionParts['store'] = {
      get: async () => [one, { ...one, digest: new Uint8Array(32).fill(9), source: 'peer:b' }],
      neighbours: async () => ({
        previous: { ref: previous, stored: false },
        next: { timestamp: TIME + 5, sequence: 1 },
      }),
    }
    const {
      sentence,
      siblings,
      evidence: lines,
      chain,
    } = await inspectMessage(one, parts({ store, knownHolders: () => ({ holding: 2, asked: 4 }) }))
    expect(sentence).toContain(
      'names a message before it that is missing; another content was signed under the same id; held by 3 nodes of 5 asked.',
    )
    expect(siblings).toMatchObject([{ digest: '09'.repeat(32), source: 'peer:b' }])
    expect(lines.filter(({ standing }) => standing === 'bad').map(({ topic }) => topic)).toEqual([
      'chain',
      'equivocation',
    ])
    expect(chain.next).toEqual({ ...one.id, timestamp: TIME + 5, sequence: 1 })
  })

  it('says whose signature a forged message bears', async () => {
    const other = createSigner(SIGNATURE_TYPE.secp256k1Evm)
    const signature = await signedMessage(other, { timestamp: TIME, previous })
    const forged = { ...(await message()), signature: signature.signature }
    const inspection = await inspectMessage(
      stored(forged, { verdict: 'forged', reason: 'signature-invalid' }),
      parts(),
    )
    expect(inspection.sentence).toMatch(/^Not signed by .*, whom it names: the signature is by 0x/)
    expect(inspection.signature.valid).toBe(false)
    expect(inspection.evidence[0]).toMatchObject({ topic: 'signature', standing: 'bad' })
  })

  it.each([
    ['no-publish-permission', 'who had no permission to publish here'],
    ['permission-expired', 'whose permission to publish had expired'],
    ['stream-unknown', 'on a stream that the registry does not have'],
    ['partition-out-of-range', 'on partition 0, which the stream does not have'],
  ] as const)('says what an unauthorised signer lacked: %s', async (reason, words) => {
    const { sentence } = await inspectMessage(
      stored(await message(), { verdict: 'unauthorised', reason }),
      parts(),
    )
    expect(sentence).toContain(`Signed by ${short}, ${words}; `)
  })

  it('says why a message is pending', async () => {
    const contract = createSigner(SIGNATURE_TYPE.erc1271)
    const one = stored(await signedMessage(contract, { timestamp: TIME }), {
      verdict: 'pending',
      reason: 'rpc-unavailable',
    })
    const inspection = await inspectMessage(one, parts())
    expect(inspection.sentence).toContain('not decided yet: the check needs the chain')
    expect(inspection.signature).toMatchObject({ type: 'erc-1271', valid: null })
  })

  it('remarks a clock that is ahead', async () => {
    const inspection = await inspectMessage(
      stored(await message(), { receivedAt: TIME - 3_600_000 }),
      parts(),
    )
    expect(inspection.evidence).toContainEqual({
      topic: 'clock',
      standing: 'bad',
      text: 'Claims a time 3,600 s after it was received: a wrong clock.',
    })
  })

  it('holds content to the schema of its stream, and says what cannot be said', async () => {
    const lineUnder = async (schema: unknown, one = stored) => {
      const inspection = await inspectMessage(one(await message()), parts({ schemaOf: async () => schema }))
      return inspection.evidence.find(({ topic }) => topic === 'content')
    }
    expect(await lineUnder(undefined)).toBeUndefined()
    expect(await lineUnder({ properties: { load: { type: 'number' } } })).toMatchObject({ standing: 'good' })
    expect(await lineUnder({ properties: { load: { type: 'string' } } })).toEqual({
      topic: 'content',
      standing: 'bad',
      text: 'The content is not what the stream’s schema allows: at #/load, by “type”.',
    })
    const open = { standing: 'open', text: expect.stringContaining('cannot be said') }
    expect(await lineUnder({ pattern: '(a+)+$' })).toMatchObject(open)
    expect(await lineUnder('text')).toMatchObject(open)
    const body = { ...CONTENT, encryptionType: 1, groupKeyId: 'key-1' }
    const closed = stored(await signedMessage(signer, { timestamp: TIME, body }), { encrypted: true })
    expect(await lineUnder({ type: 'object' }, () => closed)).toMatchObject(open)
  })

  it('shows encrypted content in hex, with the key it needs', async () => {
    const body = {
      ...CONTENT,
      content: Uint8Array.from([0xde, 0xad]),
      encryptionType: 1,
      groupKeyId: 'key-1',
    }
    const one = stored(await signedMessage(signer, { timestamp: TIME, body }), { encrypted: true })
    expect(await inspectMessage(one, parts())).toMatchObject({
      contentText: 'dead',
      contentKind: 'encrypted',
      groupKeyId: 'key-1',
    })
  })

  it('bounds what it shows of a large message', async () => {
    const body = { ...CONTENT, content: new TextEncoder().encode(JSON.stringify('x'.repeat(200_000))) }
    const one = stored(await signedMessage(signer, { timestamp: TIME, body }))
    const inspection = await inspectMessage(one, parts())
    expect(inspection).toMatchObject({ contentTextTruncated: true, rawTruncated: true })
    expect(inspection.contentText.length).toBe(65_536)
    expect(inspection.rawHex.length).toBe(65_536)
  })
})
