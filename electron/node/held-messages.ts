import { type MessageId, streamPartId } from '../../shared/message.ts'
import { VERDICTS, type Verdict } from '../../shared/verdict.ts'
import { compareMessageIds } from './message/order.ts'
import type { MessageStore, StoredMessage } from './ports.ts'

/** Verdicts of what is listed where none is asked for: forged messages nobody sent. */
export const LISTED_VERDICTS: readonly Verdict[] = VERDICTS.filter((verdict) => verdict !== 'forged')

/** Messages held back that are listed beside the others with a clock that is off; an audit tells of more. */
const MAX_HELD_LISTED = 1_000

type HeldStore = Pick<MessageStore, 'heldBack'>

export interface HeldQuery {
  part: string
  from?: number | undefined
  to?: number | undefined
  publisher?: string | undefined
  verdicts?: readonly Verdict[] | undefined
}

/** Messages so far ahead of the moment they came that they are held back until their time, ascending. */
export async function listedHeld(
  store: HeldStore,
  { part, from = 0, to = Number.MAX_SAFE_INTEGER, publisher, verdicts = LISTED_VERDICTS }: HeldQuery,
): Promise<StoredMessage[]> {
  const held = (await store.heldBack?.(part, from, to, MAX_HELD_LISTED)) ?? []
  return held.filter(
    ({ id, verdict }) =>
      (publisher === undefined || id.publisher === publisher) && verdicts.includes(verdict),
  )
}

/** What is held back under an id. */
export async function heldUnder(store: HeldStore, id: MessageId): Promise<StoredMessage[]> {
  const part = streamPartId(id.streamId, id.partition)
  const held = (await store.heldBack?.(part, id.timestamp, id.timestamp, MAX_HELD_LISTED)) ?? []
  return held.filter((message) => compareMessageIds(message.id, id) === 0)
}
