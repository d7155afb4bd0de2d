import { keccak_256 } from '@noble/hashes/sha3.js'
import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { EcdsaSecp256k1Evm } from '@streamr/utils'
import fc from 'fast-check'
import secp256k1 from 'secp256k1'
import { describe, expect, it } from 'vitest'
import { signaturePayload } from '../../../electron/node/message/signature-payload.ts'
import { type DecodedMessage, SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import { ethereumMessageHash, keccak256 } from '../../../electron/node/provenance/keccak256.ts'
import { MlDsa87Verifier } from '../../../electron/node/provenance/ml-dsa-signature.ts'
import { recoverSigner } from '../../../electron/node/provenance/secp256k1-signature.ts'
import { SignatureVerifier } from '../../../electron/node/provenance/signature.ts'
import { CONTENT, createSigner, type KnownSignatureType, signedMessage } from './signers.ts'

const verifier = new SignatureVerifier()
const outcomeOf = (message: DecodedMessage) => verifier.check(message, signaturePayload(message))

const LOCALLY_DECIDED: [string, KnownSignatureType][] = [
  ['secp256k1 EVM', SIGNATURE_TYPE.secp256k1Evm],
  ['secp256k1 legacy', SIGNATURE_TYPE.secp256k1Legacy],
  ['secp256r1', SIGNATURE_TYPE.secp256r1],
  ['ML-DSA-87', SIGNATURE_TYPE.mlDsa87],
]

const PLAIN_AND_ENCRYPTED = [
  CONTENT,
  {
    ...CONTENT,
    content: Uint8Array.from([0, 255, 7]),
    encryptionType: 1,
    groupKeyId: 'key-1',
    newGroupKey: { id: 'key-2', data: Uint8Array.from([1, 2, 3]) },
  },
]

describe.each(LOCALLY_DECIDED)('a %s signature made by Streamr’s library', (_, signatureType) => {
  const signer = createSigner(signatureType)

  it('is good, for plain and for encrypted content', async () => {
    for (const body of PLAIN_AND_ENCRYPTED) {
      expect(outcomeOf(await signedMessage(signer, { body }))).toBe('valid')
    }
  })

  it('is bad for another publisher', async () => {
    const message = await signedMessage(signer)
    const other = await signedMessage(createSigner(signatureType))
    expect(outcomeOf({ ...message, signature: other.signature })).toBe('signature-invalid')
  })

  it('is judged as Streamr’s library judges it, whichever byte of signature or payload is changed', async () => {
    const message = await signedMessage(signer)
    const payload = signaturePayload(message)
    const changed = (bytes: Uint8Array, at: number, by: number) =>
      Uint8Array.from(bytes, (byte, i) => (i === at % bytes.length ? byte ^ by : byte))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(10_000),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, by, inPayload) => {
          const signature = inPayload ? message.signature : changed(message.signature, at, by)
          const signed = inPayload ? changed(payload, at, by) : payload
          expect(verifier.check({ ...message, signature }, signed)).toBe('signature-invalid')
          expect(await signer.sdkAccepts(signed, signature)).toBe(false)
        },
      ),
      { numRuns: signatureType === SIGNATURE_TYPE.mlDsa87 ? 20 : 200 },
    )
  })

  it('is bad when it is empty, cut or too long', async () => {
    const message = await signedMessage(signer)
    const { signature } = message
    for (const wrong of [
      new Uint8Array(0),
      signature.subarray(1),
      signature.subarray(0, -1),
      Buffer.concat([signature, signature]),
    ]) {
      expect(outcomeOf({ ...message, signature: wrong })).toBe('signature-invalid')
    }
  })

  it('is bad under a publisher id that is no key', async () => {
    const message = await signedMessage(signer)
    for (const length of [1, 20, 32, 33, 65, 2_592]) {
      const publisherId = new Uint8Array(length).fill(9)
      const publisher = `0x${Buffer.from(publisherId).toString('hex')}`
      expect(outcomeOf({ ...message, publisherId, id: { ...message.id, publisher } })).toBe(
        'signature-invalid',
      )
    }
  })
})

describe('secp256k1 signatures', () => {
  const signer = createSigner(SIGNATURE_TYPE.secp256k1Evm)

  it('are refused in their high-s form, with that reason', async () => {
    const message = await signedMessage(signer)
    const twin = Uint8Array.from(message.signature)
    twin.set(secp256k1.privateKeyNegate(Uint8Array.from(message.signature.subarray(32, 64))), 32)
    twin[64] = 27 + 28 - (message.signature[64] ?? 0)
    expect(await signer.sdkAccepts(signaturePayload(message), twin)).toBe(true)
    expect(outcomeOf({ ...message, signature: twin })).toBe('signature-high-s')
  })

  it('are refused with the other recovery number, which would pass a check against the known key', async () => {
    const message = await signedMessage(signer)
    expect(outcomeOf(message)).toBe('valid')
    const changed = Uint8Array.from(message.signature)
    changed[64] = 27 + 28 - (message.signature[64] ?? 0)
    const key = secp256k1.ecdsaRecover(
      message.signature.subarray(0, 64),
      (message.signature[64] ?? 0) - 27,
      ethereumMessageHash(signaturePayload(message)),
    )
    const hash = ethereumMessageHash(signaturePayload(message))
    expect(secp256k1.ecdsaVerify(changed.subarray(0, 64), hash, key)).toBe(true)
    expect(outcomeOf({ ...message, signature: changed })).toBe('signature-invalid')
    expect(await signer.sdkAccepts(signaturePayload(message), changed)).toBe(false)
  })

  it('name their signer', async () => {
    const message = await signedMessage(signer)
    expect(recoverSigner(signaturePayload(message), message.signature)).toBe(signer.publisher)
    expect(recoverSigner(signaturePayload(message), new Uint8Array(65))).toBeUndefined()
  })

  it('of the legacy type are refused over content that text cannot carry', async () => {
    const legacy = createSigner(SIGNATURE_TYPE.secp256k1Legacy)
    const content = new TextEncoder().encode('"\ufffd"')
    const message = await signedMessage(legacy, { body: { ...CONTENT, content } })
    expect(outcomeOf(message)).toBe('valid')
    const swapped = { ...message, body: { ...CONTENT, content: Uint8Array.from([0x22, 0xff, 0x22]) } }
    expect(Buffer.from(signaturePayload(swapped)).equals(signaturePayload(message))).toBe(true)
    expect(outcomeOf(swapped)).toBe('signature-invalid')
  })
})

describe('signatures that are not decided here', () => {
  it('of ERC-1271 are for the contract to decide', async () => {
    const message = await signedMessage(createSigner(SIGNATURE_TYPE.erc1271))
    const payload = signaturePayload(message)
    expect(verifier.check(message, payload)).toBe('ask-contract')
  })

  it('of ERC-1271 are bad when the publisher is no address', async () => {
    const message = await signedMessage(createSigner(SIGNATURE_TYPE.secp256r1))
    expect(outcomeOf({ ...message, signatureType: SIGNATURE_TYPE.erc1271 })).toBe('signature-invalid')
  })

  it('of a later version are called unsupported', async () => {
    const message = await signedMessage(createSigner(SIGNATURE_TYPE.secp256k1Evm))
    expect(outcomeOf({ ...message, signatureType: 77 })).toBe('signature-type-unsupported')
  })
})

describe('the primitives', () => {
  it('hash as independent implementations do', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(Buffer.from(keccak256(bytes)).equals(keccak_256(bytes))).toBe(true)
        expect(
          Buffer.from(ethereumMessageHash(bytes)).equals(new EcdsaSecp256k1Evm().keccakHash(bytes)),
        ).toBe(true)
      }),
    )
    const long = new Uint8Array(5_000)
    expect(Buffer.from(ethereumMessageHash(long)).equals(new EcdsaSecp256k1Evm().keccakHash(long))).toBe(true)
  })

  it('of ML-DSA-87 agree between the runtime and the portable library', () => {
    const { publicKey, secretKey } = ml_dsa87.keygen(new Uint8Array(32).fill(5))
    const payload = Buffer.from('payload')
    const signature = ml_dsa87.sign(payload, secretKey)
    for (const native of [true, false]) {
      const check = new MlDsa87Verifier(native)
      expect(check.verify('0x05', publicKey, payload, signature)).toBe(true)
      expect(check.verify('0x05', publicKey, Buffer.from('other'), signature)).toBe(false)
      expect(check.verify('0x05', publicKey, payload, new Uint8Array(signature.length))).toBe(false)
    }
  })
})
