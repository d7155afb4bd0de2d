import { createHash } from 'node:crypto'
import { Wallet } from 'ethers'
import secp256k1 from 'secp256k1'
import { contentDigest } from '../../../electron/node/message/content-digest.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { SIGNATURE_TYPE } from '../../../electron/node/message/stream-message.ts'
import type { StoredMessage } from '../../../electron/node/ports.ts'
import { ethereumMessageHash } from '../../../electron/node/provenance/keccak256.ts'
import { makeProof } from '../../../electron/node/provenance/proof.ts'
import { verifyProofFile } from '../../../electron/node/provenance/verify-proof.ts'
import { type Proof, proofStatement } from '../../../shared/proof.ts'
import { permission } from '../../unit/provenance/fakes.ts'
import { createSigner, type KnownSignatureType, signedMessage } from '../../unit/provenance/signers.ts'
import type { FuzzTarget } from '../fuzz-target.ts'
import { mutate } from '../mutate.ts'
import type { Random } from '../random.ts'

const TIME = 1_700_000_000_000
const REGISTRY = `0x${'ab'.repeat(20)}`

const KEY = Buffer.alloc(32, 0x42)
const wallet = new Wallet(`0x${KEY.toString('hex')}`)

const proofs = [
  await proofOf(SIGNATURE_TYPE.secp256k1Evm),
  await proofOf(SIGNATURE_TYPE.secp256k1Evm, SIGNATURE_TYPE.secp256r1),
  await proofOf(SIGNATURE_TYPE.secp256k1Legacy),
]
const signed = new Set(
  proofs.flatMap((text) => (JSON.parse(text) as Proof).messages.map(({ digest }) => digest)),
)

/** The proof checker: never throws, and calls good only what bears messages that were really signed. */
export const proofTarget: FuzzTarget = {
  name: 'proof',
  // Signatures are made and recovered for each.
  cost: 5,

  generate(random) {
    const text = random.pick(proofs)
    if (random.chance(10)) return random.bytes(random.length(2_000))
    return random.chance(2) ? mutate(random, Buffer.from(text)) : Buffer.from(rewrite(random, text))
  },

  check(input) {
    const verdict = verifyProofFile(input)
    if (!verdict.sentence.endsWith('.')) throw new Error('The verdict is no sentence')
    if (verdict.outcome !== 'good') return
    for (const { digest, signature, id } of verdict.proof.messages) {
      if (!signed.has(digest)) throw new Error('A message that nobody signed was proven')
      if (signature.signer !== id.publisher)
        throw new Error('A message was proven for another than its signer')
    }
  },
}

async function proofOf(...signatureTypes: KnownSignatureType[]): Promise<string> {
  const messages = await Promise.all(
    signatureTypes.map(async (signatureType, n): Promise<StoredMessage> => {
      const previous = { timestamp: TIME - 1_000, sequence: 0 }
      const message = await signedMessage(createSigner(signatureType), { timestamp: TIME + n, previous })
      return {
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
    }),
  )
  return makeProof(messages, {
    store: { get: async () => [], neighbours: async () => ({ previous: null, next: null }) },
    permissions: {
      publishPermission: async (_, publisher) =>
        permission('permitted', {
          evidence: {
            chainId: 1,
            contract: REGISTRY,
            block: 1,
            blockTimestamp: TIME,
            transaction: `0x${'12'.repeat(32)}`,
            publisher,
            grantee: publisher,
            publishExpiration: '9999999999',
          },
        }),
    },
    network: {
      chainId: 1,
      contracts: { streamRegistry: REGISTRY, streamStorageRegistry: REGISTRY, storageNodeRegistry: REGISTRY },
    },
    clock: { now: () => TIME },
    madeBy: wallet.address,
    sign: async (text) => (await wallet.signMessage(text)).slice(2),
  })
}

/** As the wallet signs, by the library of the ingest path, which takes a fraction of the time. */
function signText(text: string): string {
  const { signature, recid } = secp256k1.ecdsaSign(ethereumMessageHash(Buffer.from(text)), KEY)
  return Buffer.concat([signature, Uint8Array.of(27 + recid)]).toString('hex')
}

/** Changes values and keys of the JSON, and mends the file's own digest and signature, as a maker who lies would. */
function rewrite(random: Random, text: string): string {
  const proof = JSON.parse(text) as Record<string, unknown>
  for (let left = 1 + random.below(3); left > 0; left--) changeSomewhere(random, proof)
  if (random.chance(4)) return JSON.stringify(proof)
  const { bodyDigest: _, signature: __, ...body } = proof
  const bodyDigest = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  return JSON.stringify({ ...body, bodyDigest, signature: signText(proofStatement(bodyDigest)) })
}

function changeSomewhere(random: Random, node: Record<string, unknown>): void {
  const key = random.pick(Object.keys(node))
  const child = key === undefined ? undefined : node[key]
  if (key === undefined) return
  if (typeof child === 'object' && child !== null && !random.chance(6)) {
    changeSomewhere(random, child as Record<string, unknown>)
    return
  }
  switch (random.below(4)) {
    case 0:
      node[key] = random.pick([null, 0, 1, -1, 1e308, '', 'x', [], {}, true, 2 ** 53, '0x'])
      break
    case 1:
      delete node[key]
      break
    case 2:
      node[random.text(10)] = child
      break
    default:
      if (typeof child === 'number') node[key] = child + random.pick([-1, 1, 0.5, 1_000])
      else if (typeof child === 'string')
        node[key] = Buffer.from(mutate(random, Buffer.from(child))).toString('latin1')
  }
}
