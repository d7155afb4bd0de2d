/** Times as the node writes them in its sentences: to the millisecond, in UTC. */
const WRITTEN_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g

/** A sentence in pieces: text, and the times in it as ms since the epoch. What only looks like a time stays text. */
export function splitTimes(sentence: string): (string | number)[] {
  const pieces: (string | number)[] = []
  let from = 0
  for (const { 0: written, index } of sentence.matchAll(WRITTEN_TIME)) {
    const at = Date.parse(written)
    if (Number.isNaN(at)) continue
    if (index > from) pieces.push(sentence.slice(from, index))
    pieces.push(at)
    from = index + written.length
  }
  if (from < sentence.length) pieces.push(sentence.slice(from))
  return pieces
}
