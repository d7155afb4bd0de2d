/**
 * First wait in epochs. An answer takes at least the epoch in which it is written, and storing what was sent takes
 * its time, so that an earlier repetition would nearly always be in vain.
 */
const FIRST_WAIT = 4
/** The wait is doubled this many times, up to 1,024 epochs, before it begins anew. */
const DOUBLINGS = 8

/**
 * Epochs to wait after a record was sent for the `sendCount`th time. 2/MVDS: increased exponentially up to a bound,
 * then from the beginning, so that send epochs do not grow without end.
 */
export function waitAfterSend(sendCount: number): number {
  return FIRST_WAIT * 2 ** ((sendCount - 1) % (DOUBLINGS + 1))
}
