import { keccak_256 } from '@noble/hashes/sha3.js'

/** What the verifier uses of `hash-wasm`, without WebAssembly, which the page's policy does not let run. */
export async function createKeccak(_bits: 256) {
  let hasher = keccak_256.create()
  return {
    init() {
      hasher = keccak_256.create()
    },
    update(bytes: Uint8Array) {
      hasher.update(bytes)
    },
    digest: (_form: 'binary'): Uint8Array => Buffer.from(hasher.digest()),
  }
}
