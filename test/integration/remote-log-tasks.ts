import { createHash } from 'node:crypto'
import type { Keeper, RemoteLogMode } from '../../shared/remote-log.ts'

/** Where a node has its data, and which libp2p hosts it knows. */
export interface Place {
  folder: string
  peers: readonly string[]
}

export type Task =
  /** Stores the messages of a file as they would come over the network. */
  | { kind: 'store'; place: Place; messages: string }
  /** Publishes a part and answers when the name leads to as many messages. */
  | {
      kind: 'publish'
      place: Place
      keeper: Keeper
      part: string
      mode: RemoteLogMode
      writeToken: string | null
      count: number
    }
  /** Serves its own keeper over HTTP. */
  | { kind: 'serve'; place: Place }
  /** Starts its libp2p host. */
  | { kind: 'join'; place: Place }
  /** Restores a log into the store, checking every message. */
  | { kind: 'restore'; place: Place; keeper: Keeper; name: string }

export interface Answers {
  store: { verified: number }
  publish: { name: string; messages: number }
  serve: { url: string; writeToken: string | null }
  join: { multiaddrs: readonly string[] }
  restore: { isComplete: boolean; verified: number; findings: string[]; newestFirst: boolean; digest: string }
}

/** Order does not matter to it: what two nodes hold is the same when it is. */
export function digestOf(messages: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const message of [...messages].sort()) hash.update(message)
  return hash.digest('hex')
}
