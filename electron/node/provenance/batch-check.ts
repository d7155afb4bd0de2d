import { randomFillSync } from 'node:crypto'
import { BATCH_CHECK_WASM } from './batch-check.wasm.ts'
import { MAX_CHECKED_TOGETHER } from './verifier-limits.ts'

/** Bytes of a hash, and of r and of s. */
const WORD_BYTES = 32
/** Layout of a record, as assembly/secp256k1/batch.ts has it. */
const RECORD_BYTES = 120
const CHANCE_AT = 96
const CHANCE_BYTES = 18
const PARITY_AT = 114
const KEY_NUMBER_AT = 116
/** Bytes of a key's table: three affine points. */
const TABLE_BYTES = 240

/** A public key made ready for checks; about 250 bytes. */
export type KeyTable = Uint8Array & { readonly __brand: 'key table' }

export interface CheckedSignature {
  /** 32 bytes. */
  hash: Uint8Array
  /** 64 bytes: r and s. */
  signature: Uint8Array
  /** Whether the y of the point that r stands for is odd. */
  isOdd: boolean
  key: KeyTable
}

/** What is used of WebAssembly here; its types come with a browser's, which this side has not. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: unknown }
}

/** What the module exports. */
interface Exports {
  memory: { buffer: ArrayBuffer }
  recordsAt(): number
  keysAt(): number
  tableOfKey(to: number, bytes: number): void
  start(): void
  check(count: number, keys: number): number
}

/**
 * Checks many ECDSA signatures of known secp256k1 keys at once, by one multi-scalar multiplication over random
 * coefficients (assembly/secp256k1/batch.ts). For hundreds of signatures of some dozens of keys it costs about a
 * third of recovering each signer.
 */
export class BatchCheck {
  readonly #module: Exports
  readonly #memory: Buffer
  readonly #recordsAt: number
  readonly #keysAt: number
  readonly #chance = Buffer.alloc(MAX_CHECKED_TOGETHER * CHANCE_BYTES)

  constructor() {
    const compiled = new WebAssembly.Module(Buffer.from(BATCH_CHECK_WASM, 'base64'))
    // It asks for memory when it starts, and stops the thread where it gets none.
    const abort = () => {
      throw new Error('the check of signatures has no memory')
    }
    this.#module = new WebAssembly.Instance(compiled, { env: { abort } }).exports as Exports
    this.#module.start()
    this.#memory = Buffer.from(this.#module.memory.buffer)
    this.#recordsAt = this.#module.recordsAt()
    this.#keysAt = this.#module.keysAt()
  }

  /** @param key 65 bytes, uncompressed; a point of the curve, such as one that was recovered. */
  tableOf(key: Uint8Array): KeyTable {
    this.#memory.set(key.subarray(1), this.#recordsAt)
    this.#module.tableOfKey(this.#keysAt + TABLE_BYTES, this.#recordsAt)
    const table = this.#memory.subarray(this.#keysAt + TABLE_BYTES, this.#keysAt + 2 * TABLE_BYTES)
    return Uint8Array.from(table) as KeyTable
  }

  /**
   * Whether all are signatures of their keys over their hashes. When false, nothing is said of which is not; when
   * true, the chance that one is not is below 2^-125, whatever their makers know, because the coefficients are drawn
   * after the signatures are there.
   * @param signatures 1 to 512 of them
   */
  holdAll(signatures: readonly CheckedSignature[]): boolean {
    if (signatures.length === 0 || signatures.length > MAX_CHECKED_TOGETHER)
      throw new RangeError(`${signatures.length} signatures are none or too many for one check`)
    const numbers = new Map<KeyTable, number>()
    const chance = randomFillSync(this.#chance, 0, signatures.length * CHANCE_BYTES)
    signatures.forEach(({ hash, signature, isOdd, key }, at) => {
      let number = numbers.get(key)
      if (number === undefined) {
        number = numbers.size + 1
        numbers.set(key, number)
        this.#memory.set(key, this.#keysAt + number * TABLE_BYTES)
      }
      const record = this.#recordsAt + at * RECORD_BYTES
      this.#memory.set(hash, record)
      this.#memory.set(signature, record + WORD_BYTES)
      chance.copy(this.#memory, record + CHANCE_AT, at * CHANCE_BYTES, (at + 1) * CHANCE_BYTES)
      this.#memory[record + PARITY_AT] = isOdd ? 1 : 0
      this.#memory.writeUInt32LE(number, record + KEY_NUMBER_AT)
    })
    return this.#module.check(signatures.length, numbers.size) === 1
  }
}
