/** A generator of the same numbers for the same seed (mulberry32), so that a curve can be drawn again. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Nodes that each dial others at random until they have `enough` connections, as the peer finder does. */
export function randomGraph(nodes: number, enough: number, random: () => number): number[][] {
  const connected = Array.from({ length: nodes }, () => new Set<number>())
  for (const [node, peers] of connected.entries()) {
    while (peers.size < Math.min(enough, nodes - 1)) {
      const other = Math.floor(random() * nodes)
      if (other === node) continue
      peers.add(other)
      connected[other]?.add(node)
    }
  }
  return connected.map((peers) => [...peers])
}

/** Up to `count` of the items, in random order. */
export function sampleOf<T>(items: readonly T[], count: number, random: () => number): T[] {
  const left = [...items]
  const taken: T[] = []
  while (taken.length < count && left.length > 0) {
    taken.push(...left.splice(Math.floor(random() * left.length), 1))
  }
  return taken
}
