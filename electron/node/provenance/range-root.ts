import type { StreamPartId } from '../../../shared/message.ts'
import type { RangeRoot } from '../../../shared/range-root.ts'
import { MAX_SEQUENCE } from '../message/limits.ts'
import type { MessageStore } from '../ports.ts'
import { DigestTree, leafHash } from './digest-tree.ts'

/**
 * The root over the verified messages that are stored of a range, as an audit of it has.
 * @returns undefined when there are more than `maxLeaves`
 */
export async function rangeRoot(
  store: Pick<MessageStore, 'query'>,
  { part, from, to }: { part: StreamPartId; from: number; to: number },
  maxLeaves: number,
  signal?: AbortSignal,
): Promise<Pick<RangeRoot, 'root' | 'leaves'> | undefined> {
  const tree = new DigestTree()
  const query = {
    part,
    from: { timestamp: from, sequence: 0 },
    to: { timestamp: to, sequence: MAX_SEQUENCE },
    verdicts: ['verified'],
    order: 'ascending',
  } as const
  for await (const page of store.query(query, signal)) {
    for (const { digest } of page) tree.append(leafHash(digest))
    if (tree.leaves > maxLeaves) return undefined
  }
  return { leaves: tree.leaves, root: Buffer.from(tree.root()).toString('hex') }
}
