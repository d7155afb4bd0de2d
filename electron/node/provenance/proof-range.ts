import { TidemarkError } from '../../../shared/errors.ts'
import { parseStreamPartId, type StreamPartId } from '../../../shared/message.ts'
import { MAX_PROOF_MESSAGES, type ProofRange } from '../../../shared/proof.ts'
import { MAX_SEQUENCE } from '../message/limits.ts'
import type { MessageStore, StoredMessage } from '../ports.ts'
import { leafHash } from './digest-tree.ts'
import { SelectionTree } from './selection-tree.ts'
import { MAX_RANGE_LEAVES } from './verifier-limits.ts'

/** Verified messages of one range in their order, with their places in its tree. */
export interface ChosenRange {
  messages: StoredMessage[]
  range: { tree: ProofRange; places: number[] }
}

export interface RangeChoice {
  part: StreamPartId
  /** First and last moment of the range, ms, both included. */
  from: number
  to: number
  isChosen(message: StoredMessage): boolean
}

/**
 * Reads a range of verified messages and keeps the chosen ones, with what proves that they are in it.
 * @throws TidemarkError `invalid-input` when none is chosen, too many are, or the range has too many messages
 */
export async function chooseFromRange(
  store: Pick<MessageStore, 'query'>,
  { part, from, to, isChosen }: RangeChoice,
  signal?: AbortSignal,
): Promise<ChosenRange> {
  const tree = new SelectionTree()
  const messages: StoredMessage[] = []
  const places: number[] = []
  const query = {
    part,
    from: { timestamp: from, sequence: 0 },
    to: { timestamp: to, sequence: MAX_SEQUENCE },
    verdicts: ['verified'],
    order: 'ascending',
  } as const
  for await (const page of store.query(query, signal)) {
    for (const message of page) {
      const chosen = isChosen(message)
      if (chosen) {
        messages.push(message)
        places.push(tree.leaves)
      }
      tree.append(leafHash(message.digest), chosen)
    }
    if (messages.length > MAX_PROOF_MESSAGES) throw tooMany(MAX_PROOF_MESSAGES, 'A proof holds')
    if (tree.leaves > MAX_RANGE_LEAVES) throw tooMany(MAX_RANGE_LEAVES, 'The range of a proof has')
  }
  if (messages.length === 0) {
    throw new TidemarkError(
      'invalid-input',
      'No verified message is chosen.',
      'Choose a range or messages whose verdict is verified; for others an audit’s report is the evidence.',
    )
  }
  const { root, hashes } = tree.finish()
  const { streamId, partition } = parseStreamPartId(part)
  return {
    messages,
    range: {
      tree: { streamId, partition, from, to, leaves: tree.leaves, root: hex(root), hashes: hashes.map(hex) },
      places,
    },
  }
}

function tooMany(most: number, what: string): TidemarkError {
  return new TidemarkError(
    'invalid-input',
    `${what} at most ${most.toLocaleString('en')} messages.`,
    'Choose a shorter range, or one publisher.',
  )
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
