import { CELLS_PER_FRAME, LIST_BITS, MAX_LISTED_IDS } from '../limits.ts'
import { PeerFault, type PeerFaultCode } from '../peer-fault.ts'
import { cellsSizeBytes } from '../riblt/cells.ts'
import { cellsNeeded } from '../riblt/difference-estimate.ts'
import { encodeGolombSet, MAX_GOLOMB_BITS, scaledIds } from '../riblt/golomb-set.ts'
import type { ShortIds } from '../riblt/short-ids.ts'
import type { NamedIds } from './asked-messages.ts'
import type { DecodeStep, PickedMessages } from './digest-set.ts'
import type { OpenDigestSet } from './digest-sets.ts'
import { MARGIN_DEVIATIONS } from './first-sketch.ts'
import type { FrameChannel } from './frame-channel.ts'
import { type NextStep, planNextStep } from './sketch-plan.ts'

/** Names that pass for another message of the peer too, one in so many: fewer bits cost more in what is resent. */
const NAME_SPARSITY = 256

/** A sketch of so many times the cells that a difference needs always decodes; one that did not was none. */
const UNDECODABLE_FACTOR = 3

/** What two sets do not share, as the asker goes on with it. */
export interface FoundDifference {
  /** What the peer has and this node lacks. */
  readonly named: NamedIds
  /** The fields of the asker's next frame that name it. */
  readonly naming: { count: number; bits: number; names: Uint8Array; positions: Uint8Array }
  /** What this node has and the peer lacks. */
  readonly surplus: PickedMessages
}

export interface FindDifferenceOptions {
  channel: FrameChannel
  /** This node's messages of the buckets that both hold. */
  set: OpenDigestSet
  /** How many messages the peer has in them. */
  remoteSize: number
  /** What the peer said it sends first: so many cells, or its list. */
  first: { cells: number; isListed: boolean }
  /** Called for each further request. */
  onRound: () => void
  /** Called when the sketch was bad and the list has to do. */
  onSuspicion: (code: PeerFaultCode) => void
}

/**
 * Receives the peer's sketch, asks for more of it or for the list, until the difference is known.
 * @returns `undefined` when the sets differ too much for one session: the range has to be split.
 * @throws {PeerFault}
 */
export async function findDifference(options: FindDifferenceOptions): Promise<FoundDifference | undefined> {
  const { channel, set, remoteSize, first, onRound, onSuspicion } = options
  if (first.isListed) return await receiveList(channel, set)
  if (first.cells === 0) throw new PeerFault('malformed', 'The peer sends neither cells nor a list.')
  let cells = 0
  let total = first.cells
  let isSketchGood = true
  for (let attempts = 0; ; attempts++) {
    const step = await receiveCells(options, cells, total)
    cells = total
    if (step?.kind === 'decoded') return fromSketch(step.lacking, step.surplus, remoteSize)
    if (step === undefined) isSketchGood = false
    const next: NextStep =
      step === undefined ? { kind: 'list' } : planNextStep(cells, step.estimate, remoteSize, attempts)
    if (next.kind === 'split' || (next.kind === 'list' && remoteSize > MAX_LISTED_IDS)) return undefined
    onRound()
    if (next.kind === 'list') break
    total = next.total
    await channel.send({ kind: 'more', total })
  }
  await channel.send({ kind: 'listRequest' })
  const found = await receiveList(channel, set)
  if (!isSketchGood) onSuspicion('sketch-invalid')
  else if (cells > UNDECODABLE_FACTOR * cellsNeeded(differenceOf(found), 0, MARGIN_DEVIATIONS))
    onSuspicion('sketch-undecodable')
  return found
}

/** How many messages only one side has. */
export function differenceOf({ named, surplus }: FoundDifference): number {
  return named.numbers.length + surplus.rows.length
}

/**
 * Receives the cells `from <= cell < to` in the portions in which they are due and decodes as they come.
 * @returns `undefined` when the cells are not those of any set.
 */
async function receiveCells(
  { channel, set, remoteSize }: FindDifferenceOptions,
  from: number,
  to: number,
): Promise<DecodeStep | undefined> {
  let step: DecodeStep | undefined = { kind: 'undecoded', estimate: undefined }
  for (let cells = from; cells < to; ) {
    const end = Math.min(to, cells + CELLS_PER_FRAME)
    const frame = await channel.expect('cells')
    if (frame.cells.length !== cellsSizeBytes(cells, end)) {
      throw new PeerFault('malformed', 'The peer sent another number of cells than was due.')
    }
    // What comes after the last cell that was needed is read and left.
    if (step?.kind === 'undecoded') step = await addCells(set, frame.cells, end, remoteSize)
    cells = end
  }
  return step
}

async function addCells(
  set: OpenDigestSet,
  cells: Uint8Array,
  total: number,
  remoteSize: number,
): Promise<DecodeStep | undefined> {
  try {
    return await set.addCells(cells, total, remoteSize)
  } catch (error) {
    if (error instanceof PeerFault && error.code === 'sketch-invalid') return undefined
    throw error
  }
}

async function receiveList(channel: FrameChannel, set: OpenDigestSet): Promise<FoundDifference> {
  const { count, bits, bytes } = await channel.expect('list')
  if (bits !== LIST_BITS) throw new PeerFault('malformed', `A list has ${LIST_BITS} bits of rest.`)
  const { positions, numbers, surplus } = await set.matchList({ count, bits, bytes })
  return {
    named: { numbers, count, bits },
    naming: { count: 0, bits: 0, names: new Uint8Array(0), positions },
    surplus,
  }
}

function fromSketch(lacking: ShortIds, surplus: PickedMessages, remoteSize: number): FoundDifference {
  const count = lacking.low.length
  const sparsity = Math.ceil(Math.log2((NAME_SPARSITY * Math.max(remoteSize, 1)) / Math.max(count, 1)))
  const bits = Math.min(Math.max(sparsity, 1), MAX_GOLOMB_BITS)
  return {
    named: { numbers: scaledIds(lacking, count, bits).sort(), count, bits },
    naming: { count, bits, names: encodeGolombSet(lacking, bits).bytes, positions: new Uint8Array(0) },
    surplus,
  }
}
