import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { getBytes, verifyMessage } from 'ethers'
import { PeerFault } from '../peer-fault.ts'
import { readFields, type Schema } from '../wire/field-reader.ts'
import { writeFields } from '../wire/field-writer.ts'

/** Largest encoded statement in bytes: an RSA key and signature of 4,096 bits fit. */
export const MAX_VOUCH_BYTES = 2_048

const SCHEMA = {
  /** The libp2p public key in libp2p's protobuf. */
  publicKey: { field: 1, kind: 'bytes', max: 1_024 },
  /** Lower-case 0x hex. */
  address: { field: 2, kind: 'text', max: 42 },
  /** The address's signature of the statement, by Ethereum's personal message scheme (EIP-191). */
  addressSignature: { field: 3, kind: 'bytes', max: 65 },
  /** The libp2p key's signature of the same statement. */
  peerSignature: { field: 4, kind: 'bytes', max: 512 },
} as const satisfies Schema

/** The node's Streamr identity, as far as vouching needs it. */
export interface StreamrIdentity {
  /** Lower-case 0x hex. */
  readonly address: string
  /** EIP-191 signature of a text, 0x hex. */
  signMessage(text: string): Promise<string>
}

/** A libp2p peer and a Streamr address that vouched for each other. */
export interface VouchedPeer {
  readonly peerId: string
  readonly address: string
}

/** What both keys sign. Ends where it ends: nothing of it is chosen by anybody else. */
function statementText(peerId: PeerId, address: string): string {
  return `Tidemark node\nlibp2p peer: ${peerId.toString()}\nStreamr address: ${address}\n`
}

/** The statement that a node's libp2p key and its Streamr address belong together, signed by both. */
export async function makeVouch(privateKey: PrivateKey, identity: StreamrIdentity): Promise<Uint8Array> {
  const address = identity.address.toLowerCase()
  const text = statementText(peerIdFromPublicKey(privateKey.publicKey), address)
  return writeFields(SCHEMA, {
    publicKey: publicKeyToProtobuf(privateKey.publicKey),
    address,
    addressSignature: getBytes(await identity.signMessage(text)),
    peerSignature: await privateKey.sign(Buffer.from(text)),
  })
}

/**
 * Checks a statement that came from `from`. It says nothing of when it was made and needs not: it is worth
 * something only to who can open a connection as that peer.
 * @throws {PeerFault} `vouch-invalid`, `malformed` or `too-large`
 */
export async function checkVouch(bytes: Uint8Array, from: PeerId): Promise<VouchedPeer> {
  const { publicKey, address, addressSignature, peerSignature } = readFields(bytes, SCHEMA)
  if (!/^0x[0-9a-f]{40}$/.test(address))
    throw new PeerFault('vouch-invalid', 'The peer names no Streamr address.')
  const text = statementText(from, address)
  const isSigned = await guard(async () => {
    const key = publicKeyFromProtobuf(publicKey)
    if (!peerIdFromPublicKey(key).equals(from)) return false
    return await key.verify(Buffer.from(text), peerSignature)
  })
  if (!isSigned) throw new PeerFault('vouch-invalid', 'The peer’s own key did not sign its statement.')
  const signer = await guard(async () =>
    verifyMessage(text, `0x${Buffer.from(addressSignature).toString('hex')}`),
  )
  if (signer.toLowerCase() !== address) {
    throw new PeerFault('vouch-invalid', 'The Streamr address did not sign the peer’s statement.')
  }
  return { peerId: from.toString(), address }
}

async function guard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new PeerFault('vouch-invalid', 'The peer’s statement holds no key or signature.', { cause: error })
  }
}
