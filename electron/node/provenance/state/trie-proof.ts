import { keccak256 } from '../keccak256.ts'
import { decodeRlp, type RlpItem, RlpRefused, rlpBytes, rlpList } from './rlp.ts'

/** Nodes on a path: a key has 64 nibbles, and no path is longer. */
export const MAX_PROOF_NODES = 65

/** Children of a branch node; a value follows them. */
const BRANCHES = 16

/** A proof that does not fit its root, or says nothing about its key. */
export class TrieProofRefused extends Error {
  override readonly name = 'TrieProofRefused'
}

/**
 * What a Merkle Patricia trie has at a key (Ethereum's yellow paper, appendix D), by the nodes on the way from its root.
 * @param root hash of the root node
 * @param key hashed before it is walked, as in Ethereum's secure tries
 * @param nodes from the root on, each once; all of them have to be needed
 * @returns the value, or undefined when the proof shows that there is none
 * @throws {TrieProofRefused}
 */
export function valueInTrie(
  root: Uint8Array,
  key: Uint8Array,
  nodes: readonly Uint8Array[],
): Uint8Array | undefined {
  if (nodes.length > MAX_PROOF_NODES) throw new TrieProofRefused('The proof has too many nodes')
  try {
    const walk = new Walk(nodes)
    const value = walk.find(root, nibblesOf(keccak256(key)))
    if (!walk.isDone) throw new TrieProofRefused('The proof has nodes that are not on the way')
    return value
  } catch (error) {
    if (error instanceof RlpRefused)
      throw new TrieProofRefused(`A node of the proof is none: ${error.message}`)
    throw error
  }
}

class Walk {
  readonly #nodes: readonly Uint8Array[]
  #next = 0

  constructor(nodes: readonly Uint8Array[]) {
    this.#nodes = nodes
  }

  get isDone(): boolean {
    return this.#next === this.#nodes.length
  }

  find(root: Uint8Array, path: readonly number[]): Uint8Array | undefined {
    let node = this.#take(root)
    let left = path
    for (;;) {
      if (node.length === BRANCHES + 1) {
        const [branch, ...rest] = left
        if (branch === undefined) return absentIfEmpty(rlpBytes(node[BRANCHES]))
        const child = node[branch]
        if (child instanceof Uint8Array && child.length === 0) return undefined
        node = this.#follow(child)
        left = rest
      } else if (node.length === 2) {
        const { isLeaf, nibbles } = readPath(rlpBytes(node[0]))
        const fits = nibbles.every((nibble, at) => left[at] === nibble)
        if (isLeaf) return fits && nibbles.length === left.length ? rlpBytes(node[1]) : undefined
        if (!fits) return undefined
        node = this.#follow(node[1])
        left = left.slice(nibbles.length)
      } else {
        throw new TrieProofRefused('A node of the proof is none')
      }
    }
  }

  /** A node of fewer than 32 bytes stands in its parent; another is named by its hash. */
  #follow(child: RlpItem | undefined): RlpItem[] {
    return Array.isArray(child) ? child : this.#take(rlpBytes(child))
  }

  #take(hash: Uint8Array): RlpItem[] {
    const bytes = this.#nodes[this.#next]
    if (bytes === undefined) throw new TrieProofRefused('The proof ends before its key')
    this.#next += 1
    if (Buffer.compare(keccak256(bytes), hash) !== 0)
      throw new TrieProofRefused('The proof does not lead to its root')
    return rlpList(decodeRlp(bytes))
  }
}

function absentIfEmpty(value: Uint8Array): Uint8Array | undefined {
  return value.length === 0 ? undefined : value
}

function nibblesOf(bytes: Uint8Array): number[] {
  return [...bytes].flatMap((byte) => [byte >> 4, byte & 15])
}

/** The path of a leaf or an extension: its first nibble says which it is, and whether the number of nibbles is odd. */
function readPath(bytes: Uint8Array): { isLeaf: boolean; nibbles: number[] } {
  const [flags = 16, ...nibbles] = nibblesOf(bytes)
  const isOdd = flags % 2 === 1
  if (flags > 3 || (!isOdd && nibbles[0] !== 0)) throw new TrieProofRefused('A path of the proof is none')
  return { isLeaf: flags >= 2, nibbles: isOdd ? nibbles : nibbles.slice(1) }
}
