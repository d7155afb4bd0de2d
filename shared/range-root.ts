/**
 * The Merkle root over the verified messages of a range, as one node computed it from its own data. Nodes sign it with
 * their Streamr key, so that a report can show strangers who holds the same.
 */
export interface RangeRoot {
  /** `streamId#partition` */
  part: string
  /** First and last moment, ms, both included. */
  from: number
  to: number
  /** Verified messages of the range. */
  leaves: number
  /** Lower-case hex. */
  root: string
}

/** What a node signs (EIP-191), as UTF-8. */
export function rangeRootStatement({ part, from, to, leaves, root }: RangeRoot): string {
  return JSON.stringify({ kind: 'tidemark-range-root', version: 1, part, from, to, leaves, root })
}
