import type { CheckedProof } from '../../../shared/proof.ts'
import { leafHash } from './digest-tree.ts'
import { type ChosenLeaf, rootOfSelection } from './selection-tree.ts'

/** Checks that all messages of a file are leaves of the tree it names; the sentence says what is wrong. */
export function findWrongRange({ range, messages }: CheckedProof): string | undefined {
  if (range === null) {
    const isPlaced = messages.some(({ leaf }) => leaf !== null)
    return isPlaced ? 'A message has a place in a range that the file does not name.' : undefined
  }
  if (range.from > range.to) return 'The range ends before it begins.'
  const chosen: ChosenLeaf[] = []
  for (const { id, digest, leaf } of messages) {
    const isWithin =
      id.streamId === range.streamId &&
      id.partition === range.partition &&
      id.timestamp >= range.from &&
      id.timestamp <= range.to
    if (!isWithin || leaf === null) return 'A message does not lie in the range that the file names.'
    chosen.push({ index: leaf, leaf: leafHash(Buffer.from(digest, 'hex')) })
  }
  const hashes = range.hashes.map((hash) => Buffer.from(hash, 'hex'))
  const root = rootOfSelection(range.leaves, chosen, hashes)
  const agrees = root !== undefined && Buffer.from(root).toString('hex') === range.root
  return agrees ? undefined : 'The messages do not lead to the Merkle root that the file states.'
}
