import { hash } from 'node:crypto'

/**
 * A Merkle tree over content digests in the order of the stream, hashed as in RFC 6962 (section 2.1) with SHA-256:
 * a leaf is the hash of 0x00 and the digest, a node the hash of 0x01 and its two children, and the left child of a
 * node over n leaves is over the largest power of two below n of them. The tree over nothing is the hash of nothing.
 */
export const HASH_BYTES = 32
const LEAF = Buffer.from([0])
const NODE = Buffer.from([1])

/** SHA-256 of no bytes: the root of a tree without leaves. */
export const EMPTY_ROOT = sha256(new Uint8Array(0))

/** Depth of a tree over as many leaves as a number can count. */
export const MAX_PATH_LENGTH = 53

export function leafHash(digest: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([LEAF, digest]))
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([NODE, left, right]))
}

function sha256(bytes: Uint8Array): Uint8Array {
  // Through a string: a buffer of its own for every hash costs more than the hash.
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary')
}

/** A perfect subtree that waits for its right neighbour. */
interface Peak {
  height: number
  hash: Uint8Array
  /** Paths of the leaves below that are followed; they grow when peaks merge. */
  paths: Uint8Array[][]
}

/** What a tree is at one moment, to be gone on with later: hashes in hex, highest peak first. */
export interface DigestTreeState {
  leaves: number
  peaks: { height: number; hash: string }[]
}

/** Builds the tree leaf by leaf in memory that grows with the logarithm of their number, and with the paths followed. */
export class DigestTree {
  readonly #peaks: Peak[] = []
  #leaves = 0

  /** Goes on with what another tree had been; paths are not part of it. */
  static resume({ leaves, peaks }: DigestTreeState): DigestTree {
    const tree = new DigestTree()
    tree.#leaves = leaves
    tree.#peaks.push(
      ...peaks.map(({ height, hash: text }) => ({ height, hash: Buffer.from(text, 'hex'), paths: [] })),
    )
    return tree
  }

  get leaves(): number {
    return this.#leaves
  }

  /** Appends a leaf by its hash, see `leafHash`. */
  append(leaf: Uint8Array): void {
    this.#add({ height: 0, hash: leaf, paths: [] })
  }

  /** As `append`, and follows the leaf: the path that is answered is whole once `finish` was called. */
  appendFollowed(leaf: Uint8Array): Uint8Array[] {
    const path: Uint8Array[] = []
    this.#add({ height: 0, hash: leaf, paths: [path] })
    return path
  }

  /** The root over all leaves so far; more may follow. */
  root(): Uint8Array {
    const last = this.#peaks.at(-1)
    if (last === undefined) return EMPTY_ROOT
    let root = last.hash
    for (let at = this.#peaks.length - 2; at >= 0; at--) root = nodeHash(this.#peaks[at]?.hash ?? root, root)
    return root
  }

  /** The root, with the followed paths made whole. Nothing may be appended afterwards. */
  finish(): Uint8Array {
    let right = this.#peaks.pop()
    if (right === undefined) return EMPTY_ROOT
    for (let left = this.#peaks.pop(); left !== undefined; left = this.#peaks.pop())
      right = merge(left, right)
    return right.hash
  }

  state(): DigestTreeState {
    const peaks = this.#peaks.map(({ height, hash: bytes }) => ({
      height,
      hash: Buffer.from(bytes).toString('hex'),
    }))
    return { leaves: this.#leaves, peaks }
  }

  #add(peak: Peak): void {
    let added = peak
    for (let left = this.#peaks.at(-1); left?.height === added.height; left = this.#peaks.at(-1)) {
      this.#peaks.pop()
      added = merge(left, added)
    }
    this.#peaks.push(added)
    this.#leaves += 1
  }
}

function merge(left: Peak, right: Peak): Peak {
  for (const path of left.paths) path.push(right.hash)
  for (const path of right.paths) path.push(left.hash)
  const paths = left.paths.length === 0 ? right.paths : left.paths.concat(right.paths)
  return { height: Math.max(left.height, right.height) + 1, hash: nodeHash(left.hash, right.hash), paths }
}

/**
 * The root that a leaf and its path lead to, as in RFC 9162 (section 2.1.3.2); undefined when the path does not fit
 * a tree of that size.
 */
export function rootOfPath(
  leaf: Uint8Array,
  index: number,
  leaves: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (index < 0 || index >= leaves || path.length > MAX_PATH_LENGTH) return undefined
  let position = index
  let last = leaves - 1
  let root = leaf
  for (const sibling of path) {
    if (last === 0) return undefined
    if (position % 2 === 1 || position === last) {
      root = nodeHash(sibling, root)
      while (position % 2 === 0 && position !== 0) {
        position = Math.floor(position / 2)
        last = Math.floor(last / 2)
      }
    } else {
      root = nodeHash(root, sibling)
    }
    position = Math.floor(position / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? root : undefined
}
