import { createMerkleProof, createMPT, type MerklePatriciaTrie } from '@ethereumjs/mpt'
import { encodeRlp, keccak256, toBeHex, zeroPadValue } from 'ethers'
import type { StateAnswer, StateRefusal, StateSource } from '../../../electron/node/ports.ts'
import { publishExpirationSlot, versionSlot } from '../../../electron/node/provenance/state/registry-slots.ts'

/** A right as the registry keeps it. */
export interface KeptRight {
  streamId: string
  version: bigint
  user: string
  expiration: bigint
}

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')
const word = (value: bigint) => zeroPadValue(toBeHex(value), 32)
const numberRlp = (value: bigint) => encodeRlp(value === 0n ? '0x' : toBeHex(value))

/** A chain's state with a registry in it, built by another library's tries, and the header of one block over it. */
export class TestState implements StateSource {
  readonly contract: string
  readonly block: number
  readonly timestamp: number
  refusal: StateRefusal | undefined
  asked: (number | 'latest')[] = []
  readonly #state: MerklePatriciaTrie
  readonly #storage: MerklePatriciaTrie

  private constructor(contract: string, block: number, timestamp: number, tries: MerklePatriciaTrie[]) {
    this.contract = contract
    this.block = block
    this.timestamp = timestamp
    const [state, storage] = tries as [MerklePatriciaTrie, MerklePatriciaTrie]
    this.#state = state
    this.#storage = storage
  }

  static async of(
    rights: readonly KeptRight[],
    { contract = `0x${'ab'.repeat(20)}`, block = 42, timestamp = 1_699_999_995 } = {},
  ): Promise<TestState> {
    const storage = await createMPT({ useKeyHashing: true })
    // Others' slots beside, so that there are branches to walk through.
    for (let n = 1n; n < 200n; n++) await storage.put(bytes(word(n)), bytes(numberRlp(n)))
    for (const { streamId, version, user, expiration } of rights) {
      await storage.put(versionSlot(streamId), bytes(numberRlp(version)))
      if (expiration === 0n) continue
      await storage.put(publishExpirationSlot(streamId, version, user), bytes(numberRlp(expiration)))
    }
    const state = await createMPT({ useKeyHashing: true })
    for (let n = 1n; n < 50n; n++)
      await state.put(
        bytes(zeroPadValue(toBeHex(n), 20)),
        bytes(account(`0x${hex(storage.EMPTY_TRIE_ROOT)}`)),
      )
    await state.put(bytes(contract), bytes(account(`0x${hex(storage.root())}`)))
    return new TestState(contract, block, timestamp, [state, storage])
  }

  get header(): string {
    const zero = `0x${'00'.repeat(32)}`
    const fields = [
      ...[zero, zero, `0x${'00'.repeat(20)}`, `0x${hex(this.#state.root())}`, zero, zero],
      ...[
        `0x${'00'.repeat(256)}`,
        '0x',
        toBeHex(this.block),
        toBeHex(30_000_000n),
        '0x',
        toBeHex(this.timestamp),
      ],
      ...['0x', zero, `0x${'00'.repeat(8)}`, toBeHex(7n)],
    ]
    return encodeRlp(fields).slice(2)
  }

  async stateProof(
    contract: string,
    slots: readonly string[],
    block: number | 'latest',
  ): Promise<StateAnswer | StateRefusal> {
    this.asked.push(block)
    if (this.refusal !== undefined) return this.refusal
    if (block !== 'latest' && block !== this.block) return 'state-gone'
    const prove = async (trie: MerklePatriciaTrie, key: Uint8Array) =>
      (await createMerkleProof(trie, key)).map(hex)
    return {
      blockHash: keccak256(`0x${this.header}`),
      header: this.header,
      account: await prove(this.#state, bytes(contract)),
      slots: await Promise.all(slots.map((slot) => prove(this.#storage, bytes(slot)))),
    }
  }
}

function account(storageRoot: string): string {
  return encodeRlp([toBeHex(1), '0x', storageRoot, `0x${'cc'.repeat(32)}`])
}
