import { sampleOf } from './random-graph.ts'

/** How gossipsub is set here: the peers of a mesh, and the time a hop takes on a wide network. */
const MESH = 6
const HOP_MS = { least: 10, most: 150 }

export interface AnnouncementRun {
  /** Copies of the announcement that were sent, by all nodes together. */
  copies: number
  /** Nodes that heard it, the one that made it included. */
  heard: number
  /** Simulated time until the last of them had it, ms. */
  lastMs: number
}

export interface Mesh {
  /** All nodes a node is connected to. */
  readonly connected: readonly (readonly number[])[]
  /** Those of them it passes messages on to. */
  readonly mesh: readonly (readonly number[])[]
}

/** Each node grafts six of its connections; a graft holds both ways. */
export function meshOf(connected: readonly (readonly number[])[], random: () => number): Mesh {
  const mesh = connected.map(() => new Set<number>())
  for (const [node, peers] of connected.entries()) {
    const own = mesh[node]
    if (own === undefined) continue
    for (const peer of sampleOf(peers, Math.max(0, MESH - own.size), random)) {
      own.add(peer)
      mesh[peer]?.add(node)
    }
  }
  return { connected, mesh: mesh.map((peers) => [...peers]) }
}

/**
 * One announcement on simulated time: its maker sends it to everyone it is connected to, everyone who hears it for
 * the first time passes it on to the mesh, but not back.
 */
export function announce({ connected, mesh }: Mesh, maker: number, random: () => number): AnnouncementRun {
  const heard = new Set([maker])
  let copies = 0
  let lastMs = 0
  /** Arrivals by time, in steps of a millisecond: no hop is shorter, so the order within one does not matter. */
  const arrivals: { node: number; from: number }[][] = []
  const send = (from: number, to: readonly number[], at: number): void => {
    for (const node of to) {
      copies += 1
      const when = Math.ceil(at + HOP_MS.least + random() * (HOP_MS.most - HOP_MS.least))
      const there = arrivals[when] ?? []
      arrivals[when] = there
      there.push({ node, from })
    }
  }
  send(maker, connected[maker] ?? [], 0)
  for (let at = 0; at < arrivals.length; at++) {
    for (const { node, from } of arrivals[at] ?? []) {
      if (heard.has(node)) continue
      heard.add(node)
      lastMs = at
      const onward = (mesh[node] ?? []).filter((peer) => peer !== from && peer !== maker)
      send(node, onward, at)
    }
  }
  return { copies, heard: heard.size, lastMs }
}
