import { nodeHash } from './digest-tree.ts'

/** A subtree over leaves, with what leads from the chosen ones among them to its root. */
interface Subtree {
  leaves: number
  hash: Uint8Array
  /** Roots of the largest subtrees without a chosen leaf, from left to right; undefined when no leaf is chosen. */
  hashes: Uint8Array[] | undefined
}

/**
 * Builds the tree of `digest-tree.ts` leaf by leaf and keeps what proves that some of the leaves are in it. Memory grows
 * with the chosen leaves, and with the logarithm of all.
 */
export class SelectionTree {
  readonly #peaks: Subtree[] = []
  #leaves = 0

  get leaves(): number {
    return this.#leaves
  }

  /** Appends a leaf by its hash. */
  append(leaf: Uint8Array, isChosen: boolean): void {
    let added: Subtree = { leaves: 1, hash: leaf, hashes: isChosen ? [] : undefined }
    for (let left = this.#peaks.at(-1); left?.leaves === added.leaves; left = this.#peaks.at(-1)) {
      this.#peaks.pop()
      added = joined(left, added)
    }
    this.#peaks.push(added)
    this.#leaves += 1
  }

  /** The root and the hashes that lead there. Nothing may be appended afterwards. @throws RangeError without leaves */
  finish(): { root: Uint8Array; hashes: readonly Uint8Array[] } {
    let right = this.#peaks.pop()
    if (right === undefined) throw new RangeError('The tree has no leaves')
    for (let left = this.#peaks.pop(); left !== undefined; left = this.#peaks.pop())
      right = joined(left, right)
    return { root: right.hash, hashes: right.hashes ?? [right.hash] }
  }
}

function joined(left: Subtree, right: Subtree): Subtree {
  const isChosen = left.hashes !== undefined || right.hashes !== undefined
  return {
    leaves: left.leaves + right.leaves,
    hash: nodeHash(left.hash, right.hash),
    hashes: isChosen ? [...(left.hashes ?? [left.hash]), ...(right.hashes ?? [right.hash])] : undefined,
  }
}

export interface ChosenLeaf {
  index: number
  leaf: Uint8Array
}

/**
 * The root that chosen leaves and the hashes beside them lead to; undefined when they do not fit a tree of that size.
 * @param chosen by ascending index
 */
export function rootOfSelection(
  leaves: number,
  chosen: readonly ChosenLeaf[],
  hashes: readonly Uint8Array[],
): Uint8Array | undefined {
  let nextLeaf = 0
  let nextHash = 0
  const rootOf = (from: number, count: number): Uint8Array | undefined => {
    const first = chosen[nextLeaf]
    if (first === undefined || first.index >= from + count) return hashes[nextHash++]
    if (count === 1) {
      nextLeaf += 1
      return first.index === from ? first.leaf : undefined
    }
    const left = largestPowerBelow(count)
    const leftRoot = rootOf(from, left)
    const rightRoot = rootOf(from + left, count - left)
    return leftRoot && rightRoot && nodeHash(leftRoot, rightRoot)
  }
  if (leaves < 1 || !Number.isSafeInteger(leaves)) return undefined
  const root = rootOf(0, leaves)
  return nextLeaf === chosen.length && nextHash === hashes.length ? root : undefined
}

function largestPowerBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}
