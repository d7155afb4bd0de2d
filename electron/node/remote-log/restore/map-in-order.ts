/**
 * Starts `work` for up to `limit` items at a time and hands results out in the order of the items, each as soon as
 * it is there. The next item is asked for while results are waited for, so a slow source and slow work overlap.
 */
export async function* mapInOrder<Item, Result>(
  items: AsyncIterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const iterator = items[Symbol.asyncIterator]()
  const started: Promise<Result>[] = []
  let pull: Promise<IteratorResult<Item>> | null = null
  let isDone = false
  try {
    while (true) {
      if (!isDone && pull === null && started.length < limit) pull = iterator.next()
      const [first] = started
      if (first === undefined && pull === null) return
      const isPulled = await whicheverIsFirst(pull, first)
      if (isPulled && pull !== null) {
        const next: IteratorResult<Item> = await pull
        pull = null
        if (next.done === true) isDone = true
        else started.push(quiet(work(next.value)))
      } else {
        started.shift()
        if (first !== undefined) yield await first
      }
    }
  } finally {
    // A consumer that stops early leaves nothing running that could fail unseen.
    await Promise.allSettled([...started, pull])
    await iterator.return?.()
  }
}

/** True when the pull has settled, false when the first result has. */
async function whicheverIsFirst(
  pull: Promise<unknown> | null,
  first: Promise<unknown> | undefined,
): Promise<boolean> {
  const settled = (promise: Promise<unknown>, value: boolean) =>
    promise.then(
      () => value,
      () => value,
    )
  if (pull === null) return false
  if (first === undefined) return true
  return Promise.race([settled(first, false), settled(pull, true)])
}

/** A rejection is handled when its turn comes; until then it is not an unhandled one. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
