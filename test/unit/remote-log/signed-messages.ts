import { createHash } from 'node:crypto'
import secp256k1 from 'secp256k1'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { signaturePayload } from '../../../electron/node/message/signature-payload.ts'
import type { DecodedMessage } from '../../../electron/node/message/stream-message.ts'
import { ethereumMessageHash, keccak256 } from '../../../electron/node/provenance/keccak256.ts'
import { streamPartId } from '../../../shared/message.ts'

/** Signs messages of one stream as Streamr's SDK does, fast: native secp256k1. */
export interface TestPublisher {
  streamId: string
  address: string
  part: string
  /** The message of second `at`, counted from 2026-01-01; the same for the same `at`. */
  sign(at: number): { timestamp: number; raw: Uint8Array }
}

const FIRST_TIMESTAMP = Date.UTC(2026, 0, 1)

/**
 * @param claims what its messages say of themselves where that is not what they are: another's stream, or another's
 * address over a signature of its own.
 */
export function createTestPublisher(
  seed = 'publisher',
  claims: { streamId?: string; address?: string } = {},
): TestPublisher {
  const privateKey = createHash('sha256').update(seed).digest()
  const publicKey = secp256k1.publicKeyCreate(privateKey, false)
  const own = `0x${Buffer.from(keccak256(publicKey.subarray(1)).subarray(12)).toString('hex')}`
  const { address = own, streamId = `${address}/telemetry` } = claims
  return {
    streamId,
    address,
    part: streamPartId(streamId, 0),
    sign(at) {
      const timestamp = FIRST_TIMESTAMP + at * 1_000
      const unsigned: DecodedMessage = {
        id: { streamId, partition: 0, timestamp, sequence: 0, publisher: address, chain: 'test-chain' },
        publisherId: Buffer.from(address.slice(2), 'hex'),
        previous: at === 0 ? undefined : { timestamp: timestamp - 1_000, sequence: 0 },
        signature: new Uint8Array(0),
        signatureType: 1,
        body: {
          kind: 'content',
          content: Buffer.from(
            JSON.stringify({ at, cpu: { load: (at % 100) / 100 }, state: at % 10 === 0 ? 'busy' : 'ok' }),
          ),
          contentType: 0,
          encryptionType: 0,
          groupKeyId: undefined,
          newGroupKey: undefined,
        },
      }
      const { signature, recid } = secp256k1.ecdsaSign(
        ethereumMessageHash(signaturePayload(unsigned)),
        privateKey,
      )
      return {
        timestamp,
        raw: encodeStreamMessage({
          ...unsigned,
          signature: Buffer.concat([signature, Buffer.of(27 + recid)]),
        }),
      }
    },
  }
}
