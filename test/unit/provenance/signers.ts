import { SigningUtil } from '@streamr/utils'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { type EncodableMessage, encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { signaturePayload } from '../../../electron/node/message/signature-payload.ts'
import {
  type ContentBody,
  type DecodedMessage,
  SIGNATURE_TYPE,
} from '../../../electron/node/message/stream-message.ts'

const KEY_TYPE_OF_SIGNATURE_TYPE = {
  [SIGNATURE_TYPE.secp256k1Legacy]: 'ECDSA_SECP256K1_EVM',
  [SIGNATURE_TYPE.secp256k1Evm]: 'ECDSA_SECP256K1_EVM',
  [SIGNATURE_TYPE.erc1271]: 'ECDSA_SECP256K1_EVM',
  [SIGNATURE_TYPE.mlDsa87]: 'ML_DSA_87',
  [SIGNATURE_TYPE.secp256r1]: 'ECDSA_SECP256R1',
} as const
export type KnownSignatureType = keyof typeof KEY_TYPE_OF_SIGNATURE_TYPE

export interface Signer {
  publisher: string
  signatureType: KnownSignatureType
  sign(payload: Uint8Array): Promise<Uint8Array>
  /** The SDK's own answer to whether a signature is good. */
  sdkAccepts(payload: Uint8Array, signature: Uint8Array): Promise<boolean>
}

/** A publisher with a fresh key, signing with Streamr's own library. */
export function createSigner(signatureType: KnownSignatureType): Signer {
  const util = SigningUtil.getInstance(KEY_TYPE_OF_SIGNATURE_TYPE[signatureType])
  const { publicKey, privateKey } = util.generateKeyPair()
  return {
    publisher: `0x${Buffer.from(publicKey).toString('hex')}`,
    signatureType,
    sign: (payload) => util.createSignature(payload, privateKey),
    sdkAccepts: (payload, signature) =>
      util.verifySignature(publicKey, payload, signature).catch(() => false),
  }
}

export const CONTENT: ContentBody = {
  kind: 'content',
  content: new TextEncoder().encode('{"load":0.42,"host":"a"}'),
  contentType: 0,
  encryptionType: 0,
  groupKeyId: undefined,
  newGroupKey: undefined,
}

/** A decoded message, signed by `signer`. */
export async function signedMessage(
  signer: Signer,
  change: Partial<EncodableMessage> & { timestamp?: number; streamId?: string; partition?: number } = {},
): Promise<DecodedMessage> {
  const { timestamp = 1_700_000_000_000, streamId = '0xaa/load', partition = 0, ...rest } = change
  const unsigned: EncodableMessage = {
    id: { streamId, partition, timestamp, sequence: 0, publisher: signer.publisher, chain: 'chain' },
    previous: undefined,
    signature: new Uint8Array(0),
    signatureType: signer.signatureType,
    body: CONTENT,
    ...rest,
  }
  const payload = signaturePayload(decodeStreamMessage(encodeStreamMessage(unsigned)))
  return decodeStreamMessage(encodeStreamMessage({ ...unsigned, signature: await signer.sign(payload) }))
}
