import { secp256k1 } from '@noble/curves/secp256k1.js'

const COMPACT_BYTES = 64

/** What the verifier uses of the `secp256k1` add-on, in a browser. */
function ecdsaRecover(
  signature: Uint8Array,
  recovery: number,
  hash: Uint8Array,
  compressed: boolean,
  output: Uint8Array,
): Uint8Array {
  if (signature.length !== COMPACT_BYTES || recovery < 0 || recovery > 3) throw new Error('Not a signature')
  const parsed = secp256k1.Signature.fromBytes(Uint8Array.from(signature), 'compact').addRecoveryBit(recovery)
  output.set(parsed.recoverPublicKey(Uint8Array.from(hash)).toBytes(compressed))
  return output
}

export default { ecdsaRecover }
